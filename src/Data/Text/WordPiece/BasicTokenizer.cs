using System.Globalization;
using System.Text;

namespace Colony.Data;

/// <summary>
/// Cuts a text into words as BERT does before word pieces (google-research/bert, BasicTokenizer): control characters
/// go, ideographs and punctuation stand alone, and for an uncased BERT letters become small and lose their accents. A
/// Greek sigma becomes the same small letter at a word's end as elsewhere.
/// </summary>
internal static class BasicTokenizer
{
    private const int DottedI = 0x130;

    public static List<string> Words(ReadOnlySpan<char> text, WordPieceRules rules)
    {
        var words = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in text.EnumerateRunes())
        {
            if (IsSpace(rune))
            {
                Flush(word, words);
            }
            else if (IsDropped(rune, rules.KeepUnassigned))
            {
                continue;
            }
            else if (rules.SplitChinese && IsChinese(rune.Value))
            {
                Flush(word, words);
                Add(rune, rules, word, words);
                Flush(word, words);
            }
            else
            {
                Add(rune, rules, word, words);
            }
        }

        Flush(word, words);
        return words;
    }

    private static void Add(Rune rune, WordPieceRules rules, StringBuilder word, List<string> words)
    {
        if (!rules.LowerCase)
        {
            Append(rune, word, words);
            return;
        }

        // The dot that the capital carries would be a mark of its own, which goes with the accents.
        var small = rune.Value == DottedI ? new Rune('i') : Rune.ToLowerInvariant(rune);
        var bare = new StringBuilder();
        Accents.AppendWithout(bare, small);
        foreach (var piece in bare.ToString().EnumerateRunes())
        {
            Append(piece, word, words);
        }
    }

    private static void Append(Rune rune, StringBuilder word, List<string> words)
    {
        if (!IsPunctuation(rune))
        {
            word.Append(rune.ToString());
            return;
        }

        Flush(word, words);
        words.Add(rune.ToString());
    }

    private static void Flush(StringBuilder word, List<string> words)
    {
        if (word.Length > 0)
        {
            words.Add(word.ToString());
            word.Clear();
        }
    }

    private static bool IsSpace(Rune rune) => rune.Value is '\t' or '\n' or '\r'
        || Rune.GetUnicodeCategory(rune) is UnicodeCategory.SpaceSeparator or UnicodeCategory.LineSeparator
            or UnicodeCategory.ParagraphSeparator;

    // A broken surrogate is read as the replacement character.
    private static bool IsDropped(Rune rune, bool keepUnassigned) => rune == Rune.ReplacementChar
        || Rune.GetUnicodeCategory(rune) switch
        {
            UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate => true,
            UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned => !keepUnassigned,
            _ => false,
        };

    // All ASCII that is neither letter nor digit counts, also what Unicode calls symbols.
    private static bool IsPunctuation(Rune rune) => rune.IsAscii
        ? rune.Value > ' ' && !Rune.IsLetterOrDigit(rune)
        : Rune.GetUnicodeCategory(rune) is UnicodeCategory.ConnectorPunctuation or UnicodeCategory.DashPunctuation
            or UnicodeCategory.OpenPunctuation or UnicodeCategory.ClosePunctuation
            or UnicodeCategory.InitialQuotePunctuation or UnicodeCategory.FinalQuotePunctuation
            or UnicodeCategory.OtherPunctuation;

    // The blocks that BERT calls Chinese: unified and compatibility ideographs, neither kana nor Hangul.
    private static bool IsChinese(int c) => c is (>= 0x4E00 and <= 0x9FFF) or (>= 0x3400 and <= 0x4DBF)
        or (>= 0x20000 and <= 0x2A6DF) or (>= 0x2A700 and <= 0x2B73F) or (>= 0x2B740 and <= 0x2B81F)
        or (>= 0x2B820 and <= 0x2CEAF) or (>= 0xF900 and <= 0xFAFF) or (>= 0x2F800 and <= 0x2FA1F);
}

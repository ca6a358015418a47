using System.Globalization;
using System.Text;

namespace Colony.Data;

/// <summary>
/// Cuts text into tokens: lower case (invariant); a token is a run of letters and digits, or any other single
/// character that is not white space. Simpler than NLTK's tokenizer of the published works, so ids and results
/// differ from theirs.
/// </summary>
public static class Tokenizer
{
    /// <summary>The tokens of a text, in order; none for an empty one.</summary>
    /// <param name="text">Any text.</param>
    public static IReadOnlyList<string> Tokenize(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var tokens = new List<string>();
        var word = new StringBuilder();
        foreach (var rune in text.ToLowerInvariant().EnumerateRunes())
        {
            if (Rune.IsLetterOrDigit(rune) || (word.Length > 0 && IsMark(rune)))
            {
                word.Append(rune.ToString());
                continue;
            }

            Flush(word, tokens);
            if (!Rune.IsWhiteSpace(rune))
            {
                tokens.Add(rune.ToString());
            }
        }

        Flush(word, tokens);
        return tokens;
    }

    /// <summary>An accent written as a character of its own belongs to the letter in front of it.</summary>
    private static bool IsMark(Rune rune)
        => Rune.GetUnicodeCategory(rune) is UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;

    private static void Flush(StringBuilder word, List<string> tokens)
    {
        if (word.Length > 0)
        {
            tokens.Add(word.ToString());
            word.Clear();
        }
    }
}

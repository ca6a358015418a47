using System.Globalization;
using System.Text;

namespace Colony.Data;

/// <summary>
/// Takes accents off: canonical decomposition, then no nonspacing marks. The table lies beside this file, because a
/// program with invariant globalization takes every text for normalized already.
/// </summary>
internal static class Accents
{
    private const int FirstSyllable = 0xAC00;
    private const int LastSyllable = 0xD7A3;
    private const int FirstLead = 0x1100;
    private const int FirstVowel = 0x1161;
    private const int BeforeFirstTail = 0x11A7;
    private const int Vowels = 21;
    private const int Tails = 28;

    private static readonly Dictionary<int, string> Table = Read();

    /// <summary>Appends what is left of a character; nothing for a mark.</summary>
    public static void AppendWithout(StringBuilder text, Rune rune)
    {
        if (Table.TryGetValue(rune.Value, out var rest))
        {
            text.Append(rest);
        }
        else if (rune.Value is >= FirstSyllable and <= LastSyllable)
        {
            var (index, tail) = Math.DivRem(rune.Value - FirstSyllable, Tails);
            text.Append((char)(FirstLead + (index / Vowels))).Append((char)(FirstVowel + (index % Vowels)));
            if (tail > 0)
            {
                text.Append((char)(BeforeFirstTail + tail));
            }
        }
        else if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark)
        {
            text.Append(rune.ToString());
        }
    }

    private static Dictionary<int, string> Read()
    {
        using var stream = typeof(Accents).Assembly.GetManifestResourceStream("accents.txt")
            ?? throw new InvalidOperationException("The table of accents is not in the assembly.");
        using var reader = new StreamReader(stream);
        var table = new Dictionary<int, string>();
        reader.ReadLine();
        while (reader.ReadLine() is { } line)
        {
            foreach (var entry in line.Split(' '))
            {
                var at = entry.IndexOf('=', StringComparison.Ordinal);
                table.Add(
                    int.Parse(entry.AsSpan(0, at), NumberStyles.HexNumber, CultureInfo.InvariantCulture),
                    string.Concat(entry[(at + 1)..].Split('+', StringSplitOptions.RemoveEmptyEntries)
                        .Select(hex => char.ConvertFromUtf32(Convert.ToInt32(hex, 16)))));
            }
        }

        return table;
    }
}

using System.Globalization;
using System.Text;

namespace Colony.Jobs;

/// <summary>How written things appear inside messages: quoted, short, and without control characters.</summary>
internal static class Show
{
    private const int MaximumLength = 60;

    public static string Word(string text)
    {
        var shown = new StringBuilder("'");
        foreach (var c in text.AsSpan(0, Math.Min(text.Length, MaximumLength)))
        {
            shown.Append(char.IsControl(c) || char.IsSurrogate(c) ? '\uFFFD' : c);
        }

        return shown.Append(text.Length > MaximumLength ? "…'" : "'").ToString();
    }

    public static string Words(IEnumerable<string> words) => string.Join(", ", words);

    public static string Number(object number) => Convert.ToString(number, CultureInfo.InvariantCulture) ?? "";
}

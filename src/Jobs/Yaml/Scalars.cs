using System.Globalization;
using System.Text;

namespace Colony.Jobs;

/// <summary>
/// What plain YAML words mean in a job file, and how values are written so that they read back the same.
/// </summary>
internal static class Scalars
{
    public static bool IsNullWord(string text) => text is "" or "~" or "null" or "Null" or "NULL";

    public static bool TryInteger(string text, out Int128 value) =>
        Int128.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    public static bool TryNumber(string text, out double value) =>
        double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out value)
        && double.IsFinite(value) && !text.Any(char.IsWhiteSpace);

    /// <summary>
    /// Text as it stands in canonical YAML: bare when it is a harmless word, else in double quotes. The set of harmless
    /// words is small on purpose: nothing that any YAML reader takes for a number, a truth value, a date or a null.
    /// </summary>
    public static string Write(string text) => IsHarmlessWord(text) ? text : Quote(text);

    public static string Write(double value) => value.ToString("R", CultureInfo.InvariantCulture);

    public static string Write(float value) => value.ToString("R", CultureInfo.InvariantCulture);

    private static bool IsHarmlessWord(string text)
    {
        if (text.Length == 0 || !(char.IsAsciiLetter(text[0]) || text[0] is '/' or '_'))
        {
            return false;
        }

        if (!text.All(c => char.IsAsciiLetterOrDigit(c) || c is '_' or '-' or '.' or '/'))
        {
            return false;
        }

        return !IsNullWord(text)
            && text.ToLowerInvariant() is not (
                "true" or "false" or "yes" or "no" or "on" or "off" or "y" or "n" or "nan" or "inf" or "infinity")
            && !TryNumber(text, out _);
    }

    private static string Quote(string text)
    {
        var quoted = new StringBuilder("\"", text.Length + 2);
        foreach (var rune in text.EnumerateRunes())
        {
            _ = rune.Value switch
            {
                '"' => quoted.Append("\\\""),
                '\\' => quoted.Append("\\\\"),
                '\n' => quoted.Append("\\n"),
                '\t' => quoted.Append("\\t"),
                '\r' => quoted.Append("\\r"),
                >= ' ' and <= '~' => quoted.Append((char)rune.Value),
                _ => quoted.Append("\\U").Append(rune.Value.ToString("x8", CultureInfo.InvariantCulture)),
            };
        }

        return quoted.Append('"').ToString();
    }
}

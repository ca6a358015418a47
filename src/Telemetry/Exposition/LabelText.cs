using System.Globalization;
using System.Text;

namespace Colony.Telemetry;

/// <summary>
/// Writes tags as the inside of a label set, <c>phase="load",worker="0"</c>: sorted by name, so that the same tags in
/// another order are the same series; values escaped and bounded.
/// </summary>
internal static class LabelText
{
    /// <summary>Longest value shown, in characters; what is longer is cut.</summary>
    public const int MaxValueLength = 128;

    public static string Write(ReadOnlySpan<KeyValuePair<string, object?>> tags)
    {
        switch (tags.Length)
        {
            case 0:
                return "";
            case 1:
                return Append(new StringBuilder(), tags[0]).ToString();
            default:
                var sorted = tags.ToArray();
                Array.Sort(sorted, (a, b) => string.CompareOrdinal(a.Key, b.Key));
                return Write(sorted);
        }
    }

    /// <summary>Whether one of the labels of a set is this one. Quotes within values are escaped, so that no value can
    /// look like a label.</summary>
    public static bool Has(string labels, string label)
    {
        for (var at = labels.IndexOf(label, StringComparison.Ordinal); at >= 0;
            at = labels.IndexOf(label, at + 1, StringComparison.Ordinal))
        {
            var end = at + label.Length;
            if ((at == 0 || labels[at - 1] == ',') && (end == labels.Length || labels[end] == ','))
            {
                return true;
            }
        }

        return false;
    }

    public static StringBuilder AppendEscaped(StringBuilder text, ReadOnlySpan<char> value, bool quotes)
    {
        foreach (var c in value)
        {
            _ = c switch
            {
                '\\' => text.Append(@"\\"),
                '\n' => text.Append(@"\n"),
                '"' when quotes => text.Append("\\\""),
                _ => text.Append(c),
            };
        }

        return text;
    }

    private static string Write(KeyValuePair<string, object?>[] sorted)
    {
        var text = new StringBuilder();
        for (var i = 0; i < sorted.Length; i++)
        {
            // A name that is there twice would make the whole page unreadable; the last one counts, as in a dictionary.
            if (i + 1 == sorted.Length || sorted[i].Key != sorted[i + 1].Key)
            {
                Append(text.Append(text.Length > 0 ? "," : ""), sorted[i]);
            }
        }

        return text.ToString();
    }

    private static StringBuilder Append(StringBuilder text, KeyValuePair<string, object?> tag)
    {
        AppendName(text, tag.Key).Append("=\"");
        var value = tag.Value switch
        {
            null => "",
            bool flag => flag ? "true" : "false",
            IFormattable number => number.ToString(null, CultureInfo.InvariantCulture),
            var other => other.ToString() ?? "",
        };
        return AppendEscaped(text, WholeCharacters(value), quotes: true).Append('"');
    }

    /// <summary>Cuts without leaving half of a surrogate pair, which could not be written as UTF-8.</summary>
    private static ReadOnlySpan<char> WholeCharacters(string value)
    {
        var length = Math.Min(value.Length, MaxValueLength);
        return value.AsSpan(0, length > 0 && char.IsHighSurrogate(value[length - 1]) ? length - 1 : length);
    }

    private static StringBuilder AppendName(StringBuilder text, string name)
    {
        // "le" belongs to histograms and "__" to Prometheus.
        if (name is "" or "le" || char.IsAsciiDigit(name[0]) || name.StartsWith("__", StringComparison.Ordinal))
        {
            text.Append("tag_");
        }

        foreach (var c in name)
        {
            text.Append(char.IsAsciiLetterOrDigit(c) || c == '_' ? c : '_');
        }

        return text;
    }
}

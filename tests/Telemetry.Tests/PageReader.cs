using System.Globalization;
using System.Text;

namespace Colony.Telemetry.Tests;

/// <summary>Reads a line of one label back, by the format's own rules.</summary>
internal static class PageReader
{
    public static (string Label, double Value) Line(string line)
    {
        var i = line.IndexOf("=\"", StringComparison.Ordinal) + 2;
        var label = new StringBuilder();
        for (; line[i] != '"'; i++)
        {
            if (line[i] != '\\')
            {
                label.Append(line[i]);
                continue;
            }

            i++;
            label.Append(line[i] switch
            {
                'n' => '\n',
                '"' => '"',
                '\\' => '\\',
                var c => throw new FormatException($"\\{c} is no escape"),
            });
        }

        var text = line[(i + 3)..];
        return (label.ToString(), text switch
        {
            "+Inf" => double.PositiveInfinity,
            "-Inf" => double.NegativeInfinity,
            _ => double.Parse(text, CultureInfo.InvariantCulture),
        });
    }
}

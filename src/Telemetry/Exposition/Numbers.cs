using System.Globalization;

namespace Colony.Telemetry;

/// <summary>Numbers as the text format writes them: the shortest text that reads back as the same double.</summary>
internal static class Numbers
{
    public static string Write(double value) => value switch
    {
        double.PositiveInfinity => "+Inf",
        double.NegativeInfinity => "-Inf",
        double.NaN => "NaN",
        _ => value.ToString("R", CultureInfo.InvariantCulture),
    };
}

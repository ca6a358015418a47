using System.Diagnostics.Metrics;

namespace Colony.Telemetry;

/// <summary>
/// The rule that instrument names follow (see <see cref="Meters"/>), as a function, so that tests hold it.
/// </summary>
public static class InstrumentNames
{
    private const string TotalSuffix = "_total";

    // Suffixes that the text format itself gives to a histogram's series.
    private static readonly string[] Reserved = ["_bucket", "_count", "_sum"];

    /// <summary>What is wrong with an instrument's name, or null.</summary>
    public static string? Problem(Instrument instrument)
    {
        ArgumentNullException.ThrowIfNull(instrument);
        var name = instrument.Name;
        if (!IsName(name))
        {
            return $"the name '{name}' is not snake_case";
        }

        if (KindOf(instrument) is not { } kind)
        {
            return $"'{name}' is no kind of instrument that can be shown";
        }

        if (Reserved.Any(suffix => name.EndsWith(suffix, StringComparison.Ordinal)))
        {
            return $"the name '{name}' ends like a histogram's series";
        }

        var total = name.EndsWith(TotalSuffix, StringComparison.Ordinal);
        return total == (kind == FamilyKind.Counter)
            ? null
            : $"'{name}' is a {kind.ToString().ToLowerInvariant()}: counters end with {TotalSuffix}, and nothing "
              + "else does";
    }

    internal static FamilyKind? KindOf(Instrument instrument)
    {
        var type = instrument.GetType();
        var definition = type.IsGenericType ? type.GetGenericTypeDefinition() : null;
        return definition switch
        {
            _ when definition == typeof(Counter<>) || definition == typeof(ObservableCounter<>) => FamilyKind.Counter,
            _ when definition == typeof(UpDownCounter<>) || definition == typeof(ObservableUpDownCounter<>)
                || definition == typeof(Gauge<>) || definition == typeof(ObservableGauge<>) => FamilyKind.Gauge,
            _ when definition == typeof(Histogram<>) => FamilyKind.Histogram,
            _ => null,
        };
    }

    /// <summary>Lower-case letters, digits and single underscores, a letter first.</summary>
    private static bool IsName(string name) =>
        name.Length > 0 && char.IsAsciiLetterLower(name[0]) && name[^1] != '_'
        && name.All(c => char.IsAsciiLetterLower(c) || char.IsAsciiDigit(c) || c == '_')
        && !name.Contains("__", StringComparison.Ordinal);
}

/// <summary>How a family is shown.</summary>
internal enum FamilyKind
{
    Counter,
    Gauge,
    Histogram,
}

using System.Globalization;

namespace Colony.Evaluator;

/// <summary>
/// An axis from <paramref name="From"/> to <paramref name="To"/> with a tick every <paramref name="Step"/>.
/// </summary>
internal sealed record AxisScale(double From, double To, double Step)
{
    private const int MaximumTicks = 50;

    /// <summary>Whether From, To and Step are exponents of ten.</summary>
    private bool IsLogarithmic { get; init; }

    public IEnumerable<double> Ticks
    {
        get
        {
            for (var i = 0; i < MaximumTicks && From + (i * Step) <= To + (Step / 2); i++)
            {
                var tick = From + (i * Step);
                yield return IsLogarithmic ? Math.Pow(10, tick) : tick;
            }
        }
    }

    /// <summary>A logarithmic scale that holds all values above 0, with a tick at each power of ten.</summary>
    public static AxisScale PowersOfTen(IEnumerable<double> values)
    {
        var logarithms = values.Where(v => v > 0 && double.IsFinite(v)).Select(Math.Log10).DefaultIfEmpty(0).ToList();
        var from = Math.Floor(logarithms.Min());
        return new AxisScale(from, Math.Max(Math.Ceiling(logarithms.Max()), from + 1), 1) { IsLogarithmic = true };
    }

    /// <summary>
    /// A scale that holds all finite values, with about <paramref name="ticks"/> ticks on round numbers.
    /// </summary>
    public static AxisScale Over(IEnumerable<double> values, int ticks)
    {
        var (low, high) = (double.PositiveInfinity, double.NegativeInfinity);
        foreach (var value in values.Where(double.IsFinite))
        {
            (low, high) = (Math.Min(low, value), Math.Max(high, value));
        }

        if (low > high)
        {
            (low, high) = (0, 1);
        }

        // A flat line gets room above and below, by its own size.
        if (high - low <= 1e-12 * Math.Max(Math.Abs(low), Math.Abs(high)) || high == low)
        {
            var room = low == 0 ? 1 : Math.Abs(low) / 2;
            (low, high) = (low - room, high + room);
        }

        var step = RoundStep((high - low) / ticks);
        return new AxisScale(Math.Floor(low / step) * step, Math.Ceiling(high / step) * step, step);
    }

    /// <summary>Where a value lies: 0 at the start, 1 at the end; not finite where the scale has no place for it.
    /// </summary>
    public double Share(double value) => ((IsLogarithmic ? Math.Log10(value) : value) - From) / (To - From);

    public string Label(double tick)
    {
        if (IsLogarithmic)
        {
            return tick is >= 1e7 or < 1e-5
                ? tick.ToString("0e+0", CultureInfo.InvariantCulture)
                : tick.ToString("#,0.#####", CultureInfo.InvariantCulture);
        }

        // What is left of 0 after adding steps is no tick of its own.
        var value = Math.Abs(tick) < Step / 1e6 ? 0 : tick;
        var digits = Math.Clamp((int)Math.Ceiling(-Math.Log10(Step)), 0, 12);
        return Math.Abs(value) is >= 1e7 or (> 0 and < 1e-5)
            ? value.ToString("0.##e+0", CultureInfo.InvariantCulture)
            : value.ToString("N" + digits, CultureInfo.InvariantCulture);
    }

    /// <summary>The nearest of 1, 2, 5 times a power of ten that is not smaller.</summary>
    private static double RoundStep(double rough)
    {
        var power = Math.Pow(10, Math.Floor(Math.Log10(rough)));
        var lead = rough / power;
        return power * (lead <= 1 ? 1 : lead <= 2 ? 2 : lead <= 5 ? 5 : 10);
    }
}

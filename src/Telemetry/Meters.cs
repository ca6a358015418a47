using System.Diagnostics.Metrics;

namespace Colony.Telemetry;

/// <summary>
/// The conventions for instruments. Names are Prometheus names as they stand: snake_case, <c>colony_</c> in front, the
/// base unit at the end (<c>_seconds</c>, <c>_bytes</c>, <c>_ratio</c>), <c>_total</c> on counters and on nothing
/// else. Labels are few and bounded: a worker, a phase, a reason; never a step, an epoch, a path or a hash. A series
/// that an alert watches is made at the start by adding 0, so that its first event is a change.
/// </summary>
public static class Meters
{
    /// <summary>What every meter's name begins with; the exposition listens to these.</summary>
    public const string Prefix = "Colony.";

    /// <summary>The meter of a room: <c>Colony.Worker</c>. Its owner disposes it.</summary>
    public static Meter Create(string room)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(room);
        return new Meter(Prefix + room, BuildInfo.Version);
    }
}

/// <summary>
/// Bucket edges for histograms, one set a kind of duration, each with an edge at the objective it is judged by. Give
/// them to an instrument as its advice: <c>new InstrumentAdvice&lt;double&gt; { HistogramBucketBoundaries = ... }</c>.
/// </summary>
public static class HistogramBuckets
{
    /// <summary>Steps and their phases, and calls, in seconds.</summary>
    public static IReadOnlyList<double> Step { get; } = [.005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10, 30];

    /// <summary>Checkpoints and index builds, in seconds.</summary>
    public static IReadOnlyList<double> Checkpoint { get; } = [.1, .5, 1, 2.5, 5, 10, 30, 60, 120, 300];

    /// <summary>From a loss to the next committed step, in seconds; the objective is 2.</summary>
    public static IReadOnlyList<double> Recovery { get; } = [.25, .5, 1, 2, 5, 10, 30, 60, 120, 300];

    /// <summary>Sizes, in bytes: 1 KiB to 1 GiB.</summary>
    public static IReadOnlyList<double> Bytes { get; } =
        [1 << 10, 1 << 12, 1 << 14, 1 << 16, 1 << 18, 1 << 20, 1 << 22, 1 << 24, 1 << 26, 1 << 28, 1 << 30];

    /// <summary>The edges for an instrument without advice, by the unit at the end of its name.</summary>
    public static IReadOnlyList<double> For(string instrument)
    {
        ArgumentNullException.ThrowIfNull(instrument);
        bool Has(string text) => instrument.Contains(text, StringComparison.Ordinal);
        return Has("_bytes") ? Bytes
            : Has("recovery") ? Recovery
            : Has("checkpoint") || Has("build") ? Checkpoint
            : Step;
    }
}

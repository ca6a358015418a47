using Colony.Actors.Simulation;

namespace Colony.Simulation;

/// <summary>What a campaign runs.</summary>
public sealed record CampaignOptions
{
    /// <summary>The most seeds of one campaign.</summary>
    public const long MaxSeeds = 100_000_000;

    /// <summary>The most workers of one world.</summary>
    public const int MaxWorkers = 20_000;

    /// <summary>The first seed.</summary>
    public ulong FirstSeed { get; init; }

    /// <summary>How many seeds, one schedule each.</summary>
    public required long Seeds { get; init; }

    /// <summary>The most workers: seed 0 takes all of them, any other draws how many.</summary>
    public int Workers { get; init; } = 6;

    /// <summary>What goes wrong.</summary>
    public FaultSet Faults { get; init; } = FaultSet.Default;

    /// <summary>A deliberate mistake.</summary>
    public Flaw Flaw { get; init; }

    /// <summary>How many schedules run side by side; each is single-threaded.</summary>
    public int Threads { get; init; } = Environment.ProcessorCount;

    /// <summary>The campaign stops after so many violations.</summary>
    public int StopAfterViolations { get; init; } = 10;

    /// <summary>How many of the failing schedules are cut down to find the shortest.</summary>
    public int ViolationsToCut { get; init; } = 3;

    /// <summary>Gets everything that happens, on the thread that runs the schedule: for a campaign of one
    /// seed.</summary>
    public Action<TraceEntry>? OnTraced { get; init; }

    /// <summary>
    /// A real clock and the word that memory is to be measured: for a person who asks what a size costs; null in tests.
    /// </summary>
    public TimeProvider? MeasureWith { get; init; }
}

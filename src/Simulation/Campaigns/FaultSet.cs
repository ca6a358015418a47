using Colony.Actors.Simulation;

namespace Colony.Simulation;

/// <summary>What goes wrong in a campaign: what is drawn for nodes and links, and how the network behaves.</summary>
/// <param name="Name">For people.</param>
/// <param name="Faults">From what a seed draws its schedule.</param>
/// <param name="Network">Delays, hiccups, and what becomes of datagrams.</param>
/// <param name="Schedule">A fixed schedule instead; null draws one a seed.</param>
public sealed record FaultSet(
    string Name, FaultProfile Faults, NetworkProfile Network, IReadOnlyList<Fault>? Schedule = null)
{
    private static readonly TimeSpan s_stopAt = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan s_meanInterval = TimeSpan.FromSeconds(0.8);
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(3);

    private static readonly (FaultKind, double)[] s_kinds =
    [
        (FaultKind.Hang, 2), (FaultKind.Slow, 1), (FaultKind.ClockDrift, 1), (FaultKind.Partition, 2),
        (FaultKind.PartitionOneWay, 1), (FaultKind.BreakSessions, 2), (FaultKind.HalfOpen, 1), (FaultKind.Throttle, 1),
        (FaultKind.Crash, 4), (FaultKind.PowerLoss, 1), (FaultKind.DiskFull, 1),
    ];

    private static readonly NetworkProfile s_bad = new() { DatagramLoss = 0.02, DatagramDuplication = 0.1 };

    /// <summary>Whether no worker is asked to leave in a run.</summary>
    public bool NobodyLeaves { get; init; }

    /// <summary>Nothing goes wrong; messages take their time.</summary>
    public static FaultSet None { get; } = new("none", FaultProfile.None, new NetworkProfile());

    /// <summary>Every kind, on workers, links and the coordinator; all of it stops after 15 s of virtual
    /// time.</summary>
    public static FaultSet Default { get; } = new("default", Profile(static (_, _) => true), s_bad);

    /// <summary>As <see cref="Default"/>, but the coordinator's process and disk stay whole.</summary>
    public static FaultSet Workers { get; } = new(
        "workers",
        Profile(static (kind, node) => node != ColonyWorld.CoordinatorName
            || kind is not (FaultKind.Crash or FaultKind.PowerLoss or FaultKind.DiskFull)),
        s_bad);

    /// <summary>
    /// Workers compute wrongly now and then, in worlds of three or more: of two, nobody knows which is right, and one
    /// alone is believed. What else goes wrong kills nobody, so that a majority stays.
    /// </summary>
    public static FaultSet BitFlips { get; } = new(
        "bitflips",
        new FaultProfile
        {
            StopAt = s_stopAt,
            MeanInterval = s_meanInterval,
            MaxDuration = s_longest,
            Kinds = [(FaultKind.BitFlip, 4), (FaultKind.Throttle, 1), (FaultKind.Slow, 1), (FaultKind.ClockDrift, 1)],
            MayStrike = static (kind, node) => kind != FaultKind.BitFlip || node == "worker-2",
        },
        s_bad) { NobodyLeaves = true };

    /// <summary>The sets that have a name.</summary>
    public static IReadOnlyList<FaultSet> All { get; } = [Default, Workers, BitFlips, None];

    /// <summary>The set under which a deliberate mistake shows.</summary>
    /// <param name="flaw">The mistake.</param>
    /// <returns><see cref="Default"/> for most.</returns>
    public static FaultSet Showing(Flaw flaw) => flaw == Flaw.DigestsAreNotCompared ? BitFlips : Default;

    private static FaultProfile Profile(Func<FaultKind, string, bool> mayStrike) => new()
    {
        StopAt = s_stopAt,
        MeanInterval = s_meanInterval,
        MaxDuration = s_longest,
        Kinds = s_kinds,
        MayStrike = mayStrike,
    };
}

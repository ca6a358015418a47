namespace Colony.Actors.Simulation;

/// <summary>What can go wrong.</summary>
public enum FaultKind
{
    /// <summary>The process dies, loses what its disk had not flushed, and starts again after the duration.</summary>
    Crash,

    /// <summary>The process dies and does not come back.</summary>
    Kill,

    /// <summary>The process stands still for the duration; what comes waits.</summary>
    Hang,

    /// <summary>The process is slower by the magnitude.</summary>
    Slow,

    /// <summary>The node's clock counts magnitude seconds a second.</summary>
    ClockDrift,

    /// <summary>Nothing passes between two nodes.</summary>
    Partition,

    /// <summary>Nothing passes from the node to the peer.</summary>
    PartitionOneWay,

    /// <summary>The sessions between two nodes break; new ones may be opened at once.</summary>
    BreakSessions,

    /// <summary>The sessions between two nodes go silent and break only after the duration.</summary>
    HalfOpen,

    /// <summary>Messages between two nodes take longer by the magnitude.</summary>
    Throttle,

    /// <summary>The node's disk is full.</summary>
    DiskFull,

    /// <summary>
    /// As <see cref="Crash"/>, and of what the disk had not flushed the last bytes that stay may be garbage.
    /// </summary>
    PowerLoss,

    /// <summary>The next result that the process computes is wrong; what that is, is for the process to say.</summary>
    BitFlip,
}

/// <summary>What the kinds have in common.</summary>
public static class FaultKinds
{
    /// <summary>Whether it happens between two nodes, so that a fault of it names a peer.</summary>
    /// <param name="kind">The kind.</param>
    /// <returns>True for faults of the network.</returns>
    public static bool IsBetweenTwo(this FaultKind kind) =>
        kind is FaultKind.Partition or FaultKind.PartitionOneWay or FaultKind.BreakSessions or FaultKind.HalfOpen
            or FaultKind.Throttle;
}

/// <summary>
/// One thing that goes wrong. Plain data, so that a schedule of them can be printed, kept and cut down.
/// </summary>
/// <param name="At">True virtual time of its beginning.</param>
/// <param name="Kind">What goes wrong.</param>
/// <param name="Node">Where.</param>
/// <param name="Peer">The other node, for what happens between two; else null.</param>
/// <param name="Duration">How long it lasts.</param>
/// <param name="Magnitude">How bad it is; see the kind.</param>
public sealed record Fault(
    TimeSpan At, FaultKind Kind, string Node, string? Peer, TimeSpan Duration, double Magnitude);

/// <summary>From what a schedule of faults is drawn.</summary>
public sealed record FaultProfile
{
    /// <summary>The most faults of one schedule.</summary>
    public const int MaxFaults = 1000;

    /// <summary>
    /// When the last fault has ended, so that it can be seen whether everything then comes to its end.
    /// </summary>
    public required TimeSpan StopAt { get; init; }

    /// <summary>Mean time between two faults.</summary>
    public required TimeSpan MeanInterval { get; init; }

    /// <summary>The kinds and how often each comes, relative to the others.</summary>
    public required IReadOnlyList<(FaultKind Kind, double Weight)> Kinds { get; init; }

    /// <summary>The shortest fault.</summary>
    public TimeSpan MinDuration { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>The longest fault.</summary>
    public TimeSpan MaxDuration { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How much slower a slow node or link may be.</summary>
    public double MaxSlowness { get; init; } = 20;

    /// <summary>How much faster or slower a clock may run, as a part of 1.</summary>
    public double MaxDrift { get; init; } = 0.2;

    /// <summary>Which node a kind may strike (for what happens between two nodes: either one).</summary>
    public Func<FaultKind, string, bool> MayStrike { get; init; } = static (_, _) => true;

    /// <summary>No faults.</summary>
    public static FaultProfile None { get; } = new()
    {
        StopAt = TimeSpan.Zero, MeanInterval = TimeSpan.FromSeconds(1), Kinds = [],
    };

    /// <summary>Draws a schedule.</summary>
    /// <param name="nodes">Names of the nodes.</param>
    /// <param name="random">What decides.</param>
    /// <returns>Faults in the order of their beginning; all end by <see cref="StopAt"/>.</returns>
    public IReadOnlyList<Fault> Draw(IReadOnlyList<string> nodes, SeededRandom random)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(random);
        var faults = new List<Fault>();
        var at = TimeSpan.Zero;
        while (Kinds.Count > 0 && faults.Count < MaxFaults)
        {
            at += random.Exponential(MeanInterval);
            if (at >= StopAt)
            {
                break;
            }

            if (DrawOne(at, nodes, random) is { } fault)
            {
                faults.Add(fault);
            }
        }

        return faults;
    }

    private Fault? DrawOne(TimeSpan at, IReadOnlyList<string> nodes, SeededRandom random)
    {
        var kind = DrawKind(random);
        string[] eligible = [.. nodes.Where(n => MayStrike(kind, n))];
        if (eligible.Length == 0 || (kind.IsBetweenTwo() && nodes.Count < 2))
        {
            return null;
        }

        var node = eligible[random.Next(eligible.Length)];
        string? peer = null;
        if (kind.IsBetweenTwo())
        {
            string[] others = [.. nodes.Where(n => !string.Equals(n, node, StringComparison.Ordinal))];
            peer = others[random.Next(others.Length)];
        }

        var duration = random.Between(MinDuration, MaxDuration);
        duration = at + duration > StopAt ? StopAt - at : duration;
        var magnitude = kind switch
        {
            FaultKind.Slow or FaultKind.Throttle => 1 + (random.NextDouble() * (MaxSlowness - 1)),
            FaultKind.ClockDrift => 1 + (((random.NextDouble() * 2) - 1) * MaxDrift),
            _ => 1,
        };
        return new Fault(at, kind, node, peer, duration, magnitude);
    }

    private FaultKind DrawKind(SeededRandom random)
    {
        var left = random.NextDouble() * Kinds.Sum(static k => k.Weight);
        foreach (var (kind, weight) in Kinds)
        {
            left -= weight;
            if (left < 0)
            {
                return kind;
            }
        }

        return Kinds[^1].Kind;
    }
}

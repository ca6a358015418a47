using System.ComponentModel.DataAnnotations;

namespace Colony.Jobs;

/// <summary>How many workers there should be and how their loss is noticed. None of it changes the weights.</summary>
public sealed record WorkersSection
{
    /// <summary>W: workers that a local run starts, at most the number of logical ranks.</summary>
    [Range(1, 4096)]
    public int Count { get; init; } = 1;

    /// <summary>Workers needed before the first step, at most <see cref="Count"/>.</summary>
    [Range(1, 4096)]
    public int Minimum { get; init; } = 1;

    /// <summary>Milliseconds between a worker's heartbeats.</summary>
    [Range(10, 600_000)]
    public int HeartbeatMs { get; init; } = 200;

    /// <summary>
    /// Milliseconds without a heartbeat after which a worker is lost; at least twice <see cref="HeartbeatMs"/>.
    /// </summary>
    [Range(20, 3_600_000)]
    public int LostMs { get; init; } = 1000;

    /// <summary>Milliseconds that a worker tries to reach the coordinator before it gives up.</summary>
    [Range(100, 86_400_000)]
    public int JoinTimeoutMs { get; init; } = 60_000;

    /// <summary>Milliseconds for which joins and losses are gathered into one new generation.</summary>
    [Range(0, 60_000)]
    public int GatherMs { get; init; } = 50;

    /// <summary>Workers beyond this many wait until one is gone.</summary>
    [Range(1, 4096)]
    public int Maximum { get; init; } = 4096;

    /// <summary>
    /// Milliseconds that a coordinator which came back waits for its workers, and a run for a lost holder of its newest
    /// state.
    /// </summary>
    [Range(100, 3_600_000)]
    public int RejoinMs { get; init; } = 3000;

    /// <summary>Milliseconds of waiting above which it is told in words who waited for whom.</summary>
    [Range(1, 86_400_000)]
    public int StallMs { get; init; } = 1000;

    /// <summary>Steps that a joiner may be behind when it is taken in; it catches up in the background until then.
    /// </summary>
    [Range(0, 1000)]
    public int CatchUpLag { get; init; } = 2;

    /// <summary>Losses of a worker within <see cref="FlapWindowMs"/> of each other after which it is kept out for a
    /// while.</summary>
    [Range(1, 1_000_000)]
    public int FlapLimit { get; init; } = 5;

    /// <summary>Milliseconds that a worker must last to be trusted anew.</summary>
    [Range(1, 86_400_000)]
    public int FlapWindowMs { get; init; } = 60_000;

    /// <summary>How many times as long as the others' median for a logical rank is called slow.</summary>
    [Range(1.1, 1000)]
    public double SlowFactor { get; init; } = 2;

    /// <summary>Whether a slow worker's logical ranks are moved to others.</summary>
    public bool MoveRanksFromSlow { get; init; }
}

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
}

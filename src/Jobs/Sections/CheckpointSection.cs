using System.ComponentModel.DataAnnotations;

namespace Colony.Jobs;

/// <summary>When everything needed to resume is made durable, where, and how much of it is kept.</summary>
public sealed record CheckpointSection
{
    /// <summary>Steps between checkpoints; 0 writes only the one at the end.</summary>
    [Range(0, 100_000_000)]
    public int EverySteps { get; init; } = 200;

    /// <summary>
    /// A directory, <c>file:///dir</c> or <c>s3://bucket/prefix</c>; null is the folder <c>checkpoints</c> of the run.
    /// </summary>
    [MinLength(1)]
    public string? Store { get; init; }

    /// <summary>Newest checkpoints kept, at least 1.</summary>
    [Range(1, 10_000)]
    public int KeepLast { get; init; } = 3;

    /// <summary>Checkpoints of highest recall sum kept besides.</summary>
    [Range(0, 10_000)]
    public int KeepBest { get; init; } = 1;
}

using System.ComponentModel.DataAnnotations;

namespace Colony.Jobs;

/// <summary>
/// The geometry of a global batch. It never changes while a job runs, whatever the number of workers.
/// </summary>
public sealed record BatchSection
{
    /// <summary>
    /// B: samples in a global batch (one step), at least 2 because losses contrast samples. The last batch of an epoch
    /// may be shorter.
    /// </summary>
    [Range(2, 1 << 20)]
    public int Size { get; init; } = 128;

    /// <summary>
    /// L: fixed slots that a global batch is split over, at most <see cref="Size"/>. More than L workers have nothing
    /// to do.
    /// </summary>
    [Range(1, 4096)]
    public int LogicalRanks { get; init; } = 8;
}

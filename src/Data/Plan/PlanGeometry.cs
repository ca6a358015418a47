namespace Colony.Data;

/// <summary>
/// Everything the plan depends on. None of it changes while a job runs, and nothing about workers is in it, so any
/// worker can compute any slice of any step, and resuming needs only a step number.
/// </summary>
/// <param name="Seed">The job's seed.</param>
/// <param name="Samples">Samples in the data set, at least 1.</param>
/// <param name="BatchSize">Samples in a global batch (B), at least 1; the last batch of an epoch may be
/// shorter.</param>
/// <param name="LogicalRanks">Slices of a global batch (L), at least 1; with L over B some slices are empty.</param>
public sealed record PlanGeometry(ulong Seed, int Samples, int BatchSize, int LogicalRanks)
{
    /// <summary>Samples in the data set, at least 1.</summary>
    public int Samples { get; } = Positive(Samples, nameof(Samples));

    /// <summary>Samples in a global batch, at least 1.</summary>
    public int BatchSize { get; } = Positive(BatchSize, nameof(BatchSize));

    /// <summary>Slices of a global batch, at least 1.</summary>
    public int LogicalRanks { get; } = Positive(LogicalRanks, nameof(LogicalRanks));

    /// <summary>How the plan goes by shards; null for the global order. The shards hold exactly the samples.</summary>
    public ShardOrder? Shards
    {
        get;
        init => field = value is null || value.Samples == Samples
            ? value
            : throw new ArgumentException(
                $"The shards have {value.Samples} samples and the data set {Samples}.", nameof(value));
    }

    /// <summary>Global batches in an epoch, the short one at the end included.</summary>
    public int StepsPerEpoch => (int)(((long)Samples + BatchSize - 1) / BatchSize);

    /// <summary>The epoch, from 0, that a step of the job belongs to.</summary>
    /// <param name="step">Steps counted over all epochs, from 0.</param>
    public long EpochOf(long step)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        return step / StepsPerEpoch;
    }

    private static int Positive(int value, string name)
        => value > 0 ? value : throw new ArgumentOutOfRangeException(name, value, $"{name} must be at least 1.");
}

namespace Colony.Data;

/// <summary>
/// Which samples make a step, and which of them each logical rank takes: a pure function of <see
/// cref="PlanGeometry"/>.
/// <para>
/// The plan, by which another program can check it: epoch e orders the samples by a Fisher–Yates shuffle (from the
/// last place down to the second) of 0..N−1 with the counter stream keyed by (tag, seed, e); step t takes places
/// [B·k, min(B·(k+1), N)) of the order of epoch t / S, where k = t mod S and S = ⌈N / B⌉; of a batch of n samples,
/// logical rank r takes places [⌊n·r / L⌋, ⌊n·(r+1) / L⌋).
/// </para>
/// <para>
/// With <see cref="PlanGeometry.Shards"/> (<c>data.order: sharded</c>), by which a worker needs about its share of the
/// files: epoch e permutes the shards by the same shuffle with the stream keyed by (tag′, seed, e); their samples, in
/// order, make one list of N, cut into L segments, of which segment r has ⌊(N + L − 1 − r) / L⌋ samples, so that the
/// first N mod L have one more; window w of segment r, counted from the shard in which the segment begins, takes in the
/// parts of <c>window</c> shards that lie in the segment and is shuffled with the stream of (tag′, seed, e, r, w).
/// After T samples of the epoch rank r has taken the first ⌊(T + L − 1 − r) / L⌋ of its segment. Step t takes the epoch
/// from T = B·k to T′ = min(B·(k+1), N), as in the other form: batches have B samples and the last one what is left,
/// slices of a step differ by at most one, and a rank's slice is the next piece of its segment. Where L does not
/// divide B, the ranks take turns with the longer slice. So segments are used up together, each sample once.
/// </para>
/// </summary>
public static class Plan
{
    // "plan" as a number: keeps these draws apart from all other streams keyed by the same seed.
    private const ulong Tag = 0x706C616E;

    /// <summary>The order in which an epoch's steps take the samples: each of 0..Samples−1 once.</summary>
    /// <param name="geometry">The plan's geometry.</param>
    /// <param name="epoch">The epoch, from 0.</param>
    public static int[] Order(PlanGeometry geometry, long epoch)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentOutOfRangeException.ThrowIfNegative(epoch);
        if (geometry.Shards is { } shards)
        {
            return ShardedPlan.Order(geometry, shards, epoch);
        }

        var order = new int[geometry.Samples];
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        CounterRandom.Keyed(Tag, geometry.Seed, (ulong)epoch).Shuffle(order.AsSpan());
        return order;
    }

    /// <summary>The sample ids of a step's global batch, in logical-rank order.</summary>
    /// <remarks>Shuffles the whole epoch each time; a loop over steps uses <see cref="EpochPlan"/>.</remarks>
    /// <param name="geometry">The plan's geometry.</param>
    /// <param name="step">The step, counted over all epochs from 0.</param>
    public static int[] GlobalBatch(PlanGeometry geometry, long step)
        => new EpochPlan(geometry).GlobalBatch(step).ToArray();

    /// <summary>The sample ids of one logical rank's slice of a step; may be empty.</summary>
    /// <remarks>Shuffles the whole epoch each time; a loop over steps uses <see cref="EpochPlan"/>.</remarks>
    /// <param name="geometry">The plan's geometry.</param>
    /// <param name="step">The step, counted over all epochs from 0.</param>
    /// <param name="logicalRank">The logical rank, from 0.</param>
    public static int[] SliceSamples(PlanGeometry geometry, long step, int logicalRank)
        => new EpochPlan(geometry).Slice(step, logicalRank).ToArray();

    /// <summary>The places of a step's global batch within the order of its epoch.</summary>
    /// <param name="geometry">The plan's geometry.</param>
    /// <param name="step">The step, counted over all epochs from 0.</param>
    public static PlanRange BatchRange(PlanGeometry geometry, long step)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        var start = step % geometry.StepsPerEpoch * geometry.BatchSize;
        return new PlanRange((int)start, (int)Math.Min(geometry.BatchSize, geometry.Samples - start));
    }

    /// <summary>The rows of a step's global batch that one logical rank takes. Sizes differ by at most one.</summary>
    /// <param name="geometry">The plan's geometry.</param>
    /// <param name="step">The step, counted over all epochs from 0.</param>
    /// <param name="logicalRank">The logical rank, from 0.</param>
    public static PlanRange SliceRange(PlanGeometry geometry, long step, int logicalRank)
    {
        var (first, batch) = BatchRange(geometry, step);
        if (logicalRank < 0 || logicalRank >= geometry.LogicalRanks)
        {
            throw new ArgumentOutOfRangeException(
                nameof(logicalRank), logicalRank, $"The job has logical ranks 0 to {geometry.LogicalRanks - 1}.");
        }

        if (geometry.Shards is not null)
        {
            var (ranks, last) = (geometry.LogicalRanks, first + batch);
            return new PlanRange(
                ShardedPlan.TakenBelow(last, logicalRank, ranks) - ShardedPlan.TakenBelow(first, logicalRank, ranks),
                ShardedPlan.Taken(last, logicalRank, ranks) - ShardedPlan.Taken(first, logicalRank, ranks));
        }

        var start = (int)((long)batch * logicalRank / geometry.LogicalRanks);
        var end = (int)((long)batch * (logicalRank + 1) / geometry.LogicalRanks);
        return new PlanRange(start, end - start);
    }
}

/// <summary>A run of neighbouring places.</summary>
/// <param name="Start">The first place.</param>
/// <param name="Length">How many places, possibly none.</param>
public readonly record struct PlanRange(int Start, int Length);

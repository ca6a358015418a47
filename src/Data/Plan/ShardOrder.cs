namespace Colony.Data;

/// <summary>What the sharded plan depends on beyond the rest of <see cref="PlanGeometry"/>.</summary>
/// <param name="Sizes">Samples of each shard, in the split's order; the samples of a shard are neighbours.</param>
/// <param name="Window">Shards of a logical rank's segment that are shuffled together, at least 1.</param>
public sealed record ShardOrder(IReadOnlyList<int> Sizes, int Window)
{
    /// <summary>Samples of each shard, at least 1 each.</summary>
    public IReadOnlyList<int> Sizes { get; } = Positive(Sizes);

    /// <summary>Shards that are shuffled together.</summary>
    public int Window { get; } = Window > 0
        ? Window
        : throw new ArgumentOutOfRangeException(nameof(Window), Window, "A window has at least 1 shard.");

    /// <summary>Samples of all shards.</summary>
    public long Samples => Sizes.Sum(size => (long)size);

    private static IReadOnlyList<int> Positive(IReadOnlyList<int> sizes)
    {
        ArgumentNullException.ThrowIfNull(sizes);
        return sizes.Count > 0 && sizes.All(size => size > 0)
            ? sizes
            : throw new ArgumentOutOfRangeException(nameof(sizes), "Every shard has at least 1 sample.");
    }
}

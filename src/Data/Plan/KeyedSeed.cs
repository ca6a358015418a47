namespace Colony.Data;

/// <summary>
/// The seed for everything random inside one slice of one step (dropout above all), so that it depends on the job
/// and the logical rank, and never on which worker computes the slice.
/// </summary>
public static class KeyedSeed
{
    // "draw" as a number.
    private const ulong Tag = 0x64726177;

    /// <summary>A well-mixed 64-bit seed; any two different (seed, step, logical rank) have unrelated ones.</summary>
    /// <param name="seed">The job's seed.</param>
    /// <param name="step">The step, counted over all epochs from 0.</param>
    /// <param name="logicalRank">The logical rank, from 0.</param>
    public static ulong For(ulong seed, long step, int logicalRank)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfNegative(logicalRank);
        return CounterRandom.Key(Tag, seed, (ulong)step, (ulong)logicalRank);
    }
}

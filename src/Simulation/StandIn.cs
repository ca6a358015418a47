using Colony.Actors.Simulation;
using Colony.Orchestration;

namespace Colony.Simulation;

/// <summary>
/// What stands in for training: the state is one number that folds in each step's samples slice by slice, starting from
/// the number before. A slice lost, doubled, out of place, or computed from another state gives another number.
/// </summary>
internal static class StandIn
{
    public const ulong InitialState = 0x0123456789ABCDEF;

    /// <summary>The samples of a logical rank's slice; a different order each epoch.</summary>
    public static int[] Slice(RunGeometry geometry, long step, int rank)
    {
        var epoch = geometry.EpochOf(step);
        var within = (step - 1) % geometry.StepsPerEpoch;
        var count = geometry.SamplesOf(step);
        var from = count * rank / geometry.LogicalRanks;
        var to = count * (rank + 1) / geometry.LogicalRanks;
        return [.. Enumerable.Range(0, (int)(to - from))
            .Select(i => (within * geometry.BatchSize) + from + i)
            .Select(place => (int)(((place * 7) + (epoch * 3)) % geometry.Samples))];
    }

    public static ulong Gradient(ulong state, long step, int rank, IEnumerable<int> slice)
    {
        var hash = state ^ ((ulong)step << 32) ^ (ulong)rank;
        foreach (var sample in slice)
        {
            hash = new SeededRandom(hash ^ (ulong)sample).NextUInt64();
        }

        return hash;
    }

    public static ulong Apply(ulong state, long step, IEnumerable<ulong> gradientsInRankOrder) =>
        gradientsInRankOrder.Aggregate(
            state ^ (ulong)step, static (hash, gradient) => new SeededRandom((hash * 31) ^ gradient).NextUInt64());

    /// <summary>
    /// The state after each step, as one worker without any fault computes it; index 0 is the initial state.
    /// </summary>
    public static ulong[] Expected(RunGeometry geometry)
    {
        var states = new ulong[geometry.FinalStep + 1];
        states[0] = InitialState;
        for (var step = 1; step < states.Length; step++)
        {
            states[step] = Apply(states[step - 1], step, Enumerable.Range(0, geometry.LogicalRanks)
                .Select(rank => Gradient(states[step - 1], step, rank, Slice(geometry, step, rank))));
        }

        return states;
    }
}

using Colony.Actors.Simulation;
using Colony.Orchestration;

namespace Colony.Simulation;

/// <summary>
/// What stands in for training: the state is one number that folds in each step's gradient, which is a sum of integers
/// over the logical ranks, as the real one is. A slice that is lost, doubled, misplaced, or computed from another state
/// ends in another number.
/// </summary>
internal static class StandIn
{
    public const ulong InitialState = 0x0123456789ABCDEF;

    /// <summary>The plan steps through the samples by this; the number of samples is no multiple of it.</summary>
    public const int Stride = 7;

    /// <summary>The samples of a logical rank's slice; a different order each epoch.</summary>
    public static int[] Slice(RunGeometry geometry, long step, int rank)
    {
        var epoch = geometry.EpochOf(step);
        var within = (step - 1) % geometry.StepsPerEpoch;
        var count = geometry.SamplesOf(step);
        var from = count * rank / geometry.LogicalRanks;
        var to = count * (rank + 1) / geometry.LogicalRanks;
        var slice = new int[to - from];
        for (var i = 0; i < slice.Length; i++)
        {
            var place = (within * geometry.BatchSize) + from + i;
            slice[i] = (int)(((place * Stride) + (epoch * 3)) % geometry.Samples);
        }

        return slice;
    }

    /// <summary>The gradient of one slice; what the ranks have are added, in any order.</summary>
    public static ulong Gradient(ulong state, long step, int rank, int[] slice)
    {
        var hash = Mix(state ^ ((ulong)step << 32) ^ (ulong)rank);
        foreach (var sample in slice)
        {
            hash = Mix(hash ^ (ulong)sample);
        }

        return hash;
    }

    /// <summary>The state after a step.</summary>
    public static ulong Apply(ulong state, long step, ulong gradient) =>
        Mix((state * 31) ^ (ulong)step ^ Mix(gradient));

    /// <summary>
    /// The state after each step, as one worker without any fault computes it; index 0 is the initial state.
    /// </summary>
    public static ulong[] Expected(RunGeometry geometry)
    {
        var states = new ulong[geometry.FinalStep + 1];
        states[0] = InitialState;
        for (var step = 1; step < states.Length; step++)
        {
            var sum = 0UL;
            for (var rank = 0; rank < geometry.LogicalRanks; rank++)
            {
                sum += Gradient(states[step - 1], step, rank, Slice(geometry, step, rank));
            }

            states[step] = Apply(states[step - 1], step, sum);
        }

        return states;
    }

    /// <summary>A number that is the same for the same samples in any order, and another one for others.</summary>
    public static ulong Fingerprint(ReadOnlySpan<int> samples)
    {
        var sum = (ulong)samples.Length;
        foreach (var sample in samples)
        {
            sum += Mix((ulong)sample);
        }

        return sum;
    }

    /// <summary>The fingerprint of what a step must consume.</summary>
    public static ulong Planned(RunGeometry geometry, long step)
    {
        var sum = 0UL;
        for (var rank = 0; rank < geometry.LogicalRanks; rank++)
        {
            sum += Fingerprint(Slice(geometry, step, rank));
        }

        return sum;
    }

    private static ulong Mix(ulong value) => SeededRandom.Once(value);
}

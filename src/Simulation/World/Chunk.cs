using System.Collections.Immutable;

namespace Colony.Simulation;

/// <summary>The two rounds of a step's exchange: adding up along the ring, and passing the total on.</summary>
internal enum RingRound
{
    /// <summary>From the first member to the last, each adds its slices' gradients.</summary>
    Sum,

    /// <summary>From the last member around to the one before it.</summary>
    Total,
}

/// <summary>
/// What goes from a member of the ring to the next. It has the latency of a ring all-reduce (2(W-1) hops) with one
/// message a hop instead of W, so that a ring of thousands can be simulated.
/// </summary>
/// <param name="Generation">The sender's.</param>
/// <param name="Step">The step.</param>
/// <param name="Round">Which round.</param>
/// <param name="Sum">Sum of the gradients so far; of all of them in the second round.</param>
/// <param name="Slices">The slices that are in the sum.</param>
/// <param name="Samples">In the second round the step's samples, in the order of the logical ranks.</param>
/// <param name="Digests">What the members hold before the step.</param>
internal sealed record Chunk(
    ulong Generation,
    long Step,
    RingRound Round,
    ulong Sum,
    AddedSlice? Slices,
    ImmutableArray<int> Samples,
    AddedDigest? Digests)
{
    /// <summary>Chunks of a generation reach a member in this order.</summary>
    public long Order => (Step * 2) + (int)Round;
}

/// <summary>A slice in a sum, and those added before it: adding one does not copy the others.</summary>
internal sealed record AddedSlice(int Rank, int[] Samples, AddedSlice? Before);

/// <summary>A member's digest, and those of the members before it.</summary>
internal sealed record AddedDigest(string Worker, ulong Digest, AddedDigest? Before)
{
    /// <summary>All of them, if two are not the same; else null.</summary>
    public ImmutableArray<(string Worker, ulong Digest)>? Dispute()
    {
        var differ = false;
        for (var at = Before; at is not null; at = at.Before)
        {
            differ |= at.Digest != Digest;
        }

        return differ ? [.. All()] : null;
    }

    private IEnumerable<(string Worker, ulong Digest)> All()
    {
        for (var at = this; at is not null; at = at.Before)
        {
            yield return (at.Worker, at.Digest);
        }
    }
}

/// <summary>The first word on a link from a member to the next one.</summary>
internal sealed record LinkHello(ulong Generation, string From);

/// <summary>Where links are datagrams: the chunk has come.</summary>
internal sealed record ChunkCame(ulong Generation, long Order);

internal sealed record FetchRequest(long? Step);

internal sealed record FetchedState(long Step, ulong State);

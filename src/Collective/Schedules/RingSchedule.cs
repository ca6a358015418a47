namespace Colony.Collective;

/// <summary>
/// Who passes which segment to whom on a ring of W members: everyone sends to the next and receives from the previous.
/// Pure.
/// </summary>
/// <remarks>
/// | phase          | rounds | bytes each member sends |
/// |----------------|--------|-------------------------|
/// | reduce-scatter | W - 1  | N (W - 1) / W           |
/// | all-gather     | W - 1  | N (W - 1) / W           |
/// Both together are the least any all-reduce can send a member (Patarasuk and Yuan, 2009). In every round but the
/// first, a member sends what it received in the round before; the first all-gather round continues the last
/// reduce-scatter round the same way, so chunks can flow through all rounds without a barrier.
/// </remarks>
internal static class RingSchedule
{
    public static int Next(int rank, int size) => (rank + 1) % size;

    public static int Previous(int rank, int size) => (rank + size - 1) % size;

    /// <summary>Rounds after which segment (rank + 1) mod W holds everyone's contribution.</summary>
    public static RingRound[] ReduceScatter(int rank, int size) => Rounds(rank, size, first: rank);

    /// <summary>Rounds after which a member has all segments, given that it starts with <paramref name="first"/>.
    /// All members must start at the same distance from their rank.</summary>
    public static RingRound[] AllGather(int rank, int size, int first) => Rounds(rank, size, first);

    /// <summary>The segment that is complete at a member after reduce-scatter.</summary>
    public static int ReducedSegment(int rank, int size) => Next(rank, size);

    private static RingRound[] Rounds(int rank, int size, int first)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, size);
        var rounds = new RingRound[size - 1];
        for (var round = 0; round < rounds.Length; round++)
        {
            var send = (first - round + size) % size;
            rounds[round] = new RingRound(send, Previous(send, size));
        }

        return rounds;
    }
}

/// <summary>One round of a member: the segment it sends to the next and the one it receives from the
/// previous.</summary>
internal readonly record struct RingRound(int Send, int Receive);

namespace Colony.Data;

/// <summary>
/// The second form of the plan, for data whose files are fetched: defined in <see cref="Plan"/>'s comment. Here its
/// arithmetic: a rank has taken <c>Taken(T, r)</c> samples when the epoch has taken T, so a step that takes from T to
/// T′ gives it <c>Taken(T′, r) − Taken(T, r)</c> of them, and a segment holds <c>Taken(N, r)</c>.
/// </summary>
internal static class ShardedPlan
{
    // "shard" as a number.
    private const ulong Tag = 0x7368617264;

    /// <summary>Samples of a rank among the first of an epoch: every Lth, from the rth.</summary>
    public static int Taken(int total, int rank, int ranks) => (int)(((long)total + ranks - 1 - rank) / ranks);

    /// <summary>The same for all ranks below one.</summary>
    public static int TakenBelow(int total, int rank, int ranks)
        => checked((int)(((long)rank * (total / ranks)) + Math.Min(rank, total % ranks)));

    /// <summary>The samples of an epoch as its steps take them: batch by batch, each in logical-rank order.</summary>
    public static int[] Order(PlanGeometry geometry, ShardOrder shards, long epoch)
    {
        var segments = Segments(geometry, shards, epoch);
        var (ranks, samples) = (geometry.LogicalRanks, geometry.Samples);
        var order = new int[samples];
        var at = 0;
        for (var from = 0; from < samples;)
        {
            var to = (int)Math.Min((long)from + geometry.BatchSize, samples);
            for (var rank = 0; rank < ranks; rank++)
            {
                var (first, end) = (Taken(from, rank, ranks), Taken(to, rank, ranks));
                Array.Copy(segments, TakenBelow(samples, rank, ranks) + first, order, at, end - first);
                at += end - first;
            }

            from = to;
        }

        return order;
    }

    /// <summary>All segments, one after another, each shuffled in its windows.</summary>
    private static int[] Segments(PlanGeometry geometry, ShardOrder shards, long epoch)
    {
        var chosen = new int[shards.Sizes.Count];
        for (var i = 0; i < chosen.Length; i++)
        {
            chosen[i] = i;
        }

        CounterRandom.Keyed(Tag, geometry.Seed, (ulong)epoch).Shuffle(chosen.AsSpan());
        var (list, ends) = List(shards, chosen, geometry.Samples);
        for (var rank = 0; rank < geometry.LogicalRanks; rank++)
        {
            var begin = TakenBelow(geometry.Samples, rank, geometry.LogicalRanks);
            var end = begin + Taken(geometry.Samples, rank, geometry.LogicalRanks);
            Shuffle(geometry, shards.Window, epoch, rank, list.AsSpan(begin..end), begin, ends);
        }

        return list;
    }

    // A window is counted from the shard in which the segment begins, though it may begin in the middle of it.
    private static void Shuffle(
        PlanGeometry geometry, int window, long epoch, int rank, Span<int> segment, int begin, int[] ends)
    {
        var shard = Array.BinarySearch(ends, begin + 1);
        shard = shard < 0 ? ~shard : shard;
        var number = 0UL;
        for (var from = 0; from < segment.Length;)
        {
            shard += window;
            var to = shard > ends.Length ? segment.Length : Math.Min(ends[shard - 1] - begin, segment.Length);
            CounterRandom.Keyed(Tag, geometry.Seed, (ulong)epoch, (ulong)rank, number++).Shuffle(segment[from..to]);
            from = to;
        }
    }

    /// <summary>The samples of the shards in their order of the epoch, and where each shard ends among them.</summary>
    private static (int[] Samples, int[] Ends) List(ShardOrder shards, int[] chosen, int samples)
    {
        var starts = new int[shards.Sizes.Count];
        for (var i = 1; i < starts.Length; i++)
        {
            starts[i] = starts[i - 1] + shards.Sizes[i - 1];
        }

        var (list, ends, at) = (new int[samples], new int[chosen.Length], 0);
        for (var i = 0; i < chosen.Length; i++)
        {
            for (var k = 0; k < shards.Sizes[chosen[i]]; k++)
            {
                list[at++] = starts[chosen[i]] + k;
            }

            ends[i] = at;
        }

        return (list, ends);
    }
}

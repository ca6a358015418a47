namespace Colony.Collective.Tests;

public sealed class ScheduleTests
{
    [Fact]
    public void Ring_sums_every_segment_once_and_brings_it_everywhere_for_up_to_64_members()
    {
        for (var size = 1; size <= 64; size++)
        {
            // counts[member][segment][contributor]
            var counts = Enumerable.Range(0, size).Select(member =>
                Enumerable.Range(0, size).Select(_ => Unit(member, size)).ToArray()).ToArray();
            var scatter = Enumerable.Range(0, size).Select(rank => RingSchedule.ReduceScatter(rank, size)).ToArray();
            RunRounds(size, scatter, counts, Sum);
            for (var member = 0; member < size; member++)
            {
                Assert.True(EachOnce(counts[member][RingSchedule.ReducedSegment(member, size)]));
            }

            var gather = Enumerable.Range(0, size)
                .Select(rank => RingSchedule.AllGather(rank, size, RingSchedule.ReducedSegment(rank, size))).ToArray();
            RunRounds(size, gather, counts, (_, theirs) => theirs);
            Assert.True(counts.All(member => member.All(EachOnce)), $"{size} members");
        }
    }

    [Fact]
    public void Ring_gathers_every_block_everywhere_for_up_to_64_members()
    {
        for (var size = 1; size <= 64; size++)
        {
            var counts = Enumerable.Range(0, size).Select(member =>
                Enumerable.Range(0, size).Select(owner => Unit(owner == member ? owner : -1, size)).ToArray())
                .ToArray();
            var rounds = Enumerable.Range(0, size).Select(rank => RingSchedule.AllGather(rank, size, rank)).ToArray();
            RunRounds(size, rounds, counts, Sum);
            for (var member = 0; member < size; member++)
            {
                for (var owner = 0; owner < size; owner++)
                {
                    Assert.True(Unit(owner, size).AsSpan().SequenceEqual(counts[member][owner]));
                }
            }
        }
    }

    [Fact]
    public void Every_round_after_the_first_passes_on_what_came_in_the_round_before()
    {
        for (var size = 1; size <= 64; size++)
        {
            for (var rank = 0; rank < size; rank++)
            {
                var rounds = RingSchedule.ReduceScatter(rank, size)
                    .Concat(RingSchedule.AllGather(rank, size, RingSchedule.ReducedSegment(rank, size))).ToArray();
                Assert.Equal(2 * (size - 1), rounds.Length);
                for (var round = 1; round < rounds.Length; round++)
                {
                    Assert.Equal(rounds[round - 1].Receive, rounds[round].Send);
                }
            }
        }
    }

    [Fact]
    public void Cuts_cover_every_byte_once_in_order_and_nearly_equally()
    {
        var random = new Random(3);
        for (var round = 0; round < 300; round++)
        {
            var runs = Enumerable.Range(0, random.Next(0, 12)).Select(_ =>
            {
                var bytes = 1 << random.Next(4);
                return new IntegerRun(new byte[random.Next(0, 400) * bytes], bytes);
            }).ToArray();
            var total = runs.Sum(run => run.Memory.Length);
            var segments = random.Next(1, 10);
            var chunk = random.Next(64, 700);
            var cut = SegmentCut.Cut(runs, segments, chunk);
            Assert.Equal(segments, cut.Length);
            var pieces = cut.SelectMany(segment => segment).ToArray();
            var position = 0;
            foreach (var run in runs)
            {
                for (var done = 0; done < run.Memory.Length; position++)
                {
                    var piece = pieces[position];
                    Assert.True(piece.Memory.Equals(run.Memory.Slice(done, piece.Memory.Length)));
                    Assert.Equal(run.ElementBytes, piece.ElementBytes);
                    Assert.Equal(0, piece.Memory.Length % piece.ElementBytes);
                    Assert.InRange(piece.Memory.Length, 1, chunk);
                    done += piece.Memory.Length;
                }
            }

            Assert.Equal(pieces.Length, position);
            Assert.All(cut, segment => Assert.True(
                segment.Sum(piece => piece.Memory.Length) <= (total / segments) + (2 * SegmentCut.Granule)));
        }
    }

    private static bool EachOnce(int[] counts) => counts.AsSpan().IndexOfAnyExcept(1) < 0;

    private static int[] Sum(int[] mine, int[] theirs)
    {
        var sum = new int[mine.Length];
        for (var i = 0; i < sum.Length; i++)
        {
            sum[i] = mine[i] + theirs[i];
        }

        return sum;
    }

    private static int[] Unit(int index, int size)
    {
        var unit = new int[size];
        if (index >= 0)
        {
            unit[index] = 1;
        }

        return unit;
    }

    private static void RunRounds(
        int size, RingRound[][] rounds, int[][][] state, Func<int[], int[], int[]> take)
    {
        for (var round = 0; round < size - 1; round++)
        {
            var sent = Enumerable.Range(0, size).Select(rank => state[rank][rounds[rank][round].Send]).ToArray();
            for (var rank = 0; rank < size; rank++)
            {
                var previous = RingSchedule.Previous(rank, size);
                var segment = rounds[rank][round].Receive;
                Assert.True(rounds[previous][round].Send == segment);
                state[rank][segment] = take(state[rank][segment], sent[previous]);
            }
        }
    }
}

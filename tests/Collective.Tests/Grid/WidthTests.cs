using Colony.Protos.V1;

namespace Colony.Collective.Tests;

/// <summary>What 16 and 8 bits promise beyond 32: error bounds, wider blocks, fewer bytes.</summary>
public sealed class WidthTests
{
    private const int LogicalRanks = 8;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(32)]
    [InlineData(16)]
    [InlineData(8)]
    public async Task Sum_is_within_L_grid_steps_of_the_exact_one(int wireBits)
    {
        var random = new Random(wireBits);
        var layout = new GridLayout([5000], blockSize: 512);
        using var reducer = new GradientReducer(layout, LogicalRanks, wireBits, seed: 3);
        await using var alone = Alone();
        var grid = Grid.First(layout);
        for (var step = 0; step < 6; step++)
        {
            var gradients = Gradients(random, 5000);
            var outcome = await ReduceAsync(reducer, alone, grid, step, gradients);
            Assert.False(outcome.NonFinite);
            var sum = new float[5000];
            reducer.Read(0, sum);
            for (var i = 0; i < sum.Length; i++)
            {
                var exact = gradients.Sum(rank => (double)rank[i]);
                var unit = Math.ScaleB(1, grid.Exponents[i / 512]);

                // To nearest a rank is half a unit off at most, stochastically less than one; then once to float.
                var bound = (LogicalRanks * unit * (wireBits == 32 ? 0.5 : 1)) + (Math.Abs(exact) * 1e-7);
                Assert.InRange(sum[i] - exact, -bound, bound);
            }

            grid = reducer.NextGrid();
        }
    }

    [Theory]
    [InlineData(16, 0.002)]
    [InlineData(8, 0.2)]
    public async Task Error_is_of_the_expected_size_and_has_no_direction(int wireBits, double expected)
    {
        var random = new Random(4);
        const int Length = 1 << 16;
        var layout = new GridLayout([Length]);
        using var reducer = new GradientReducer(layout, LogicalRanks, wireBits, seed: 3);
        await using var alone = Alone();
        var grid = Grid.First(layout);
        var (error, size, direction) = (0.0, 0.0, 0.0);
        for (var step = 0; step < 3; step++)
        {
            var gradients = Enumerable.Range(0, LogicalRanks).Select(_ => Normal(random, Length)).ToArray();
            var outcome = await ReduceAsync(reducer, alone, grid, step, gradients);
            var sum = new float[Length];
            reducer.Read(0, sum);
            (error, size, direction) = (0, 0, 0);
            for (var i = 0; i < Length; i++)
            {
                var exact = gradients.Sum(rank => (double)rank[i]);
                error += Math.Pow(sum[i] - exact, 2);
                direction += sum[i] - exact;
                size += exact * exact;
            }

            var most = step == 0 ? layout.Blocks : wireBits == 16 ? 0 : layout.Blocks / 2;
            Assert.InRange(outcome.WideBlocks, step == 0 ? most : 0, most);
            grid = reducer.NextGrid();
        }

        var ratio = Math.Sqrt(error / size);
        Assert.InRange(ratio, expected / 4, expected);
        Assert.InRange(direction / Math.Sqrt(error), -5, 5);
    }

    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    public async Task Same_seed_gives_the_same_bits_and_another_seed_or_step_others(int wireBits)
    {
        var layout = new GridLayout([1000], blockSize: 100);
        var gradients = Gradients(new Random(1), 1000);
        var grid = new Grid(layout, [.. Enumerable.Repeat((short)-12, 10)]);
        async Task<float[]> Sum(ulong seed, long step)
        {
            using var reducer = new GradientReducer(layout, LogicalRanks, wireBits, seed);
            await using var alone = Alone();
            reducer.Begin(grid, step, firstStep: false);
            for (var rank = 0; rank < LogicalRanks; rank++)
            {
                reducer.Add(rank, 0, gradients[rank]);
            }

            await reducer.ReduceAsync(alone, Token);
            var sum = new float[1000];
            reducer.Read(0, sum);
            return sum;
        }

        var first = await Sum(1, 5);
        Assert.Equal(first, await Sum(1, 5));
        Assert.NotEqual(first, await Sum(2, 5));
        Assert.NotEqual(first, await Sum(1, 6));
    }

    /// <summary>One block of each width that the job's can grow to, by a single rank's values or by many ranks'
    /// together; none of it may depend on who has them.</summary>
    [Theory]
    [InlineData(16)]
    [InlineData(8)]
    public async Task Block_gets_the_width_that_all_ranks_together_need(int wireBits)
    {
        var layout = new GridLayout([16, 16, 16, 16, 16], blockSize: 16);
        var grid = new Grid(layout, [0, 0, 0, 0, 0]);
        // Eight ranks of 15 fit 8 bits, eight of 16 do not, although every rank's does and although they cancel out.
        float[] sizes = [15, 16, 4096, 1 << 28, 1L << 35];
        int[] bytes = [.. new[] { 1, 2, 4, 8, 8 }.Select(b => Math.Max(b, wireBits / 8))];
        float Value(int rank, int tensor, int i) =>
            i == 0 ? sizes[tensor] : rank % 2 == 0 ? sizes[tensor] : -sizes[tensor];
        for (var workers = 1; workers <= LogicalRanks; workers++)
        {
            var results = await World.RunAsync(workers, async one =>
            {
                using var reducer = new GradientReducer(layout, LogicalRanks, wireBits, seed: 3);
                reducer.Begin(grid, 9, firstStep: false);
                for (var rank = LogicalRanks - 1; rank >= 0; rank--)
                {
                    for (var tensor = 0; tensor < 5 && (rank * 3) % one.Size == one.Rank; tensor++)
                    {
                        reducer.Add(
                            rank, tensor, [.. Enumerable.Range(0, 16).Select(i => Value(rank, tensor, i))]);
                    }
                }

                var before = one.Traffic.Sent(Phase.ReduceScatter) + one.Traffic.Sent(Phase.AllGather);
                var outcome = await reducer.ReduceAsync(one, Token);
                var sent = one.Traffic.Sent(Phase.ReduceScatter) + one.Traffic.Sent(Phase.AllGather) - before;
                var sums = Enumerable.Range(0, 5).SelectMany(tensor =>
                {
                    var sum = new float[16];
                    reducer.Read(tensor, sum);
                    return sum;
                }).ToArray();
                return (outcome, sums, sent, next: reducer.NextGrid().Exponents.ToArray());
            });
            foreach (var (outcome, sums, _, next) in results)
            {
                Assert.Equal(bytes.Count(b => b > wireBits / 8), outcome.WideBlocks);
                Assert.Equal(results[0].next, next);
                for (var i = 0; i < sums.Length; i++)
                {
                    Assert.Equal(i % 16 == 0 ? 8 * sizes[i / 16] : 0, sums[i]);
                }
            }

            // Each member sends (W - 1) / W of all sums in each of both halves.
            Assert.Equal(2L * (workers - 1) * 16 * bytes.Sum(), results.Sum(r => r.sent));
        }
    }

    [Fact]
    public async Task Bytes_on_the_wire_shrink_with_the_width()
    {
        const int Length = 64 * 1024;
        var layout = new GridLayout([Length]);
        var random = new Random(6);
        var gradients = Enumerable.Range(0, LogicalRanks).Select(_ => Normal(random, Length)).ToArray();
        foreach (var wireBits in (int[])[32, 16, 8])
        {
            await World.RunAsync(4, async one =>
            {
                using var reducer = new GradientReducer(layout, LogicalRanks, wireBits, seed: 3);
                var grid = Grid.First(layout);
                for (var step = 0; step < 2; step++)
                {
                    var scatter = one.Traffic.Sent(Phase.ReduceScatter);
                    var all = one.Traffic.TotalSent;
                    reducer.Begin(grid, step, step == 0);
                    reducer.Add(one.Rank * 2, 0, gradients[one.Rank * 2]);
                    reducer.Add((one.Rank * 2) + 1, 0, gradients[(one.Rank * 2) + 1]);
                    var outcome = await reducer.ReduceAsync(one, Token);
                    grid = reducer.NextGrid();

                    // Some blocks need 16 bits although the job has 8.
                    var wider = step == 0 ? 0 : outcome.WideBlocks;
                    Assert.InRange(wider, 0, wireBits == 8 ? layout.Blocks / 4 : 0);
                    var bytes = (Length * (step == 0 ? 8 : wireBits / 8)) + (wider * layout.BlockSize);
                    var cut = SegmentCut.Granule * 2;
                    Assert.InRange(
                        one.Traffic.Sent(Phase.ReduceScatter) - scatter, (bytes * 3 / 4) - cut, (bytes * 3 / 4) + cut);

                    // Flags and reaches come on top: 3 bits three times around, and 8 bytes a block.
                    Assert.InRange(
                        one.Traffic.TotalSent - all,
                        (bytes * 3 / 2) - (2 * cut),
                        (bytes * 3 / 2) + (2 * cut) + (layout.Blocks * 14));
                }

                return true;
            });
        }
    }

    [Theory]
    [InlineData(16, float.NaN)]
    [InlineData(16, float.PositiveInfinity)]
    [InlineData(8, float.NaN)]
    [InlineData(8, float.NegativeInfinity)]
    [InlineData(8, 1e30f)]
    public async Task Fault_of_one_rank_is_seen_by_all_and_names_its_tensor(int wireBits, float fault)
    {
        var layout = new GridLayout([40, 40, 40], blockSize: 16);
        var outcomes = await World.RunAsync(3, async one =>
        {
            using var reducer = new GradientReducer(layout, 3, wireBits, seed: 3);
            reducer.Begin(new Grid(layout, new short[layout.Blocks]), 2, firstStep: false);
            for (var tensor = 0; tensor < 3; tensor++)
            {
                var gradient = new float[40];
                gradient[17] = tensor + one.Rank == 3 ? fault : 0.5f;
                reducer.Add(one.Rank, tensor, gradient);
            }

            var outcome = await reducer.ReduceAsync(one, Token);
            Assert.Throws<InvalidOperationException>(() => reducer.Read(0, new float[40]));
            return (outcome, next: reducer.NextGrid().Exponents.ToArray());
        });
        Assert.All(outcomes, one => Assert.Equal((true, 1), (one.outcome.NonFinite, one.outcome.FirstTensor)));
        Assert.All(outcomes, one => Assert.Equal(outcomes[0].next, one.next));
        Assert.Equal(fault == 1e30f ? 32 : 0, outcomes[0].next[layout.FirstBlockOf(1) + 1]);
    }

    [Fact]
    public async Task Plain_float_sum_is_that_of_a_loop_in_rank_order()
    {
        var layout = new GridLayout([1001, 3]);
        var gradients = Gradients(new Random(2), 1001);
        using var sum = new FloatGradientSum(layout);
        await using var alone = Alone();
        sum.Begin(Grid.First(layout), 1, firstStep: true);
        for (var rank = 0; rank < LogicalRanks; rank++)
        {
            sum.Add(rank, 0, gradients[rank]);
            Assert.Throws<InvalidOperationException>(() => sum.Add(rank, 0, gradients[rank]));
        }

        Assert.Equal(new ReduceOutcome(false, -1, 0), await sum.ReduceAsync(alone, Token));
        var read = new float[1001];
        sum.Read(0, read);
        Assert.Equal(Enumerable.Range(0, 1001).Select(i => gradients.Aggregate(0f, (s, rank) => s + rank[i])), read);

        sum.Begin(sum.NextGrid(), 2, firstStep: false);
        sum.Add(4, 1, [1, float.NaN, 2]);
        Assert.Equal(new ReduceOutcome(true, 1, 0), await sum.ReduceAsync(alone, Token));
        Assert.Throws<InvalidOperationException>(() => sum.Read(0, read));
    }

    [Fact]
    public async Task Plain_float_sum_refuses_company()
    {
        var layout = new GridLayout([3]);
        await World.RunAsync(2, async one =>
        {
            using var sum = new FloatGradientSum(layout);
            sum.Begin(Grid.First(layout), 1, firstStep: true);
            var refused = await Assert.ThrowsAsync<InvalidOperationException>(() => sum.ReduceAsync(one, Token));
            Assert.Contains("there are 2", refused.Message, StringComparison.Ordinal);
            return true;
        });
    }

    private static async Task<ReduceOutcome> ReduceAsync(
        GradientReducer reducer, Communicator communicator, Grid grid, int step, float[][] gradients)
    {
        reducer.Begin(grid, step, step == 0);
        for (var rank = 0; rank < gradients.Length; rank++)
        {
            reducer.Add(rank, 0, gradients[rank]);
        }

        return await reducer.ReduceAsync(communicator, Token);
    }

    private static Communicator Alone() => new(new InProcessNetwork(1).Connect(0), 0, 1);

    private static float[][] Gradients(Random random, int length) =>
        [.. Enumerable.Range(0, LogicalRanks).Select(_ => Floats.Gradient(random, length))];

    /// <summary>Nearly normal with a standard deviation of 0.001, in every step alike.</summary>
    private static float[] Normal(Random random, int length) =>
        [.. Enumerable.Range(0, length).Select(
            _ => (float)(Enumerable.Range(0, 12).Sum(_ => random.NextDouble()) - 6) * 1e-3f)];
}

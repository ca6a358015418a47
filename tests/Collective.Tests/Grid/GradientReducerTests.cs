namespace Colony.Collective.Tests;

public sealed class GradientReducerTests
{
    public static TheoryData<int, int, bool> Cases
    {
        get
        {
            var cases = new TheoryData<int, int, bool>();
            foreach (var wireBits in (int[])[32, 16, 8])
            {
                foreach (var logicalRanks in (int[])[7, 8])
                {
                    cases.Add(wireBits, logicalRanks, false);
                    cases.Add(wireBits, logicalRanks, true);
                }
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Sum_grid_and_outcome_do_not_depend_on_workers_assignment_order_or_chunks(
        int wireBits, int logicalRanks, bool wild)
    {
        var random = new Random(wireBits + logicalRanks + (wild ? 1 : 0));
        var layout = new GridLayout([33, 0, 7, 128, 1], blockSize: 16);
        var gradients = Gradients(random, layout, logicalRanks, steps: 8, wild);
        int[][]? expected = null;
        for (var workers = 1; workers <= logicalRanks; workers++)
        {
            // Each worker hosts any set of ranks, perhaps none.
            var order = Enumerable.Range(0, logicalRanks).ToArray();
            random.Shuffle(order);
            var hosts = Enumerable.Range(0, logicalRanks).Select(_ => random.Next(workers)).ToArray();
            var results = await World.RunAsync(
                workers,
                one => World.ReduceAsync(one, layout, gradients, order, rank => hosts[rank], wireBits),
                new CommunicatorOptions { ChunkBytes = 64 * random.Next(1, 40) });
            expected ??= results[0];
            foreach (var result in results)
            {
                Assert.Equal(expected, result);
            }
        }

        Assert.NotNull(expected);
    }

    [Fact]
    public async Task Sum_is_that_of_the_rounded_values()
    {
        var random = new Random(11);
        var layout = new GridLayout([1000, 24], blockSize: 100);
        const int LogicalRanks = 5;
        var gradients = Gradients(random, layout, LogicalRanks, steps: 3, wild: false);
        using var reducer = new GradientReducer(layout, LogicalRanks);
        await using var alone = Alone();
        var grid = Grid.First(layout);
        for (var step = 0; step < gradients.Length; step++)
        {
            reducer.Begin(grid, step, step == 0);
            for (var rank = 0; rank < LogicalRanks; rank++)
            {
                reducer.Add(rank, 0, gradients[step][rank][0]);
                reducer.Add(rank, 1, gradients[step][rank][1]);
            }

            var outcome = await reducer.ReduceAsync(alone, TestContext.Current.CancellationToken);
            Assert.False(outcome.NonFinite);
            for (var tensor = 0; tensor < layout.Tensors; tensor++)
            {
                var sum = new float[layout.SizeOf(tensor)];
                reducer.Read(tensor, sum);
                for (var i = 0; i < sum.Length; i++)
                {
                    var exponent = grid.Exponents[layout.FirstBlockOf(tensor) + (i / 100)];
                    var direct = gradients[step].Sum(rank => Rounded(rank[tensor][i], exponent));
                    Assert.Equal((float)((double)direct * Math.ScaleB(1, exponent)), sum[i]);
                }
            }

            grid = reducer.NextGrid();
        }
    }

    [Fact]
    public async Task Every_member_knows_which_tensors_any_slice_gave_a_gradient_of()
    {
        var layout = new GridLayout([.. Enumerable.Repeat(3L, 10)], blockSize: 4);
        var given = await World.RunAsync(2, async one =>
        {
            using var reducer = new GradientReducer(layout, 2);
            reducer.Begin(Grid.First(layout), 0, firstStep: true);
            reducer.Add(one.Rank, one.Rank, [0, 0, 0]);
            reducer.Add(one.Rank, 9, [1, 0, 0]);
            Assert.Throws<InvalidOperationException>(() => reducer.IsGiven(9));
            await reducer.ReduceAsync(one, TestContext.Current.CancellationToken);
            return Enumerable.Range(0, layout.Tensors).Where(reducer.IsGiven).ToArray();
        });
        Assert.All(given, tensors => Assert.Equal([0, 1, 9], tensors));
    }

    [Fact]
    public async Task Next_grid_keeps_22_bits_below_the_largest_sum()
    {
        var layout = new GridLayout([64], blockSize: 32);
        using var reducer = new GradientReducer(layout, 2);
        await using var alone = Alone();
        var gradient = new float[64];
        gradient[3] = 0.75f;
        reducer.Begin(Grid.First(layout), 0, firstStep: true);
        reducer.Add(0, 0, gradient);
        await reducer.ReduceAsync(alone, TestContext.Current.CancellationToken);
        var next = reducer.NextGrid();
        Assert.Equal(-23, next.Exponents[0]);
        Assert.Equal(GridArithmetic.ZeroExponent, next.Exponents[1]);

        reducer.Begin(next, 1, firstStep: false);
        reducer.Add(0, 0, gradient);
        var outcome = await reducer.ReduceAsync(alone, TestContext.Current.CancellationToken);
        Assert.Equal(new ReduceOutcome(false, -1, 0), outcome);
    }

    [Fact]
    public async Task Block_that_goes_wide_midway_keeps_what_it_had()
    {
        var layout = new GridLayout([8, 8], blockSize: 8);
        using var reducer = new GradientReducer(layout, 3);
        await using var alone = Alone();
        reducer.Begin(new Grid(layout, [-20, -20]), 0, firstStep: false);
        reducer.Add(0, 0, [1, 2, 3, 4, 5, 6, 7, 8]);
        reducer.Add(1, 0, [1, 1, 1, 1, 1, 1, 1, 4096]); // 2^32 grid steps
        reducer.Add(2, 0, [-1, 0, 0, 0, 0, 0, 0, 0]);
        var outcome = await reducer.ReduceAsync(alone, TestContext.Current.CancellationToken);
        Assert.Equal(new ReduceOutcome(false, -1, 1), outcome);
        var sum = new float[8];
        reducer.Read(0, sum);
        Assert.Equal([1, 3, 4, 5, 6, 7, 8, 4104], sum);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    [InlineData(1e30f)]
    public async Task Fault_names_the_lowest_tensor_of_all_members(float fault)
    {
        var layout = new GridLayout([10, 20, 30], blockSize: 4);
        var outcomes = await World.RunAsync(3, async one =>
        {
            using var reducer = new GradientReducer(layout, 3);
            reducer.Begin(Grid.First(layout), 0, firstStep: true);
            for (var tensor = 0; tensor < 3; tensor++)
            {
                var gradient = new float[layout.SizeOf(tensor)];
                gradient[^1] = tensor + one.Rank == 3 ? fault : 0.5f;
                reducer.Add(one.Rank, tensor, gradient);
            }

            var outcome = await reducer.ReduceAsync(one, TestContext.Current.CancellationToken);
            Assert.Throws<InvalidOperationException>(() => reducer.Read(0, new float[10]));
            return (outcome, next: reducer.NextGrid().Exponents.ToArray());
        });
        foreach (var (outcome, next) in outcomes)
        {
            Assert.True(outcome.NonFinite);
            Assert.Equal(1, outcome.FirstTensor);
            Assert.Equal(outcomes[0].next, next);
            // A value that was merely too large must find a coarser grid the next time.
            Assert.Equal(fault == 1e30f ? -8 : -40, next[layout.FirstBlockOf(1) + 4]);
        }
    }

    [Fact]
    public async Task Any_finite_gradient_finds_its_grid_in_a_few_steps()
    {
        var layout = new GridLayout([4], blockSize: 4);
        using var reducer = new GradientReducer(layout, 2);
        await using var alone = Alone();
        var grid = Grid.First(layout);
        var outcome = new ReduceOutcome(true, 0, 0);
        for (var step = 0; step < 6 && outcome.NonFinite; step++)
        {
            reducer.Begin(grid, step, step == 0);
            reducer.Add(0, 0, [float.MaxValue, -1f, 0f, 1e20f]);
            outcome = await reducer.ReduceAsync(alone, TestContext.Current.CancellationToken);
            grid = reducer.NextGrid();
        }

        Assert.False(outcome.NonFinite);
        var sum = new float[4];
        reducer.Read(0, sum);
        Assert.Equal(float.MaxValue, sum[0]);
    }

    [Fact]
    public async Task Sum_beyond_float_is_a_fault_although_no_part_was()
    {
        var layout = new GridLayout([2], blockSize: 2);
        using var reducer = new GradientReducer(layout, 2);
        await using var alone = Alone();
        reducer.Begin(new Grid(layout, [GridArithmetic.MaxExponent]), 0, firstStep: false);
        reducer.Add(0, 0, [float.MaxValue, 0]);
        reducer.Add(1, 0, [float.MaxValue, 0]);
        var outcome = await reducer.ReduceAsync(alone, TestContext.Current.CancellationToken);
        Assert.True(outcome.NonFinite);
        Assert.Equal(0, outcome.FirstTensor);
    }

    [Fact]
    public async Task Misuse_is_told_with_the_numbers()
    {
        var layout = new GridLayout([4], blockSize: 4);
        using var reducer = new GradientReducer(layout, 1);
        await using var alone = Alone();
        Assert.Throws<InvalidOperationException>(() => reducer.Add(0, 0, new float[4]));
        reducer.Begin(Grid.First(layout), 0, firstStep: true);
        Assert.Contains("3", Assert.Throws<ArgumentException>(() => reducer.Add(0, 0, new float[3])).Message);
        reducer.Add(0, 0, new float[4]);
        Assert.Throws<InvalidOperationException>(() => reducer.Add(0, 0, new float[4]));
        Assert.Throws<InvalidOperationException>(() => reducer.NextGrid());
        await reducer.ReduceAsync(alone, TestContext.Current.CancellationToken);
        await Assert.ThrowsAsync<InvalidOperationException>(
            () => reducer.ReduceAsync(alone, TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => reducer.Read(0, new float[5]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GradientReducer(layout, 1, wireBits: 12));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GradientReducer(layout, 0));
        Assert.Throws<ArgumentException>(() => new Grid(layout, [0, 0]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new Grid(layout, [-49]));
        Assert.Throws<ArgumentException>(() => Grid.FromBytes(layout, [1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => Grid.FromBytes(layout, [0, 0x7F]));
    }

    [Fact]
    public void Grid_survives_its_bytes()
    {
        var layout = new GridLayout([9], blockSize: 4);
        var grid = new Grid(layout, [-48, 0, 104]);
        Assert.Equal(grid.Exponents.ToArray(), Grid.FromBytes(layout, grid.ToBytes()).Exponents.ToArray());
    }

    [Fact]
    public void Layout_cuts_tensors_into_blocks_of_their_own()
    {
        var layout = new GridLayout([0, 10, 0, 4, 0], blockSize: 4);
        Assert.Equal(4, layout.Blocks);
        Assert.Equal([1, 1, 1, 3], Enumerable.Range(0, 4).Select(layout.TensorOf));
        Assert.Equal([4, 4, 2], Enumerable.Range(0, 3).Select(index => layout.LengthOf(1, index)));
        Assert.Equal(3, layout.FirstBlockOf(3));
        Assert.Throws<ArgumentOutOfRangeException>(() => layout.TensorOf(4));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GridLayout([-1]));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GridLayout([long.MaxValue / 2], 1));
    }

    private static Communicator Alone() => new(new InProcessNetwork(1).Connect(0), 0, 1);

    private static long Rounded(float value, int exponent) =>
        (long)Math.Round(Math.ScaleB((double)value, -exponent), MidpointRounding.ToEven);

    private static float[][][][] Gradients(Random random, GridLayout layout, int logicalRanks, int steps, bool wild)
    {
        float[] Tensor(int tensor, int step)
        {
            var count = (int)layout.SizeOf(tensor);
            return (wild, step % 4) switch
            {
                (true, 1) => Floats.Any(random, count, wild: step == 5),
                (true, 2 or 3) => Floats.Mixed(random, count, layout.BlockSize),
                _ => Floats.Gradient(random, count, 0.01),
            };
        }

        return [.. Enumerable.Range(0, steps).Select(step => Enumerable.Range(0, logicalRanks)
            .Select(_ => Enumerable.Range(0, layout.Tensors).Select(tensor => Tensor(tensor, step)).ToArray())
            .ToArray())];
    }
}

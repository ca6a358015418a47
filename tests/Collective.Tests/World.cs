namespace Colony.Collective.Tests;

/// <summary>Groups of members in one process, and the bounded waits of these tests.</summary>
internal static class World
{
    /// <summary>Far more than any step here takes; only a hang reaches it.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    public static async Task<T[]> RunAsync<T>(
        int size, Func<Communicator, Task<T>> member, CommunicatorOptions? options = null)
    {
        var network = new InProcessNetwork(size);
        var members = new Communicator[size];
        for (var rank = 0; rank < size; rank++)
        {
            members[rank] = new Communicator(network.Connect(rank), rank, size, generation: 7, options);
        }

        try
        {
            return await RunAllAsync(members, member);
        }
        finally
        {
            foreach (var one in members)
            {
                await one.DisposeAsync();
            }
        }
    }

    /// <summary>Runs all members; the first that fails ends the others and is the one whose failure is seen.</summary>
    public static async Task<T[]> RunAllAsync<T>(Communicator[] members, Func<Communicator, Task<T>> member)
    {
        var first = new TaskCompletionSource();
        var all = Task.WhenAll(members.Select(one => Task.Run(async () =>
        {
            try
            {
                return await member(one);
            }
            catch (Exception exception)
            {
                first.TrySetException(exception);
                await one.DisposeAsync();
                throw;
            }
        })));
        await Task.WhenAny(all, first.Task).WaitAsync(Patience, TestContext.Current.CancellationToken);
        if (first.Task.IsFaulted)
        {
            await first.Task;
        }

        return await all;
    }

    /// <summary>Runs several steps over a group and gives each member's results of every step, as bits.</summary>
    public static async Task<int[][]> ReduceAsync(
        Communicator communicator, GridLayout layout, float[][][][] gradients, int[] order, Func<int, int> host,
        int wireBits = GradientReducer.DefaultWireBits)
    {
        var logicalRanks = gradients[0].Length;
        using var reducer = new GradientReducer(layout, logicalRanks, wireBits, seed: 77);
        var grid = Grid.First(layout);
        var results = new List<int[]>();
        for (var step = 0; step < gradients.Length; step++)
        {
            reducer.Begin(grid, step, step == 0);
            foreach (var logicalRank in order.Where(rank => host(rank) == communicator.Rank))
            {
                for (var tensor = layout.Tensors - 1; tensor >= 0; tensor--)
                {
                    reducer.Add(logicalRank, tensor, gradients[step][logicalRank][tensor]);
                }
            }

            var outcome = await reducer.ReduceAsync(communicator, TestContext.Current.CancellationToken);
            grid = reducer.NextGrid();
            results.Add([outcome.NonFinite ? 1 : 0, outcome.FirstTensor, outcome.WideBlocks]);
            results.Add(Array.ConvertAll(grid.Exponents.ToArray(), exponent => (int)exponent));
            for (var tensor = 0; tensor < layout.Tensors && !outcome.NonFinite; tensor++)
            {
                var sum = new float[layout.SizeOf(tensor)];
                reducer.Read(tensor, sum);
                results.Add(Floats.Bits(sum));
            }
        }

        return [.. results];
    }
}

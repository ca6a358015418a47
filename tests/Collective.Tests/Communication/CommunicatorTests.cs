using Colony.Protos.V1;

namespace Colony.Collective.Tests;

public sealed class CommunicatorTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(7)]
    public async Task Gather_with_different_sizes_arrives_in_member_order(int size)
    {
        long[] sizes = [.. Enumerable.Range(0, size).Select(member => (long)(member * 37 % 5) * 50)];
        var results = await World.RunAsync(
            size,
            async one =>
            {
                var mine = new byte[sizes[one.Rank]];
                Array.Fill(mine, (byte)(one.Rank + 1));
                var all = new byte[sizes.Sum()];
                await one.AllGatherAsync(1, mine, all, sizes, Token);
                return all;
            },
            new CommunicatorOptions { ChunkBytes = 64 });
        var expected = Enumerable.Range(0, size)
            .SelectMany(member => Enumerable.Repeat((byte)(member + 1), (int)sizes[member])).ToArray();
        Assert.All(results, all => Assert.Equal(expected, all));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(6)]
    public async Task Or_joins_the_flags_of_all(int size)
    {
        var results = await World.RunAsync(
            size,
            async one =>
            {
                var flags = new byte[200];
                flags[one.Rank] = 1;
                flags[199] = (byte)(1 << one.Rank);
                await one.OrAsync(0, flags, Token);
                return flags;
            },
            new CommunicatorOptions { ChunkBytes = 64 });
        Assert.All(results, flags =>
        {
            Assert.Equal(size, flags[..199].Sum(flag => flag));
            Assert.Equal((1 << size) - 1, flags[199]);
        });
    }

    [Fact]
    public async Task Gather_refuses_announced_sizes_beyond_the_limit_on_every_member()
    {
        var options = new CommunicatorOptions { MaxGatheredBytes = 1000 };
        var failures = await World.RunAsync(
            3,
            one => Assert.ThrowsAsync<CollectiveException>(() => one.AllGatherAsync(0, new byte[400], Token)), options);
        Assert.All(failures, failure => Assert.Equal((2, CollectiveFailure.Protocol), (failure.Peer, failure.Failure)));
    }

    [Fact]
    public async Task Cancelling_one_member_ends_its_wait_and_then_those_of_the_others()
    {
        var network = new InProcessNetwork(3);
        var members = Members(network, new ManualTime());
        using var cancel = new CancellationTokenSource();
        var flags = new byte[1];
        var first = members[0].OrAsync(4, flags, cancel.Token);
        var second = members[1].OrAsync(4, new byte[1], Token);
        Assert.False(first.IsCompleted);
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first.WaitAsync(World.Patience, Token));
        var failure = await Assert.ThrowsAsync<CollectiveException>(() => second.WaitAsync(World.Patience, Token));
        Assert.Equal((0, 4L, Phase.Flags), (failure.Peer, failure.Step, failure.Phase));
        Assert.Contains("broke off", failure.Message, StringComparison.Ordinal);

        var again = await Assert.ThrowsAsync<CollectiveException>(() => members[0].OrAsync(5, flags, Token));
        Assert.Equal(CollectiveFailure.Closed, again.Failure);
        await CloseAsync(members);
    }

    [Fact]
    public async Task Disposing_ends_a_wait_at_once()
    {
        var members = Members(new InProcessNetwork(2), new ManualTime());
        var waiting = members[0].OrAsync(4, new byte[1], Token);
        await members[0].DisposeAsync().AsTask().WaitAsync(World.Patience, Token);
        var failure = await Assert.ThrowsAsync<CollectiveException>(() => waiting);
        Assert.Equal(CollectiveFailure.Closed, failure.Failure);
        await CloseAsync(members);
    }

    [Fact]
    public async Task Waits_are_told_and_those_without_end_are_ended()
    {
        var time = new ManualTime();
        var members = Members(new InProcessNetwork(2), time);
        var observed = new List<WaitObserved>();
        members[0].WaitObserved += observed.Add;
        var waiting = members[0].OrAsync(4, new byte[1], Token);
        time.Advance(TimeSpan.FromSeconds(3));
        Assert.Equal(new WaitObserved(1, Phase.Flags, 4, TimeSpan.FromSeconds(3), false), members[0].WaitingFor);
        await members[1].OrAsync(4, new byte[1], Token);
        await waiting;
        Assert.Null(members[0].WaitingFor);
        Assert.Equal([new WaitObserved(1, Phase.Flags, 4, TimeSpan.FromSeconds(3), false)], observed);

        waiting = members[0].OrAsync(5, new byte[1], Token);
        time.Advance(new CommunicatorOptions().WaitLimit + TimeSpan.FromSeconds(1));
        var failure = await Assert.ThrowsAsync<CollectiveException>(() => waiting.WaitAsync(World.Patience, Token));
        Assert.Equal((1, CollectiveFailure.TimedOut), (failure.Peer, failure.Failure));
        await CloseAsync(members);
    }

    [Theory]
    [InlineData("generation", CollectiveFailure.WrongGeneration)]
    [InlineData("step", CollectiveFailure.Protocol)]
    [InlineData("offset", CollectiveFailure.Protocol)]
    [InlineData("sender", CollectiveFailure.Protocol)]
    [InlineData("length", CollectiveFailure.Protocol)]
    [InlineData("total", CollectiveFailure.Protocol)]
    public async Task Chunk_that_is_not_the_expected_one_breaks_the_operation(string wrong, CollectiveFailure expected)
    {
        var network = new InProcessNetwork(2);
        await using var honest = new Communicator(network.Connect(0), 0, 2, generation: 7);
        await using var hostile = network.Connect(1);
        var header = new ChunkHeader(7, 4, Phase.Flags, 1, 0, 8, 1);
        header = wrong switch
        {
            "generation" => header with { Generation = 6 },
            "step" => header with { Step = 3 },
            "offset" => header with { Offset = 8 },
            "sender" => header with { Sender = 0 },
            "total" => header with { Total = ulong.MaxValue },
            _ => header,
        };
        await hostile.SendAsync(0, header, new byte[wrong == "length" ? 9 : 8], Token);
        var flags = new byte[8];
        var failure = await Assert.ThrowsAsync<CollectiveException>(() => honest.OrAsync(4, flags, Token));
        Assert.Equal((1, expected), (failure.Peer, failure.Failure));
    }

    [Fact]
    public async Task Misuse_is_told()
    {
        var members = Members(new InProcessNetwork(2), new ManualTime());
        await Assert.ThrowsAsync<ArgumentException>(
            () => members[0].AllGatherAsync(0, new byte[3], new byte[6], [3, 4], Token));
        await Assert.ThrowsAsync<ArgumentException>(
            () => members[0].AllGatherAsync(0, new byte[3], new byte[6], [4, 3], Token));
        await Assert.ThrowsAsync<ArgumentException>(
            () => members[0].SumAsync(0, [new IntegerRun(new byte[6], 4)], Token));
        var running = members[0].OrAsync(0, new byte[1], Token);
        await Assert.ThrowsAsync<InvalidOperationException>(() => members[0].OrAsync(0, new byte[1], Token));
        await members[1].OrAsync(0, new byte[1], Token);
        await running;
        await CloseAsync(members);
    }

    private static Communicator[] Members(InProcessNetwork network, TimeProvider time) =>
        [.. Enumerable.Range(0, network.Size).Select(
            rank => new Communicator(network.Connect(rank), rank, network.Size, generation: 7, time: time))];

    private static async Task CloseAsync(Communicator[] members)
    {
        foreach (var member in members)
        {
            await member.DisposeAsync();
        }
    }
}

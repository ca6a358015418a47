using System.Buffers;
using System.Globalization;
using System.Net.NetworkInformation;
using System.Runtime.InteropServices;
using Colony.Protos.V1;
using Colony.Rpc;

namespace Colony.Collective.Tests;

[Collection(nameof(UnmanagedMemory))]
public sealed class GrpcTransportTests
{
    private static readonly CommunicatorOptions SmallChunks = new() { ChunkBytes = 4096 };

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public async Task Reduction_over_grpc_equals_in_process_and_the_direct_sum(int size)
    {
        const int Length = 30_000;
        var random = new Random(size);
        var inputs = Enumerable.Range(0, size).Select(_ => Enumerable.Range(0, Length)
            .Select(_ => random.NextInt64(-1L << 40, 1L << 40)).ToArray()).ToArray();
        var narrow = Enumerable.Range(0, Length).Select(i => inputs.Sum(input => (int)(input[i] >> 20))).ToArray();
        var wide = Enumerable.Range(0, Length).Select(i => inputs.Sum(input => input[i])).ToArray();

        async Task<(int[] Narrow, long[] Wide)> Sum(Communicator one)
        {
            var mineNarrow = Array.ConvertAll(inputs[one.Rank], value => (int)(value >> 20));
            var mineWide = inputs[one.Rank].ToArray();
            var narrowBytes = MemoryMarshal.AsBytes(mineNarrow.AsSpan()).ToArray();
            var wideBytes = MemoryMarshal.AsBytes(mineWide.AsSpan()).ToArray();
            await one.SumAsync(3, [new(narrowBytes, 4), new(wideBytes, 8)], Token);
            return (
                MemoryMarshal.Cast<byte, int>(narrowBytes).ToArray(),
                MemoryMarshal.Cast<byte, long>(wideBytes).ToArray());
        }

        await using var group = await LoopbackGroup.StartAsync(size, SmallChunks);
        var overGrpc = await World.RunAllAsync(group.Open(1), Sum);
        var inProcess = await World.RunAsync(size, Sum, SmallChunks);
        foreach (var sum in overGrpc.Concat(inProcess))
        {
            Assert.Equal(narrow, sum.Narrow);
            Assert.Equal(wide, sum.Wide);
        }
    }

    [Fact]
    public async Task Gradients_over_grpc_have_the_same_bits_as_alone()
    {
        var random = new Random(8);
        var layout = new GridLayout([5000, 17, 300], blockSize: 64);
        var gradients = Enumerable.Range(0, 3).Select(_ => Enumerable.Range(0, 4).Select(_ =>
            Enumerable.Range(0, 3).Select(t => Floats.Gradient(random, (int)layout.SizeOf(t))).ToArray())
            .ToArray()).ToArray();
        int[] order = [0, 1, 2, 3];
        var alone = await World.RunAsync(1, one => World.ReduceAsync(one, layout, gradients, order, _ => 0));
        await using var group = await LoopbackGroup.StartAsync(3, SmallChunks);
        var three = await World.RunAllAsync(
            group.Open(1), one => World.ReduceAsync(one, layout, gradients, order, rank => rank % 3));
        Assert.All(three, result => Assert.Equal(alone[0], result));
    }

    [Fact]
    public async Task Gather_of_unknown_sizes_brings_all_to_all()
    {
        await using var group = await LoopbackGroup.StartAsync(3, SmallChunks);
        var all = await World.RunAllAsync(group.Open(1), async one =>
        {
            using var gathered = await one.AllGatherAsync(0, Payload(one.Rank), Token);
            return Enumerable.Range(0, 3).Select(member => gathered.Of(member).ToArray()).ToArray();
        });
        Assert.All(all, parts => Assert.Equal([Payload(0), Payload(1), Payload(2)], parts));
    }

    [Fact]
    public async Task Rehearsal_touches_neither_the_open_group_nor_its_accounts()
    {
        await using var group = await LoopbackGroup.StartAsync(2, SmallChunks);
        var members = group.Open(1);
        await World.RunAllAsync(members, one => GatherAsync(one, 0));
        var sent = group.Endpoints[0].Traffic.TotalSent;
        await group.Endpoints[0].RehearseAsync(Token);
        Assert.Equal(sent, group.Endpoints[0].Traffic.TotalSent);
        Assert.Equal(0, group.Endpoints[0].RefusedChunks);
        await World.RunAllAsync(members, one => GatherAsync(one, 1));
    }

    [Fact]
    public async Task Killed_member_fails_all_others_promptly_and_each_names_a_peer()
    {
        await using var group = await LoopbackGroup.StartAsync(5, SmallChunks);
        var members = group.Open(1);
        await World.RunAllAsync(members, one => GatherAsync(one, 0));

        // Member 2 does not take part in the next operation; the others cannot end it.
        var others = members.Where(one => one.Rank != 2).Select(one => SumAsync(one, 1)).ToArray();
        await WaitsAsync(members[3]);
        Assert.All(others, one => Assert.False(one.IsCompleted));
        await group.KillAsync(2);
        foreach (var other in others)
        {
            var failure = await Assert.ThrowsAsync<CollectiveException>(() => other.WaitAsync(World.Patience, Token));
            Assert.Equal(1, failure.Step);
            Assert.InRange(failure.Peer, 0, 4);

            // Its neighbour's link is lost; the others hear of it from those who broke off.
            Assert.True(
                failure.Failure is CollectiveFailure.ConnectionLost or CollectiveFailure.PeerEnded, $"{failure}");
        }
    }

    [Fact]
    public async Task New_generation_ends_the_old_one_everywhere_and_works_itself()
    {
        await using var group = await LoopbackGroup.StartAsync(3, SmallChunks);
        var old = group.Open(4);
        await World.RunAllAsync(old, one => GatherAsync(one, 0));
        var stuck = old.Where(one => one.Rank != 0).Select(one => SumAsync(one, 1)).ToArray();
        await WaitsAsync(old[1]);

        var renewed = new[] { group.Endpoints[0].Open(5, 0, group.Addresses) };
        foreach (var one in stuck)
        {
            await Assert.ThrowsAsync<CollectiveException>(() => one.WaitAsync(World.Patience, Token));
        }

        // Member 0 already sends in generation 5 while the others have not opened it: its stream is held, not refused.
        var early = GatherAsync(renewed[0], 2);
        await HeldAsync(group.Endpoints[1]);
        Assert.False(early.IsCompleted);
        renewed =
        [
            renewed[0], group.Endpoints[1].Open(5, 1, group.Addresses), group.Endpoints[2].Open(5, 2, group.Addresses),
        ];
        await Task.WhenAll(early, GatherAsync(renewed[1], 2), GatherAsync(renewed[2], 2))
            .WaitAsync(World.Patience, Token);
        foreach (var one in old)
        {
            await one.DisposeAsync();
            await Assert.ThrowsAsync<CollectiveException>(() => SumAsync(one, 9));
        }

        Assert.Throws<ArgumentOutOfRangeException>(() => group.Endpoints[0].Open(5, 0, group.Addresses));
    }

    [Fact]
    public async Task Generations_that_are_over_leave_no_connection_behind()
    {
        await using var group = await LoopbackGroup.StartAsync(3, SmallChunks);
        for (ulong generation = 1; generation <= 12; generation++)
        {
            await World.RunAllAsync(group.Open(generation), async one =>
            {
                using var all = await one.AllGatherAsync((long)generation, new byte[] { 1, 2, 3 }, Token);
                return all.Members;
            });
        }

        await Task.WhenAll(group.Endpoints.Select(e => e.Closing)).WaitAsync(World.Patience, Token);
        var ports = group.Addresses.Select(a => int.Parse(a.Split(':')[1], CultureInfo.InvariantCulture)).ToHashSet();
        var open = IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpConnections()
            .Count(c => c.State == TcpState.Established && ports.Contains(c.RemoteEndPoint.Port));
        Assert.InRange(open, 1, 3 * 2);
    }

    [Fact]
    public async Task Stream_of_an_old_generation_is_refused_with_failed_precondition()
    {
        await using var group = await LoopbackGroup.StartAsync(2, SmallChunks);
        group.Open(10);
        var refusal = await RefusalAsync(group, new ChunkHeader(9, 0, Phase.Gather, 0, 0, 4, 0));
        Assert.Equal(StatusCode.FailedPrecondition, refusal.Code);
        Assert.Contains("generation 9 is over, 10 is open", refusal.Detail, StringComparison.Ordinal);
        Assert.Equal(1, group.Endpoints[1].RefusedChunks);
    }

    [Fact]
    public async Task Stream_of_no_member_or_with_a_changed_generation_or_too_long_a_chunk_is_refused()
    {
        await using var group = await LoopbackGroup.StartAsync(2, SmallChunks);
        group.Open(10);
        var valid = new ChunkHeader(10, 0, Phase.Gather, 0, 0, 4, 0);
        Assert.Equal(StatusCode.FailedPrecondition, (await RefusalAsync(group, valid with { Sender = 2 })).Code);
        Assert.Equal(
            StatusCode.FailedPrecondition,
            (await RefusalAsync(group, valid with { Sender = uint.MaxValue })).Code);
        var changed = await RefusalAsync(group, valid, valid with { Generation = 11 });
        Assert.Equal(StatusCode.FailedPrecondition, changed.Code);
        var tooLong = await RefusalAsync(
            group, new byte[CommunicatorOptions.MaxChunkBytes + 1], valid with { Sender = 1 });
        Assert.Equal(StatusCode.ResourceExhausted, tooLong.Code);
        Assert.Equal(4, group.Endpoints[1].RefusedChunks);
    }

    [Fact]
    public async Task Chunks_of_a_hostile_member_break_the_operation_and_name_it()
    {
        await using var group = await LoopbackGroup.StartAsync(2, SmallChunks);
        var honest = group.Endpoints[1].Open(10, 1, group.Addresses);
        var waiting = GatherAsync(honest, 0);
        await using var channel = new RpcChannel(group.Addresses[1]);
        await using var call = channel.Duplex(CollectiveMethods.Exchange, CallOptions.Default, Token);
        var lie = new ChunkHeader(10, 0, Phase.Gather, 0, 64, 100, 0);
        await call.WriteAsync(new ChunkMessage(lie, new ReadOnlySequence<byte>(new byte[36])), Token);
        var failure = await Assert.ThrowsAsync<CollectiveException>(() => waiting.WaitAsync(World.Patience, Token));
        Assert.Equal(CollectiveFailure.Protocol, failure.Failure);
        Assert.Equal(0, failure.Peer);
        Assert.Equal(Phase.Gather, failure.Phase);
    }

    [Theory]
    [InlineData(1000, false)]
    [InlineData(1000, true)]
    public async Task Many_steps_leave_no_unmanaged_buffer_behind(int steps, bool overGrpc)
    {
        Assert.Equal(0, UnmanagedMemory.LiveBuffers);
        var layout = new GridLayout([3000, 50], blockSize: 64);
        await using (var group = await LoopbackGroup.StartAsync(2, SmallChunks))
        {
            var network = new InProcessNetwork(2);
            var members = overGrpc
                ? group.Open(1)
                : [new Communicator(network.Connect(0), 0, 2), new Communicator(network.Connect(1), 1, 2)];
            var counts = await World.RunAllAsync(members, async one =>
            {
                using var reducer = new GradientReducer(layout, 2);
                var gradient = Floats.Gradient(new Random(one.Rank), 3000);
                var small = new float[50];
                var grid = Grid.First(layout);
                var atTenth = 0L;
                for (var step = 0; step < steps; step++)
                {
                    // A few spikes, so that some steps have wide blocks.
                    gradient[step] = step % 100 == 0 ? 1000 : 0;
                    reducer.Begin(grid, step, step == 0);
                    reducer.Add(one.Rank, 0, gradient);
                    reducer.Add(one.Rank, 1, small);
                    await reducer.ReduceAsync(one, Token);
                    grid = reducer.NextGrid();
                    atTenth = step == 10 ? UnmanagedMemory.LiveBuffers : atTenth;
                }

                return (AtTenth: atTenth, AtEnd: UnmanagedMemory.LiveBuffers);
            });
            await members[0].DisposeAsync();
            await members[1].DisposeAsync();
            // The other member may be anywhere in its step: allow what a step holds for a moment, times two members.
            Assert.All(counts, count => Assert.InRange(
                count.AtEnd, 0, count.AtTenth + (2 * (ChunkInbox.Capacity + ChunkPool.DefaultRetained))));
        }

        Assert.Equal(0, UnmanagedMemory.LiveBuffers);
    }

    private static async Task<bool> GatherAsync(Communicator one, long step)
    {
        var sizes = Enumerable.Repeat(100L, one.Size).ToArray();
        await one.AllGatherAsync(step, new byte[100], new byte[100 * one.Size], sizes, Token);
        return true;
    }

    private static async Task<bool> SumAsync(Communicator one, long step)
    {
        await one.SumAsync(step, [new IntegerRun(new byte[100_000], 4)], Token);
        return true;
    }

    private static byte[] Payload(int rank) => [.. Enumerable.Repeat((byte)(rank + 1), rank * 5000)];

    private static async Task WaitsAsync(Communicator one)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (one.WaitingFor is null)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < World.Patience, "the member never waited");
            await Task.Yield();
        }
    }

    private static async Task HeldAsync(CollectiveEndpoint endpoint)
    {
        var deadline = TimeProvider.System.GetTimestamp();
        while (endpoint.HeldStreams == 0)
        {
            Assert.True(TimeProvider.System.GetElapsedTime(deadline) < World.Patience, "no stream was held");
            await Task.Yield();
        }
    }

    private static Task<RpcException> RefusalAsync(LoopbackGroup group, params ChunkHeader[] headers) =>
        RefusalAsync(group, new byte[4], headers);

    private static async Task<RpcException> RefusalAsync(
        LoopbackGroup group, byte[] payload, params ChunkHeader[] headers)
    {
        await using var channel = new RpcChannel(group.Addresses[1]);
        await using var call = channel.Duplex(CollectiveMethods.Exchange, CallOptions.Default, Token);
        return await Assert.ThrowsAsync<RpcException>(async () =>
        {
            foreach (var header in headers)
            {
                await call.WriteAsync(new ChunkMessage(header, new ReadOnlySequence<byte>(payload)), Token);
            }

            await call.MoveNextAsync(Token).AsTask().WaitAsync(World.Patience, Token);
        });
    }
}

/// <summary>Tests that count unmanaged buffers of the whole process run alone.</summary>
[CollectionDefinition(nameof(UnmanagedMemory), DisableParallelization = true)]
public sealed class UnmanagedMemoryCollection;

using System.Buffers;
using System.Globalization;
using System.Text;
using Colony.Protos.V1;

namespace Colony.Rpc.Tests;

public sealed class FourKindsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(4096)]
    [InlineData(4097)]
    [InlineData(3_000_001)]
    public async Task Unary_returns_the_same_bytes(int length)
    {
        await using var pair = await Pair.StartAsync();
        var sent = Echo.Pattern(length);

        var got = await pair.Channel.UnaryAsync(Echo.Unary, sent, CallOptions.Default, Echo.Token).InTime();

        Assert.Equal(sent, got.ToArray());
    }

    [Fact]
    public async Task Server_streaming_brings_every_message_in_order_and_ends_well()
    {
        await using var pair = await Pair.StartAsync();
        var sent = Echo.Pattern(5000);
        await using var call = pair.Channel.ServerStreaming(Echo.Server, sent, CallOptions.Default, Echo.Token);

        var got = new List<byte>();
        await foreach (var message in call.ReadAllAsync(Echo.Token))
        {
            got.AddRange(message.Span);
        }

        Assert.Equal(sent, got);
        Assert.Equal(StatusCode.OK, call.Status?.Code);
        Assert.False(await call.MoveNextAsync(Echo.Token));
    }

    [Fact]
    public async Task Client_streaming_counts_what_was_written()
    {
        await using var pair = await Pair.StartAsync();
        await using var call = pair.Channel.ClientStreaming(Echo.Client, CallOptions.Default, Echo.Token);

        foreach (var length in new[] { 0, 1, 70_000, 2_000_000 })
        {
            await call.WriteAsync(Echo.Pattern(length), Echo.Token);
        }

        var got = await call.CompleteAsync(Echo.Token).InTime();
        Assert.Equal("2070001", Encoding.ASCII.GetString(got.Span));
        await Assert.ThrowsAnyAsync<Exception>(async () => await call.WriteAsync(default, Echo.Token));
    }

    [Fact]
    public async Task Duplex_is_a_conversation_and_half_closes()
    {
        await using var pair = await Pair.StartAsync();
        await using var call = pair.Channel.Duplex(Echo.Duplex, CallOptions.Default, Echo.Token);

        for (var i = 0; i < 100; i++)
        {
            var sent = Echo.Pattern(i * 997, i);
            await call.WriteAsync(sent, Echo.Token);
            Assert.True(await call.MoveNextAsync(Echo.Token).AsTask().InTime());
            Assert.Equal(sent, call.Current.ToArray());
        }

        Assert.Null(call.Status);
        await call.CompleteAsync(Echo.Token);
        Assert.False(await call.MoveNextAsync(Echo.Token).AsTask().InTime());
        Assert.Equal(StatusCode.OK, call.Status?.Code);
    }

    [Fact]
    public async Task Payloads_travel_from_unmanaged_memory_into_unmanaged_memory()
    {
        const int Length = 3 << 20;
        const int Chunks = 8;
        using var source = new NativeBlock(Length);
        using var target = new NativeBlock(Length);
        new Random(7).NextBytes(source.Memory.Span);
        await using var pair = await Pair.StartAsync(server => server.AddDuplex(
            Echo.Exchange, async (requests, responses, _, cancellationToken) =>
            {
                ulong chunks = 0;
                while (await requests.MoveNextAsync(cancellationToken))
                {
                    var (header, payload) = requests.Current;
                    Assert.Equal(7UL, header.Generation);
                    Assert.True(header.Payload.IsEmpty);
                    payload.CopyTo(target.Memory.Span[(int)header.Offset..]);
                    await responses.WriteAsync(new ChunkAck { Chunks = ++chunks }, cancellationToken);
                }
            }));
        await using var call = pair.Channel.Duplex(Echo.Exchange, CallOptions.Default, Echo.Token);

        for (var i = 0; i < Chunks; i++)
        {
            const int Piece = Length / Chunks;
            var header = new Chunk { Generation = 7, Step = -3, Offset = (ulong)(i * Piece), Total = Length };
            await call.WriteAsync(new PayloadMessage<Chunk>(header, source.Memory.Slice(i * Piece, Piece)), Echo.Token);
        }

        await call.CompleteAsync(Echo.Token);
        var acks = new List<ulong>();
        await foreach (var ack in call.ReadAllAsync(Echo.Token))
        {
            acks.Add(ack.Chunks);
        }

        Assert.Equal(Enumerable.Range(1, Chunks).Select(i => (ulong)i), acks);
        Assert.True(source.Memory.Span.SequenceEqual(target.Memory.Span));
    }

    [Fact]
    public async Task A_thousand_calls_at_a_time_all_come_back()
    {
        const int Calls = 1000;
        var inside = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pair = await Pair.StartAsync(
            server => server.AddUnary(Echo.Unary, async (request, _, cancellationToken) =>
        {
            // Nobody returns before everybody is inside: they truly run at the same time.
            if (Interlocked.Increment(ref inside) == Calls)
            {
                all.SetResult();
            }

            await all.Task.WaitAsync(cancellationToken);
            return request;
        }));

        var calls = Enumerable.Range(0, Calls).Select(i => pair.Channel.UnaryAsync(
            Echo.Unary,
            Encoding.ASCII.GetBytes(i.ToString(CultureInfo.InvariantCulture)),
            CallOptions.Default,
            Echo.Token));
        var got = await Task.WhenAll(calls).InTime();

        Assert.Equal(
            Enumerable.Range(0, Calls).Select(i => i.ToString(CultureInfo.InvariantCulture)),
            got.Select(bytes => Encoding.ASCII.GetString(bytes.Span)));
    }

    [Fact]
    public async Task A_writer_waits_while_nobody_reads()
    {
        var let = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pair = await Pair.StartAsync(
            server => server.AddClientStreaming(Echo.Client, async (requests, _, cancellationToken) =>
            {
                await let.Task.WaitAsync(cancellationToken);
                var count = 0;
                while (await requests.MoveNextAsync(cancellationToken))
                {
                    count++;
                }

                return new ReadOnlyMemory<byte>([(byte)count]);
            }),
            new RpcServerOptions { StreamWindowBytes = 128 * 1024, ConnectionWindowBytes = 256 * 1024 });
        await using var call = pair.Channel.ClientStreaming(Echo.Client, CallOptions.Default, Echo.Token);
        var message = Echo.Pattern(1 << 20);

        var writes = Enumerable.Range(0, 4).Select(_ => call.WriteAsync(message, Echo.Token).AsTask()).ToArray();
        Assert.DoesNotContain(writes, write => write.IsCompleted);
        let.SetResult();

        await Task.WhenAll(writes).InTime();
        Assert.Equal(4, (await call.CompleteAsync(Echo.Token).InTime()).Span[0]);
    }
}

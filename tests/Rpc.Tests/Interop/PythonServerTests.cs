using System.Globalization;
using System.Text;
using Colony.Testing;

namespace Colony.Rpc.Tests;

/// <summary>Our client against a server written by others (grpcio).</summary>
public sealed class PythonServerTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Fact]
    public async Task All_four_kinds()
    {
        var (python, channel) = await StartAsync();
        await using var endPython = python;
        await using var endChannel = channel;
        var large = Echo.Pattern(3_000_000);

        foreach (var message in new[] { [], [1], large })
        {
            var got = await channel.UnaryAsync(Echo.Unary, message, CallOptions.Default, Echo.Token).InTime();
            Assert.Equal(message, got.ToArray());
        }

        await using (var call = channel.ServerStreaming(
            Echo.Server, large.AsMemory(0, 2000), CallOptions.Default, Echo.Token))
        {
            var got = new List<byte>();
            await foreach (var message in call.ReadAllAsync(Echo.Token))
            {
                got.AddRange(message.Span);
            }

            Assert.Equal(large[..2000], got);
        }

        await using (var call = channel.ClientStreaming(Echo.Client, CallOptions.Default, Echo.Token))
        {
            await call.WriteAsync(default, Echo.Token);
            await call.WriteAsync(large, Echo.Token);
            await call.WriteAsync(new byte[] { 1 }, Echo.Token);
            Assert.Equal("3000001", Encoding.ASCII.GetString((await call.CompleteAsync(Echo.Token).InTime()).Span));
        }

        await using (var call = channel.Duplex(Echo.Duplex, CallOptions.Default, Echo.Token))
        {
            for (var i = 0; i < 50; i++)
            {
                var sent = Echo.Pattern(i * 1009, i);
                await call.WriteAsync(sent, Echo.Token);
                Assert.True(await call.MoveNextAsync(Echo.Token).AsTask().InTime());
                Assert.Equal(sent, call.Current.ToArray());
            }

            await call.CompleteAsync(Echo.Token);
            Assert.False(await call.MoveNextAsync(Echo.Token).AsTask().InTime());
        }
    }

    [Fact]
    public async Task Status_sentence_and_metadata()
    {
        var (python, channel) = await StartAsync();
        await using var endPython = python;
        await using var endChannel = channel;

        var failure = await ThrowsAsync(channel, "fail");
        Assert.Equal(StatusCode.FailedPrecondition, failure.Code);
        Assert.Equal("größer als 100 %\nzweite Zeile", failure.Detail);
        Assert.Equal([0, 1, 255], failure.Trailers.GetBytes("why-bin")!.Value.ToArray());
        Assert.Equal("text", failure.Trailers.GetText("why"));
        Assert.Equal(StatusCode.Unknown, (await ThrowsAsync(channel, "raise")).Code);
        var absent = await Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(
            Echo.Of(MethodKind.Unary, "Absent"), default, CallOptions.Default, Echo.Token).InTime());
        Assert.Equal(StatusCode.Unimplemented, absent.Code);

        var blob = Enumerable.Range(0, 256).Select(i => (byte)i).ToArray();
        var options = new CallOptions { Headers = new Metadata { { "ask", "a, b=c" }, { "ask-bin", blob } } };
        var reply = await channel.UnaryReplyAsync(Echo.Unary, "metadata"u8.ToArray(), options, Echo.Token).InTime();
        Assert.Equal("a, b=c", reply.Headers.GetText("head"));
        Assert.Equal(blob, reply.Trailers.GetBytes("tail-bin")!.Value.ToArray());

        await using var call = channel.Duplex(Echo.Duplex, CallOptions.Default, Echo.Token);
        await call.WriteAsync("a"u8.ToArray(), Echo.Token);
        await call.WriteAsync("stop"u8.ToArray(), Echo.Token);
        Assert.True(await call.MoveNextAsync(Echo.Token).AsTask().InTime());
        var late = await Assert.ThrowsAsync<RpcException>(() => call.MoveNextAsync(Echo.Token).AsTask().InTime());
        Assert.Equal(new Status(StatusCode.Aborted, "an older generation"), late.Status);
    }

    [Fact]
    public async Task Deadlines_travel_and_are_kept()
    {
        var (python, channel) = await StartAsync();
        await using var endPython = python;
        await using var endChannel = channel;

        var hour = new CallOptions { Timeout = TimeSpan.FromHours(1) };
        var left = await channel.UnaryAsync(Echo.Unary, "deadline"u8.ToArray(), hour, Echo.Token).InTime();
        Assert.InRange(double.Parse(Encoding.ASCII.GetString(left.Span), CultureInfo.InvariantCulture), 3400, 3600.5);

        var soon = new CallOptions { Timeout = TimeSpan.FromMilliseconds(300) };
        var failure = await Assert.ThrowsAsync<RpcException>(() =>
            channel.UnaryAsync(Echo.Unary, "hang"u8.ToArray(), soon, Echo.Token).InTime());
        Assert.Equal(StatusCode.DeadlineExceeded, failure.Code);
        await python.LineAsync("^ended$", Limit, Echo.Token);
    }

    [Fact]
    public async Task Cancelling_reaches_the_handler()
    {
        var (python, channel) = await StartAsync();
        await using var endPython = python;
        await using var endChannel = channel;
        using var source = new CancellationTokenSource();

        var call = channel.UnaryAsync(Echo.Unary, "hang"u8.ToArray(), CallOptions.Default, source.Token);
        await python.LineAsync("^hanging$", Limit, Echo.Token);
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(call.InTime);
        await python.LineAsync("^ended$", Limit, Echo.Token);
    }

    [Fact]
    public async Task A_killed_server_is_unavailable_at_once()
    {
        var (python, channel) = await StartAsync();
        await using var endChannel = channel;
        Task<bool> read;
        await using (python)
        {
            var call = channel.Duplex(Echo.Duplex, CallOptions.Default, Echo.Token);
            await call.WriteAsync("hang"u8.ToArray(), Echo.Token);
            read = call.MoveNextAsync(Echo.Token).AsTask();
            await python.LineAsync("^hanging$", Limit, Echo.Token);
        }

        var failure = await Assert.ThrowsAsync<RpcException>(read.InTime);
        Assert.Equal(StatusCode.Unavailable, failure.Code);
    }

    private static async Task<(ServerProcess Python, RpcChannel Channel)> StartAsync()
    {
        var python = await PythonPeer.StartAsync("Interop/peer.py", ["serve"], ["grpc"], Echo.Token);
        var port = (await python.LineAsync("^port ([0-9]+)$", Limit, Echo.Token)).Groups[1].Value;
        return (python, new RpcChannel($"127.0.0.1:{port}"));
    }

    private static Task<RpcException> ThrowsAsync(RpcChannel channel, string command) =>
        Assert.ThrowsAsync<RpcException>(() => channel.UnaryAsync(
            Echo.Unary, Encoding.ASCII.GetBytes(command), CallOptions.Default, Echo.Token).InTime());
}

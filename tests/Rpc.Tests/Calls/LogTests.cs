namespace Colony.Rpc.Tests;

public sealed class LogTests
{
    [Fact]
    public async Task Only_what_a_handler_did_not_expect_is_told_to_the_operator()
    {
        using var logs = new CapturedLogs();
        var hanging = new HangingHandler();
        await using (var server = new RpcServer(new RpcServerOptions(), logs))
        {
            hanging.AddTo(server);
            server.AddServerStreaming(
                Echo.Server, (_, _, _, _) => throw new RpcException(StatusCode.NotFound, "expected"));
            server.AddClientStreaming<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(
                Echo.Client, (_, context, _) => throw new InvalidOperationException("surprise"));
            await server.StartAsync(Echo.Token);
            await using var channel = new RpcChannel(server.Address);

            // Cancelled by the client, ended by an expected status, failed by surprise, and cut by the server's end.
            using var source = new CancellationTokenSource();
            var cancelled = channel.UnaryAsync(Echo.Unary, default, CallOptions.Default, source.Token);
            await hanging.Entered;
            await source.CancelAsync();
            await hanging.Cancelled;
            await Assert.ThrowsAnyAsync<OperationCanceledException>(cancelled.InTime);
            await using var expected = channel.ServerStreaming(Echo.Server, default, CallOptions.Default, Echo.Token);
            await Assert.ThrowsAsync<RpcException>(() => expected.MoveNextAsync(Echo.Token).AsTask().InTime());
            await using var surprised = channel.ClientStreaming(Echo.Client, CallOptions.Default, Echo.Token);
            await Assert.ThrowsAsync<RpcException>(() => surprised.CompleteAsync(Echo.Token).InTime());
            await using var cut = channel.Duplex(Echo.Duplex, CallOptions.Default, Echo.Token);
            Assert.True(await cut.MoveNextAsync(Echo.Token).AsTask().InTime());
        }

        var line = Assert.Single(logs.Lines);
        Assert.Contains(Echo.Client.Path, line, StringComparison.Ordinal);
        Assert.Contains("surprise", line, StringComparison.Ordinal);
    }
}

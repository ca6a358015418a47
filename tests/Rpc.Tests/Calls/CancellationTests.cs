namespace Colony.Rpc.Tests;

public sealed class CancellationTests
{
    [Fact]
    public async Task The_callers_token_ends_the_call_on_both_sides()
    {
        var handler = new HangingHandler();
        await using var pair = await Pair.StartAsync(server => handler.AddTo(server));
        using var source = new CancellationTokenSource();

        var call = pair.Channel.UnaryAsync(Echo.Unary, default, CallOptions.Default, source.Token);
        await handler.Entered;
        await source.CancelAsync();

        var cancelled = await Assert.ThrowsAnyAsync<OperationCanceledException>(call.InTime);
        Assert.Equal(source.Token, cancelled.CancellationToken);
        await handler.Cancelled;
    }

    [Fact]
    public async Task A_token_cancelled_before_the_call_sends_nothing()
    {
        await using var pair = await Pair.StartAsync(server => server.AddUnary(
            Echo.Unary, (_, _, _) => throw new InvalidOperationException("never called")));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => pair.Channel.UnaryAsync(
            Echo.Unary, default, CallOptions.Default, new CancellationToken(canceled: true)).InTime());
    }

    [Fact]
    public async Task The_token_of_a_stream_ends_its_reader_and_its_status_says_so()
    {
        var handler = new HangingHandler();
        await using var pair = await Pair.StartAsync(server => handler.AddTo(server));
        using var source = new CancellationTokenSource();
        await using var call = pair.Channel.Duplex(Echo.Duplex, CallOptions.Default, source.Token);
        Assert.True(await call.MoveNextAsync(Echo.Token).AsTask().InTime());

        var read = call.MoveNextAsync(Echo.Token).AsTask();
        await handler.Entered;
        await source.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(read.InTime);
        Assert.Equal(StatusCode.Cancelled, call.Status?.Code);
        await handler.Cancelled;
    }

    [Fact]
    public async Task Disposing_a_stream_cancels_its_handler_and_its_reader()
    {
        var handler = new HangingHandler();
        await using var pair = await Pair.StartAsync(server => handler.AddTo(server));
        var call = pair.Channel.Duplex(Echo.Duplex, CallOptions.Default, Echo.Token);
        Assert.True(await call.MoveNextAsync(Echo.Token).AsTask().InTime());
        var read = call.MoveNextAsync(Echo.Token).AsTask();
        await handler.Entered;

        await call.DisposeAsync();

        var failure = await Assert.ThrowsAsync<RpcException>(read.InTime);
        Assert.Equal(StatusCode.Cancelled, failure.Code);
        await handler.Cancelled;
    }

    [Fact]
    public async Task A_read_that_is_given_up_leaves_the_call_as_it_was()
    {
        await using var pair = await Pair.StartAsync();
        await using var call = pair.Channel.Duplex(Echo.Duplex, CallOptions.Default, Echo.Token);
        await call.WriteAsync(new byte[] { 1 }, Echo.Token);
        Assert.True(await call.MoveNextAsync(Echo.Token).AsTask().InTime());
        using var impatient = new CancellationTokenSource();

        var read = call.MoveNextAsync(impatient.Token).AsTask();
        await impatient.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(read.InTime);

        await call.WriteAsync(new byte[] { 2, 3 }, Echo.Token);
        Assert.True(await call.MoveNextAsync(Echo.Token).AsTask().InTime());
        Assert.Equal([2, 3], call.Current.ToArray());
    }

    [Fact]
    public async Task A_blocked_write_that_is_given_up_ends_the_call()
    {
        var handler = new HangingHandler();
        await using var pair = await Pair.StartAsync(
            server => handler.AddTo(server),
            new RpcServerOptions { StreamWindowBytes = 65_536, ConnectionWindowBytes = 65_536 });
        await using var call = pair.Channel.Duplex(Echo.Duplex, CallOptions.Default, Echo.Token);
        using var impatient = new CancellationTokenSource();

        var write = call.WriteAsync(new byte[1 << 20], impatient.Token).AsTask();
        await handler.Entered;
        await impatient.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(write.InTime);
        await handler.Cancelled;
        await Assert.ThrowsAnyAsync<Exception>(() => call.WriteAsync(default, Echo.Token).AsTask().InTime());
    }

    [Fact]
    public async Task A_handlers_blocked_write_ends_when_the_client_goes()
    {
        var blocked = new TaskCompletionSource<Exception>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var pair = await Pair.StartAsync(server => server.AddServerStreaming(
            Echo.Server, async (_, responses, _, cancellationToken) =>
            {
                try
                {
                    while (true)
                    {
                        await responses.WriteAsync(new byte[1 << 20], cancellationToken);
                    }
                }
                catch (Exception cause)
                {
                    blocked.SetResult(cause);
                    throw;
                }
            }));
        var call = pair.Channel.ServerStreaming(Echo.Server, default, CallOptions.Default, Echo.Token);
        Assert.True(await call.MoveNextAsync(Echo.Token).AsTask().InTime());

        await call.DisposeAsync();

        Assert.IsAssignableFrom<OperationCanceledException>(await blocked.Task.InTime());
    }
}

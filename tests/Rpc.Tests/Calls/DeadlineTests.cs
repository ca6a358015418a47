using Colony.Testing;

namespace Colony.Rpc.Tests;

public sealed class DeadlineTests
{
    private static readonly TimeSpan Minute = TimeSpan.FromMinutes(1);
    private static readonly CallOptions InAMinute = new() { Timeout = Minute };

    [Fact]
    public async Task The_server_hears_of_the_deadline_and_keeps_it()
    {
        var handler = new HangingHandler();
        var clock = new ManualClock();
        await using var pair = await Pair.StartAsync(
            server => handler.AddTo(server), serverClock: clock, clientClock: new ManualClock());

        var call = pair.Channel.UnaryAsync(Echo.Unary, default, InAMinute, Echo.Token);
        Assert.Equal(clock.GetUtcNow() + Minute, (await handler.Entered).Deadline);
        clock.Advance(Minute - TimeSpan.FromTicks(1));
        Assert.False(call.IsCompleted);
        clock.Advance(TimeSpan.FromTicks(1));

        await handler.Cancelled;
        var failure = await Assert.ThrowsAsync<RpcException>(call.InTime);
        Assert.Equal(StatusCode.DeadlineExceeded, failure.Code);
    }

    [Fact]
    public async Task The_server_answers_in_time_even_for_a_deaf_handler()
    {
        var handler = new HangingHandler();
        var clock = new ManualClock();
        await using var pair = await Pair.StartAsync(
            server => handler.AddTo(server, deaf: true), serverClock: clock, clientClock: new ManualClock());
        await using var call = pair.Channel.Duplex(Echo.Duplex, InAMinute, Echo.Token);
        Assert.True(await call.MoveNextAsync(Echo.Token).AsTask().InTime());

        await handler.Entered;
        clock.Advance(Minute);

        var failure = await Assert.ThrowsAsync<RpcException>(() => call.MoveNextAsync(Echo.Token).AsTask().InTime());
        Assert.Equal(StatusCode.DeadlineExceeded, failure.Code);
        handler.Let();
    }

    [Fact]
    public async Task The_client_keeps_the_deadline_when_the_server_is_deaf()
    {
        var handler = new HangingHandler();
        var clock = new ManualClock();
        await using var pair = await Pair.StartAsync(
            server => handler.AddTo(server, deaf: true), serverClock: new ManualClock(), clientClock: clock);

        var call = pair.Channel.UnaryAsync(Echo.Unary, default, InAMinute, Echo.Token);
        await handler.Entered;
        clock.Advance(Minute);

        var failure = await Assert.ThrowsAsync<RpcException>(call.InTime);
        Assert.Equal(StatusCode.DeadlineExceeded, failure.Code);
        await handler.Cancelled;
        handler.Let();
    }

    [Fact]
    public async Task A_deadline_that_has_passed_never_reaches_the_handler_or_is_cancelled_there()
    {
        await using var pair = await Pair.StartAsync();

        var failure = await Assert.ThrowsAsync<RpcException>(() => pair.Channel.UnaryAsync(
            Echo.Unary, default, new CallOptions { Timeout = TimeSpan.Zero }, Echo.Token).InTime());

        Assert.Equal(StatusCode.DeadlineExceeded, failure.Code);
    }

    [Fact]
    public async Task A_call_in_time_leaves_no_timer_behind()
    {
        var clock = new ManualClock();
        await using var pair = await Pair.StartAsync(clientClock: clock, serverClock: clock);

        await pair.Channel.UnaryAsync(Echo.Unary, new byte[] { 1 }, InAMinute, Echo.Token).InTime();
        clock.Advance(Minute * 2);

        Assert.Equal(
            1, (await pair.Channel.UnaryAsync(Echo.Unary, new byte[] { 1 }, InAMinute, Echo.Token).InTime()).Length);
    }
}

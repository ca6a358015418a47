using System.Net;
using System.Net.Sockets;

namespace Colony.Rpc.Tests;

public sealed class ConnectionTests
{
    [Fact]
    public async Task Nobody_listening_is_unavailable()
    {
        using var reserved = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        reserved.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        await using var channel = new RpcChannel(reserved.LocalEndPoint!.ToString()!);

        var failure = await Assert.ThrowsAsync<RpcException>(() =>
            channel.UnaryAsync(Echo.Unary, default, CallOptions.Default, Echo.Token).InTime());
        await using var call = channel.Duplex(Echo.Duplex, CallOptions.Default, Echo.Token);
        var write = await Assert.ThrowsAsync<RpcException>(
            () => call.WriteAsync(default, Echo.Token).AsTask().InTime());

        Assert.Equal(StatusCode.Unavailable, failure.Code);
        Assert.Equal(StatusCode.Unavailable, write.Code);
        Assert.Equal(StatusCode.Unavailable, call.Status?.Code);
    }

    [Fact]
    public async Task A_server_that_stops_ends_its_streams_as_unavailable()
    {
        var handler = new HangingHandler();
        await using var pair = await Pair.StartAsync(server => handler.AddTo(server));
        await using var call = pair.Channel.Duplex(Echo.Duplex, CallOptions.Default, Echo.Token);
        Assert.True(await call.MoveNextAsync(Echo.Token).AsTask().InTime());
        var read = call.MoveNextAsync(Echo.Token).AsTask();
        await handler.Entered;

        await pair.Server.DisposeAsync();

        var failure = await Assert.ThrowsAsync<RpcException>(read.InTime);
        Assert.Equal(StatusCode.Unavailable, failure.Code);
        await handler.Cancelled;
    }

    [Fact]
    public async Task A_server_that_stops_answers_even_for_a_deaf_handler()
    {
        var handler = new HangingHandler();
        await using var pair = await Pair.StartAsync(server => handler.AddTo(server, deaf: true));
        var call = pair.Channel.UnaryAsync(Echo.Unary, default, CallOptions.Default, Echo.Token);
        await handler.Entered;

        var stop = pair.Server.DisposeAsync().AsTask();

        var failure = await Assert.ThrowsAsync<RpcException>(call.InTime);
        Assert.Equal(StatusCode.Unavailable, failure.Code);
        handler.Let();
        await stop.InTime();
    }

    [Fact]
    public async Task Disposing_cuts_a_stop_that_is_still_gracious()
    {
        var handler = new HangingHandler();
        await using var pair = await Pair.StartAsync(
            server => handler.AddTo(server), new RpcServerOptions { ShutdownGrace = TimeSpan.FromHours(1) });
        var call = pair.Channel.UnaryAsync(Echo.Unary, default, CallOptions.Default, Echo.Token);
        await handler.Entered;

        var stop = pair.Server.StopAsync(Echo.Token);
        await pair.Server.DisposeAsync().AsTask().InTime();

        await stop.InTime();
        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(call.InTime)).Code);
    }

    [Fact]
    public async Task A_server_that_stops_with_grace_lets_calls_finish_and_refuses_new_ones()
    {
        var handler = new HangingHandler();
        var health = new HealthService();
        await using var pair = await Pair.StartAsync(
            server =>
            {
                handler.AddTo(server);
                server.AddHealth(health);
            },
            new RpcServerOptions { ShutdownGrace = TimeSpan.FromMinutes(1) });
        await using var watch = pair.Channel.ServerStreaming(HealthMethods.Watch, "", CallOptions.Default, Echo.Token);
        Assert.True(await watch.MoveNextAsync(Echo.Token).AsTask().InTime());
        var call = pair.Channel.UnaryAsync(Echo.Unary, new byte[] { 3 }, CallOptions.Default, Echo.Token);
        await handler.Entered;

        var stop = pair.Server.StopAsync(Echo.Token);
        Assert.True(await watch.MoveNextAsync(Echo.Token).AsTask().InTime());
        Assert.Equal(ServingStatus.NotServing, watch.Current);
        await Assert.ThrowsAsync<RpcException>(() =>
            pair.Channel.UnaryAsync(Echo.Unary, default, CallOptions.Default, Echo.Token).InTime());
        handler.Let();

        Assert.Equal([3], (await call.InTime()).ToArray());
        await watch.DisposeAsync();
        await stop.InTime();
    }

    [Fact]
    public async Task A_connection_cut_in_the_middle_is_unavailable_at_once_on_both_sides()
    {
        var handler = new HangingHandler();
        await using var server = new RpcServer(new RpcServerOptions());
        handler.AddTo(server);
        await server.StartAsync(Echo.Token);
        await using var relay = CuttableRelay.To(server.Port);
        await using var channel = new RpcChannel(relay.Address);
        await using var call = channel.Duplex(Echo.Duplex, CallOptions.Default, Echo.Token);
        Assert.True(await call.MoveNextAsync(Echo.Token).AsTask().InTime());
        var read = call.MoveNextAsync(Echo.Token).AsTask();
        await handler.Entered;

        relay.Cut();

        var failure = await Assert.ThrowsAsync<RpcException>(read.InTime);
        Assert.Equal(StatusCode.Unavailable, failure.Code);
        await handler.Cancelled;
        await Assert.ThrowsAsync<RpcException>(() => call.WriteAsync(default, Echo.Token).AsTask().InTime());
    }

    [Fact]
    public async Task A_channel_connects_again_after_its_server_came_back()
    {
        await using var first = await Pair.StartAsync();
        await first.Channel.UnaryAsync(Echo.Unary, default, CallOptions.Default, Echo.Token).InTime();
        var port = first.Server.Port;
        await first.Server.DisposeAsync();
        await Assert.ThrowsAsync<RpcException>(() =>
            first.Channel.UnaryAsync(Echo.Unary, default, CallOptions.Default, Echo.Token).InTime());

        await using var second = new RpcServer(new RpcServerOptions { Port = port }).AddEcho();
        await second.StartAsync(Echo.Token);

        Assert.Equal(1, (await first.Channel.UnaryAsync(
            Echo.Unary, new byte[1], CallOptions.Default, Echo.Token).InTime()).Length);
    }

    [Fact]
    public async Task Disposing_the_channel_ends_its_calls()
    {
        var handler = new HangingHandler();
        await using var pair = await Pair.StartAsync(server => handler.AddTo(server));
        var call = pair.Channel.UnaryAsync(Echo.Unary, default, CallOptions.Default, Echo.Token);
        await handler.Entered;

        await pair.Channel.DisposeAsync();

        var failure = await Assert.ThrowsAsync<RpcException>(call.InTime);
        Assert.Equal(StatusCode.Unavailable, failure.Code);
        await handler.Cancelled;
    }
}

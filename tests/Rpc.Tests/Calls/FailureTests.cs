namespace Colony.Rpc.Tests;

public sealed class FailureTests
{
    private static readonly Method<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> Absent = Echo.Of(
        MethodKind.Unary, "Absent");

    [Fact]
    public async Task A_status_travels_with_its_sentence_and_its_trailers()
    {
        await using var pair = await Pair.StartAsync(server => server.AddUnary(Echo.Unary, (_, _, _) =>
            throw new RpcException(
                StatusCode.FailedPrecondition, "größer als 100 %\nzweite Zeile",
                new Metadata { { "why-bin", new byte[] { 1, 0, 255 } } })));

        var failure = await ThrowsAsync(pair, Echo.Unary);

        Assert.Equal(StatusCode.FailedPrecondition, failure.Code);
        Assert.Equal("größer als 100 %\nzweite Zeile", failure.Detail);
        Assert.Equal([1, 0, 255], failure.Trailers.GetBytes("why-bin")!.Value.ToArray());
    }

    [Theory]
    [InlineData(false, "The handler failed; its server's log says why.")]
    [InlineData(true, "InvalidOperationException: secret")]
    public async Task An_exception_becomes_unknown_and_tells_nothing_unless_it_may(bool details, string sentence)
    {
        await using var pair = await Pair.StartAsync(
            server => server.AddUnary(Echo.Unary, (_, _, _) => throw new InvalidOperationException("secret")),
            new RpcServerOptions { SendExceptionDetails = details });

        var failure = await ThrowsAsync(pair, Echo.Unary);

        Assert.Equal(StatusCode.Unknown, failure.Code);
        Assert.Equal(sentence, failure.Detail);
    }

    [Fact]
    public async Task A_failure_after_some_responses_comes_after_them()
    {
        await using var pair = await Pair.StartAsync(server => server.AddServerStreaming(
            Echo.Server, async (request, responses, context, cancellationToken) =>
            {
                context.ResponseTrailers.Add("count", "2");
                await responses.WriteAsync(request, cancellationToken);
                await responses.WriteAsync(request, cancellationToken);
                throw new RpcException(StatusCode.DataLoss, "the third is lost");
            }));
        await using var call = pair.Channel.ServerStreaming(
            Echo.Server, new byte[] { 5 }, CallOptions.Default, Echo.Token);

        Assert.True(await call.MoveNextAsync(Echo.Token).AsTask().InTime());
        Assert.True(await call.MoveNextAsync(Echo.Token).AsTask().InTime());
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.MoveNextAsync(Echo.Token).AsTask().InTime());

        Assert.Equal(StatusCode.DataLoss, failure.Code);
        Assert.Equal("2", failure.Trailers.GetText("count"));
        Assert.Equal(failure.Status, call.Status);
    }

    [Fact]
    public async Task An_unknown_method_is_unimplemented()
    {
        await using var pair = await Pair.StartAsync();

        var failure = await ThrowsAsync(pair, Absent);

        Assert.Equal(StatusCode.Unimplemented, failure.Code);
        Assert.Contains(Absent.Path, failure.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Writing_to_a_method_that_ended_tells_its_status_to_the_reader()
    {
        await using var pair = await Pair.StartAsync();
        await using var call = pair.Channel.Duplex(
            Echo.Of(MethodKind.Duplex, "Absent"), CallOptions.Default, Echo.Token);

        var failure = await Assert.ThrowsAsync<RpcException>(() => call.MoveNextAsync(Echo.Token).AsTask().InTime());
        var write = await Assert.ThrowsAsync<RpcException>(
            () => call.WriteAsync(default, Echo.Token).AsTask().InTime());

        Assert.Equal(StatusCode.Unimplemented, failure.Code);
        Assert.Equal(StatusCode.Unimplemented, write.Code);
    }

    [Fact]
    public async Task A_handler_that_ends_early_ends_a_writer_that_goes_on()
    {
        await using var pair = await Pair.StartAsync(server => server.AddDuplex(
            Echo.Duplex, (_, _, _, _) => throw new RpcException(StatusCode.Aborted, "an older generation")));
        await using var call = pair.Channel.Duplex(Echo.Duplex, CallOptions.Default, Echo.Token);

        await Assert.ThrowsAsync<RpcException>(async () =>
        {
            for (var message = Echo.Pattern(1 << 20); ;)
            {
                await call.WriteAsync(message, Echo.Token).AsTask().InTime();
            }
        });
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.MoveNextAsync(Echo.Token).AsTask().InTime());

        Assert.Equal(StatusCode.Aborted, failure.Code);
    }

    [Fact]
    public async Task Messages_over_the_limit_are_refused_on_both_sides()
    {
        await using (var pair = await Pair.StartAsync(options: new RpcServerOptions { MaxReceiveMessageBytes = 1000 }))
        {
            await pair.Channel.UnaryAsync(Echo.Unary, new byte[1000], CallOptions.Default, Echo.Token).InTime();
            var failure = await ThrowsAsync(pair, Echo.Unary, new byte[1001]);
            Assert.Equal(StatusCode.ResourceExhausted, failure.Code);
        }

        await using (var pair = await Pair.StartAsync(channel: new RpcChannelOptions { MaxReceiveMessageBytes = 1000 }))
        {
            await pair.Channel.UnaryAsync(Echo.Unary, new byte[1000], CallOptions.Default, Echo.Token).InTime();
            var failure = await ThrowsAsync(pair, Echo.Unary, new byte[1001]);
            Assert.Equal(StatusCode.ResourceExhausted, failure.Code);
        }
    }

    [Fact]
    public async Task Bytes_that_are_no_message_are_a_broken_protocol()
    {
        await using var pair = await Pair.StartAsync(server => server.AddDuplex(
            Echo.Exchange, async (requests, _, _, cancellationToken) =>
            {
                while (await requests.MoveNextAsync(cancellationToken))
                {
                }
            }));
        var raw = new Method<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(
            MethodKind.Duplex, Echo.Exchange.Service, Echo.Exchange.Name, Marshallers.Bytes, Marshallers.Bytes);
        await using var call = pair.Channel.Duplex(raw, CallOptions.Default, Echo.Token);

        await call.WriteAsync(new byte[] { 0x7A, 0xFF, 0xFF, 0xFF, 0xFF, 0x0F }, Echo.Token);
        var failure = await Assert.ThrowsAsync<RpcException>(() => call.MoveNextAsync(Echo.Token).AsTask().InTime());

        Assert.Equal(StatusCode.Internal, failure.Code);
    }

    [Fact]
    public async Task A_call_needs_the_token_of_the_server()
    {
        var options = new RpcServerOptions { Token = "open sesame" };
        await using (var pair = await Pair.StartAsync(
            options: options, channel: new RpcChannelOptions { Token = "open sesame" }))
        {
            await pair.Channel.UnaryAsync(Echo.Unary, default, CallOptions.Default, Echo.Token).InTime();
        }

        foreach (var token in new[] { null, "open", "open sesame!" })
        {
            await using var pair = await Pair.StartAsync(
                options: options, channel: new RpcChannelOptions { Token = token });
            Assert.Equal(StatusCode.Unauthenticated, (await ThrowsAsync(pair, Echo.Unary)).Code);
        }
    }

    [Fact]
    public async Task Metadata_travels_both_ways()
    {
        await using var pair = await Pair.StartAsync(server => server.AddUnary(Echo.Unary, (request, context, _) =>
        {
            context.ResponseHeaders.Add("head", context.RequestHeaders.GetText("ask")!);
            context.ResponseTrailers.Add("tail-bin", context.RequestHeaders.GetBytes("ask-bin")!.Value);
            context.ResponseTrailers.Add("peer", context.Peer);
            return Task.FromResult(request);
        }));
        var bytes = Echo.Pattern(300);
        var options = new CallOptions { Headers = new Metadata { { "ask", "a, b=c" }, { "ask-bin", bytes } } };

        var reply = await pair.Channel.UnaryReplyAsync(Echo.Unary, default, options, Echo.Token).InTime();

        Assert.Equal("a, b=c", reply.Headers.GetText("head"));
        Assert.Equal(bytes, reply.Trailers.GetBytes("tail-bin")!.Value.ToArray());
        Assert.StartsWith("127.0.0.1:", reply.Trailers.GetText("peer"), StringComparison.Ordinal);
    }

    private static Task<RpcException> ThrowsAsync(
        Pair pair, Method<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> method, byte[]? request = null) =>
        Assert.ThrowsAsync<RpcException>(() =>
            pair.Channel.UnaryAsync(method, request ?? [], CallOptions.Default, Echo.Token).InTime());
}

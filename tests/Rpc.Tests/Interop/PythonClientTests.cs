using System.Globalization;
using System.Text;
using Colony.Testing;

namespace Colony.Rpc.Tests;

/// <summary>A client written by others (grpcio) against our server.</summary>
public sealed class PythonClientTests
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    [Theory]
    [InlineData("kinds")]
    [InlineData("conversation")]
    [InlineData("status")]
    [InlineData("late")]
    [InlineData("metadata")]
    [InlineData("compressed")]
    [InlineData("health")]
    public async Task Python_calls_us(string scenario)
    {
        await using var server = await StartAsync(new HangingHandler());
        await using var python = await CallAsync(server, scenario);

        await python.LineAsync($"^ok {scenario}$", Limit, Echo.Token);
    }

    [Theory]
    [InlineData("deadline")]
    [InlineData("cancel")]
    public async Task Python_gives_up_and_our_handler_hears_of_it(string scenario)
    {
        var handler = new HangingHandler();
        await using var server = await StartAsync(handler);
        await using var python = await CallAsync(server, scenario);

        await handler.Cancelled;
        await python.LineAsync($"^ok {scenario}$", Limit, Echo.Token);
        Assert.NotNull((await handler.Entered).Deadline);
    }

    [Fact]
    public async Task Python_dies_and_our_handler_hears_of_it()
    {
        var handler = new HangingHandler();
        await using var server = await StartAsync(handler);
        await using (var python = await CallAsync(server, "gone"))
        {
            await python.LineAsync("^waiting$", Limit, Echo.Token);
            await handler.Entered;
        }

        await handler.Cancelled;
    }

    [Fact]
    public async Task Python_hears_that_we_stop()
    {
        await using var server = await StartAsync(new HangingHandler());
        await using var python = await CallAsync(server, "gone");
        await python.LineAsync("^waiting$", Limit, Echo.Token);

        await server.DisposeAsync();

        await python.LineAsync("^ok gone$", Limit, Echo.Token);
    }

    private static Task<ServerProcess> CallAsync(RpcServer server, string scenario) => PythonPeer.StartAsync(
        "Interop/peer.py",
        ["call", server.Port.ToString(CultureInfo.InvariantCulture), scenario],
        ["grpc"],
        Echo.Token);

    private static async Task<RpcServer> StartAsync(HangingHandler hanging)
    {
        var health = new HealthService();
        health.Set("other", ServingStatus.NotServing);
        var server = new RpcServer(new RpcServerOptions());
        server.AddHealth(health)
            .AddUnary(Echo.Unary, async (request, context, cancellationToken) =>
            {
                switch (Command(request))
                {
                    case "fail":
                        throw new RpcException(
                            StatusCode.FailedPrecondition, "größer als 100 %\nzweite Zeile",
                            new Metadata { { "why-bin", new byte[] { 0, 1, 255 } } });
                    case "raise":
                        throw new InvalidOperationException("secret");
                    case "metadata":
                        context.ResponseHeaders.Add("head", context.RequestHeaders.GetText("ask")!);
                        context.ResponseTrailers.Add("tail-bin", context.RequestHeaders.GetBytes("ask-bin")!.Value);
                        return "done"u8.ToArray();
                    case "hang":
                        await hanging.HangAsync(context, cancellationToken);
                        break;
                    case "heal":
                        health.Set("other", ServingStatus.Serving);
                        break;
                }

                return request;
            })
            .AddServerStreaming(Echo.Server, async (request, responses, _, cancellationToken) =>
            {
                for (var i = 0; i < request.Length; i++)
                {
                    await responses.WriteAsync(request.Slice(i, 1), cancellationToken);
                }
            })
            .AddClientStreaming<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>>(
                Echo.Client, async (requests, _, cancellationToken) =>
            {
                var total = 0;
                while (await requests.MoveNextAsync(cancellationToken))
                {
                    total += requests.Current.Length;
                }

                return Encoding.ASCII.GetBytes(total.ToString(CultureInfo.InvariantCulture));
            })
            .AddDuplex(Echo.Duplex, async (requests, responses, context, cancellationToken) =>
            {
                while (await requests.MoveNextAsync(cancellationToken))
                {
                    if (Command(requests.Current) == "stop")
                    {
                        throw new RpcException(StatusCode.Aborted, "an older generation");
                    }

                    var hang = Command(requests.Current) == "hang";
                    await responses.WriteAsync(requests.Current, cancellationToken);
                    if (hang)
                    {
                        await hanging.HangAsync(context, cancellationToken);
                    }
                }
            });
        await server.StartAsync(Echo.Token);
        return server;
    }

    private static string Command(ReadOnlyMemory<byte> message) =>
        Encoding.Latin1.GetString(message.Span[..Math.Min(message.Length, 32)]);
}

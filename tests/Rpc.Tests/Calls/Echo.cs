using Colony.Protos.V1;

namespace Colony.Rpc.Tests;

/// <summary>Methods of raw bytes for the tests, one of each kind, and a server and channel around them.</summary>
internal static class Echo
{
    public const string Service = "colony.test.Echo";
    private static readonly TimeSpan Bound = TimeSpan.FromSeconds(60);

    public static Method<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> Unary { get; } = Of(MethodKind.Unary, "Unary");

    public static Method<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> Server { get; } = Of(
        MethodKind.ServerStreaming, "Server");

    public static Method<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> Client { get; } = Of(
        MethodKind.ClientStreaming, "Client");

    public static Method<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> Duplex { get; } = Of(MethodKind.Duplex, "Duplex");

    public static Method<PayloadMessage<Chunk>, ChunkAck> Exchange { get; } = RpcMethods.Find(
        CollectiveReflection.Descriptor.Services[0], "Exchange",
        Marshallers.WithPayload<Chunk>(Chunk.PayloadFieldNumber), Marshallers.For<ChunkAck>());

    public static CancellationToken Token => TestContext.Current.CancellationToken;

    public static Method<ReadOnlyMemory<byte>, ReadOnlyMemory<byte>> Of(MethodKind kind, string name) =>
        new(kind, Service, name, Marshallers.Bytes, Marshallers.Bytes);

    /// <summary>What a test waits for, but not for ever: a hang is a failure with a line number.</summary>
    public static Task InTime(this Task task) => task.WaitAsync(Bound, Token);

    /// <summary>What a test waits for, but not for ever: a hang is a failure with a line number.</summary>
    public static Task<T> InTime<T>(this Task<T> task) => task.WaitAsync(Bound, Token);

    public static byte[] Pattern(int length, int seed = 1)
    {
        var bytes = new byte[length];
        new Random(seed).NextBytes(bytes);
        return bytes;
    }

    /// <summary>
    /// All four kinds: what comes goes back; client streaming answers with the number of bytes as text.
    /// </summary>
    public static RpcServer AddEcho(this RpcServer server) => server
        .AddUnary(Unary, static (request, _, _) => Task.FromResult(request))
        .AddServerStreaming(Server, static async (request, responses, _, cancellationToken) =>
        {
            for (var i = 0; i < request.Length; i++)
            {
                await responses.WriteAsync(request.Slice(i, 1), cancellationToken);
            }
        })
        .AddClientStreaming(Client, static async (requests, _, cancellationToken) =>
        {
            long total = 0;
            while (await requests.MoveNextAsync(cancellationToken))
            {
                total += requests.Current.Length;
            }

            return new ReadOnlyMemory<byte>(
                System.Text.Encoding.ASCII.GetBytes(total.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        })
        .AddDuplex(Duplex, static async (requests, responses, _, cancellationToken) =>
        {
            while (await requests.MoveNextAsync(cancellationToken))
            {
                await responses.WriteAsync(requests.Current, cancellationToken);
            }
        });
}

/// <summary>A started server and a channel to it.</summary>
internal sealed class Pair : IAsyncDisposable
{
    private Pair(RpcServer server, RpcChannel channel)
    {
        Server = server;
        Channel = channel;
    }

    public RpcServer Server { get; }

    public RpcChannel Channel { get; }

    public static async Task<Pair> StartAsync(
        Action<RpcServer>? add = null, RpcServerOptions? options = null, RpcChannelOptions? channel = null,
        TimeProvider? serverClock = null, TimeProvider? clientClock = null)
    {
        var server = new RpcServer(options ?? new RpcServerOptions(), clock: serverClock);
        (add ?? (static s => s.AddEcho()))(server);
        await server.StartAsync(Echo.Token);
        return new Pair(server, new RpcChannel(server.Address, channel, clientClock));
    }

    public async ValueTask DisposeAsync()
    {
        await Channel.DisposeAsync();
        await Server.DisposeAsync();
    }
}

using Colony.Rpc;

namespace Colony.Collective.Tests;

/// <summary>Members of one process that speak gRPC with each other over loopback.</summary>
internal sealed class LoopbackGroup : IAsyncDisposable
{
    private readonly RpcServer[] servers;

    private LoopbackGroup(RpcServer[] servers, CollectiveEndpoint[] endpoints)
    {
        this.servers = servers;
        Endpoints = endpoints;
        Addresses = [.. servers.Select(server => $"127.0.0.1:{server.Port}")];
    }

    public CollectiveEndpoint[] Endpoints { get; }

    public string[] Addresses { get; }

    public static async Task<LoopbackGroup> StartAsync(int size, CommunicatorOptions? options = null)
    {
        var servers = new RpcServer[size];
        var endpoints = new CollectiveEndpoint[size];
        for (var rank = 0; rank < size; rank++)
        {
            servers[rank] = new RpcServer(new RpcServerOptions());
            endpoints[rank] = new CollectiveEndpoint(options);
            endpoints[rank].Register(servers[rank]);
            await servers[rank].StartAsync(TestContext.Current.CancellationToken);
        }

        return new LoopbackGroup(servers, endpoints);
    }

    public Communicator[] Open(ulong generation) =>
        [.. Endpoints.Select((endpoint, rank) => endpoint.Open(generation, rank, Addresses))];

    /// <summary>As a killed process: every connection of the member breaks, nobody says goodbye.</summary>
    public async Task KillAsync(int rank) => await servers[rank].DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        await Task.WhenAll(Endpoints.Select(endpoint => endpoint.DisposeAsync().AsTask()))
            .WaitAsync(World.Patience, CancellationToken.None);
        await Task.WhenAll(servers.Select(server => server.DisposeAsync().AsTask()))
            .WaitAsync(World.Patience, CancellationToken.None);
    }
}

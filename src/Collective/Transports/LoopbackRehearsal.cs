using Colony.Rpc;

namespace Colony.Collective;

/// <summary>
/// Two members of one process go through the beginning of a generation, an exchange and the change to the next
/// generation, over the machine's own loopback. A process that did so once finds that code compiled when everybody
/// waits for it.
/// </summary>
internal static class LoopbackRehearsal
{
    private const string Loopback = "127.0.0.1";
    private const ulong Generations = 2;
    private const int Bytes = 1 << 16;

    /// <summary>Rehearses; leaves nothing behind.</summary>
    /// <param name="options">As for real groups.</param>
    /// <param name="time">Clock of all limits.</param>
    /// <param name="cancellationToken">Stops it.</param>
    /// <exception cref="CollectiveException">The machine cannot reach itself.</exception>
    public static async Task RunAsync(
        CommunicatorOptions options, TimeProvider time, CancellationToken cancellationToken)
    {
        await using var one = new CollectiveEndpoint(options, null, time);
        await using var other = new CollectiveEndpoint(options, null, time);
        await using RpcServer first = await ServeAsync(one, cancellationToken).ConfigureAwait(false);
        await using RpcServer second = await ServeAsync(other, cancellationToken).ConfigureAwait(false);
        string[] addresses = [$"{Loopback}:{first.Port}", $"{Loopback}:{second.Port}"];
        var payload = new byte[Bytes];
        for (ulong generation = 1; generation <= Generations; generation++)
        {
            Communicator[] members = [one.Open(generation, 0, addresses), other.Open(generation, 1, addresses)];
            GatheredBytes[] gathered = await Task.WhenAll(
                members.Select(m => m.AllGatherAsync(1, payload, cancellationToken))).ConfigureAwait(false);
            foreach (GatheredBytes bytes in gathered)
            {
                bytes.Dispose();
            }
        }
    }

    private static async Task<RpcServer> ServeAsync(CollectiveEndpoint endpoint, CancellationToken cancellationToken)
    {
        var server = new RpcServer(new RpcServerOptions { Host = Loopback });
        try
        {
            endpoint.Register(server);
            await server.StartAsync(cancellationToken).ConfigureAwait(false);
            return server;
        }
        catch
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }
}

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
        var listen = new RpcServerOptions { Host = Loopback };
        await using var first = new RpcServer(listen);
        await using var second = new RpcServer(listen);

        // Gone before their servers, which would wait for them.
        await using var one = new CollectiveEndpoint(options, null, time);
        await using var other = new CollectiveEndpoint(options, null, time);
        one.Register(first);
        other.Register(second);
        await first.StartAsync(cancellationToken).ConfigureAwait(false);
        await second.StartAsync(cancellationToken).ConfigureAwait(false);
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
}

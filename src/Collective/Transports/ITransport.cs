namespace Colony.Collective;

/// <summary>
/// Carries chunks between the members of one generation. Chunks of one sender arrive once each and in order, or the
/// receive fails. All failures are <see cref="CollectiveException"/>s that name phase, step and peer.
/// </summary>
public interface ITransport : IAsyncDisposable
{
    /// <summary>Sends one chunk; when it returns, the payload's memory may be written again. It waits while the
    /// receiver has too many chunks that it did not yet take.</summary>
    /// <param name="to">The receiving member.</param>
    /// <param name="header">Which chunk it is.</param>
    /// <param name="payload">Its bytes; read in place, not kept.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask SendAsync(
        int to, ChunkHeader header, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken);

    /// <summary>Waits for the next chunk of a member, whatever it is. The caller disposes it.</summary>
    /// <param name="from">The sending member.</param>
    /// <param name="expected">Which chunk the caller waits for; only used to name a failure.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    ValueTask<ReceivedChunk> ReceiveAsync(int from, ChunkHeader expected, CancellationToken cancellationToken);

    /// <summary>Breaks all connections at once, so that the other members learn of a failure here.</summary>
    /// <param name="reason">What happened, for the peers' messages.</param>
    void Abort(string reason);
}

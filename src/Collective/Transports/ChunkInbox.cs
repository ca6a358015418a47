using System.Threading.Channels;
using Colony.Protos.V1;

namespace Colony.Collective;

/// <summary>
/// The chunks of one sender that this member has not taken yet. Bounded: a full inbox makes its sender wait. Chunks
/// that
/// arrived before the sender failed can still be taken. Thread-safe.
/// </summary>
internal sealed class ChunkInbox(int sender)
{
    /// <summary>Chunks that wait here at most; with the one being sent, what a member may run ahead of its neighbour.
    /// </summary>
    public const int Capacity = 4;

    private readonly Channel<ReceivedChunk> chunks = Channel.CreateBounded<ReceivedChunk>(
        new BoundedChannelOptions(Capacity) { FullMode = BoundedChannelFullMode.Wait });

    private volatile Failure? failure;

    /// <summary>Takes over the chunk, or disposes it and throws when the inbox is closed.</summary>
    public async ValueTask DeliverAsync(ReceivedChunk chunk, CancellationToken cancellationToken)
    {
        try
        {
            await chunks.Writer.WriteAsync(chunk, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            chunk.Dispose();
            if (exception is ChannelClosedException)
            {
                throw Failed(chunk.Header.Phase, chunk.Header.Step);
            }

            throw;
        }
    }

    public async ValueTask<ReceivedChunk> ReceiveAsync(ChunkHeader expected, CancellationToken cancellationToken)
    {
        if (chunks.Reader.TryRead(out var ready))
        {
            return ready;
        }

        try
        {
            return await chunks.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw Failed(expected.Phase, expected.Step);
        }
    }

    /// <summary>No more chunks will come; the first reason given stays.</summary>
    public void Close(CollectiveFailure kind, string reason, int? peer = null)
    {
        Interlocked.CompareExchange(ref failure, new Failure(kind, reason, peer ?? sender), null);
        chunks.Writer.TryComplete();
    }

    /// <summary>Gives back all chunks that nobody will take.</summary>
    public void Discard()
    {
        while (chunks.Reader.TryRead(out var chunk))
        {
            chunk.Dispose();
        }
    }

    private CollectiveException Failed(Phase phase, long step)
    {
        var known = failure ?? new Failure(CollectiveFailure.Closed, "the inbox was closed", sender);
        return new CollectiveException(known.Kind, phase, step, known.Peer, known.Reason);
    }

    private sealed record Failure(CollectiveFailure Kind, string Reason, int Peer);
}

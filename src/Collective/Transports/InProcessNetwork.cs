namespace Colony.Collective;

/// <summary>
/// Joins members of one process: worlds in one process and tests. Payloads are copied once, into the receiver's pooled
/// buffer, as a socket would, and a full inbox makes the sender wait.
/// </summary>
public sealed class InProcessNetwork
{
    private readonly ChunkInbox[][] inboxes;

    /// <summary>Makes the links of a group.</summary>
    /// <param name="size">Members, at least 1.</param>
    public InProcessNetwork(int size)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(size, 1);
        inboxes = new ChunkInbox[size][];
        for (var receiver = 0; receiver < size; receiver++)
        {
            inboxes[receiver] = new ChunkInbox[size];
            for (var sender = 0; sender < size; sender++)
            {
                inboxes[receiver][sender] = new ChunkInbox(sender);
            }
        }
    }

    /// <summary>Members of the group.</summary>
    public int Size => inboxes.Length;

    /// <summary>The end of the network that belongs to one member; each is to be taken once.</summary>
    public ITransport Connect(int rank)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(rank, Size);
        return new InProcessTransport(this, rank);
    }

    internal ChunkInbox Inbox(int receiver, int sender) => inboxes[receiver][sender];

    internal void Leave(int rank, CollectiveFailure kind, string reason)
    {
        for (var other = 0; other < Size; other++)
        {
            inboxes[other][rank].Close(kind, reason);
            inboxes[rank][other].Close(kind, reason, rank);
        }
    }
}

/// <summary>One member's end of an <see cref="InProcessNetwork"/>.</summary>
internal sealed class InProcessTransport(InProcessNetwork network, int rank) : ITransport
{
    private readonly ChunkPool pool = new(CommunicatorOptions.DefaultChunkBytes, ChunkPool.DefaultRetained);

    public ValueTask SendAsync(
        int to, ChunkHeader header, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken)
    {
        var chunk = ReceivedChunk.Create(header, pool, payload.Length, out var copy);
        payload.Span.CopyTo(copy);
        return network.Inbox(to, rank).DeliverAsync(chunk, cancellationToken);
    }

    public ValueTask<ReceivedChunk> ReceiveAsync(
        int from, ChunkHeader expected, CancellationToken cancellationToken) =>
        network.Inbox(rank, from).ReceiveAsync(expected, cancellationToken);

    public void Abort(string reason) => network.Leave(rank, CollectiveFailure.PeerEnded, reason);

    public ValueTask DisposeAsync()
    {
        network.Leave(rank, CollectiveFailure.PeerEnded, "the member left");
        for (var other = 0; other < network.Size; other++)
        {
            network.Inbox(rank, other).Discard();
        }

        pool.Dispose();
        return ValueTask.CompletedTask;
    }
}

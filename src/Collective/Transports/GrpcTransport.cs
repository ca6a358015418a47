using System.Buffers;
using Colony.Rpc;

namespace Colony.Collective;

/// <summary>
/// One member's links in one generation: a stream to each member that it sends to, opened when first needed, and an
/// inbox for each that sends to it, filled by <see cref="CollectiveEndpoint"/>.
/// </summary>
internal sealed class GrpcTransport : ITransport
{
    private readonly Lock gate = new();
    private readonly IReadOnlyList<string> addresses;
    private readonly RpcChannelOptions? channelOptions;
    private readonly TimeProvider time;
    private readonly ChunkPool pool;
    private readonly ChunkInbox[] inboxes;
    private readonly bool[] connected;
    private readonly PeerLink?[] links;
    private readonly CancellationTokenSource closed = new();
    private readonly CancellationToken closedToken;
    private volatile RpcException? broken;
    private bool disposed;

    public GrpcTransport(
        ulong generation,
        IReadOnlyList<string> addresses,
        int chunkBytes,
        RpcChannelOptions? channelOptions,
        TimeProvider time)
    {
        Generation = generation;
        this.addresses = addresses;
        this.channelOptions = channelOptions;
        this.time = time;
        pool = new ChunkPool(chunkBytes, ChunkPool.DefaultRetained);
        inboxes = new ChunkInbox[addresses.Count];
        connected = new bool[addresses.Count];
        links = new PeerLink?[addresses.Count];
        for (var sender = 0; sender < inboxes.Length; sender++)
        {
            inboxes[sender] = new ChunkInbox(sender);
        }

        closedToken = closed.Token;
    }

    public ulong Generation { get; }

    public int Members => inboxes.Length;

    public ValueTask SendAsync(
        int to, ChunkHeader header, ReadOnlyMemory<byte> payload, CancellationToken cancellationToken) =>
        LinkTo(to, header).SendAsync(
            new ChunkMessage(header, new ReadOnlySequence<byte>(payload)), cancellationToken);

    public ValueTask<ReceivedChunk> ReceiveAsync(
        int from, ChunkHeader expected, CancellationToken cancellationToken) =>
        inboxes[from].ReceiveAsync(expected, cancellationToken);

    /// <summary>Reserves a sender's inbox for one stream; a second stream of the same sender is not taken.</summary>
    public bool TryConnect(uint sender)
    {
        lock (gate)
        {
            if (disposed || sender >= connected.Length || connected[sender])
            {
                return false;
            }

            return connected[sender] = true;
        }
    }

    /// <summary>Takes all chunks of a stream, beginning with its current one, as fast as this member receives them.
    /// </summary>
    /// <exception cref="RpcException">The sender broke a rule, or this generation is over.</exception>
    public async Task AcceptAsync(
        IRpcReader<ChunkMessage> chunks, uint sender, Action refused, CancellationToken cancellationToken)
    {
        var inbox = inboxes[sender];
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, closedToken);
        try
        {
            do
            {
                await inbox.DeliverAsync(Copy(chunks.Current, sender, refused), either.Token).ConfigureAwait(false);
            }
            while (await chunks.MoveNextAsync(either.Token).ConfigureAwait(false));
            inbox.Close(CollectiveFailure.PeerEnded, "it ended its stream");
        }
        catch (OperationCanceledException) when (closedToken.IsCancellationRequested)
        {
            // This member has left; the sender's stream just ends, unless something broke here.
            if (broken is not null)
            {
                throw broken;
            }
        }
        catch (CollectiveException exception)
        {
            throw broken ?? new RpcException(StatusCode.Aborted, exception.Reason);
        }
        catch (Exception exception)
        {
            // A link that breaks is told by its sender; to the receiver it looks as if the sender had broken off.
            inbox.Close(CollectiveFailure.PeerEnded, $"its stream broke: {exception.Message}");
            throw;
        }
    }

    public void Abort(string reason) => Break(CollectiveFailure.Closed, reason);

    /// <summary>Ends all waits, here and at the peers.</summary>
    public void Break(CollectiveFailure kind, string reason)
    {
        PeerLink?[] open;
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            broken ??= new RpcException(
                kind == CollectiveFailure.WrongGeneration ? StatusCode.FailedPrecondition : StatusCode.Aborted, reason);
            open = [.. links];
        }

        foreach (var inbox in inboxes)
        {
            inbox.Close(kind, reason, peer: -1);
        }

        try
        {
            closed.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Closed in the meantime, which ends all waits as well.
        }

        foreach (var link in open)
        {
            link?.Cut();
        }
    }

    public async ValueTask DisposeAsync()
    {
        lock (gate)
        {
            if (disposed)
            {
                return;
            }

            disposed = true;
        }

        foreach (var link in links)
        {
            if (link is not null)
            {
                await link.DisposeAsync().ConfigureAwait(false);
            }
        }

        await closed.CancelAsync().ConfigureAwait(false);
        foreach (var inbox in inboxes)
        {
            inbox.Close(CollectiveFailure.Closed, "the communicator was closed", peer: -1);
            inbox.Discard();
        }

        pool.Dispose();
        closed.Dispose();
    }

    private PeerLink LinkTo(int to, ChunkHeader header)
    {
        lock (gate)
        {
            if (disposed || broken is not null)
            {
                throw new CollectiveException(
                    broken?.Code == StatusCode.FailedPrecondition
                        ? CollectiveFailure.WrongGeneration
                        : CollectiveFailure.Closed,
                    header.Phase,
                    header.Step,
                    -1,
                    broken?.Detail ?? "the communicator was closed");
            }

            return links[to] ??= new PeerLink(to, addresses[to], channelOptions, time, Lost);
        }
    }

    /// <summary>A group with a dead member is dead: whoever waits, for whomever, learns it now.</summary>
    private void Lost(int peer, CollectiveFailure kind, string reason)
    {
        foreach (var inbox in inboxes)
        {
            inbox.Close(kind, reason, peer);
        }
    }

    private ReceivedChunk Copy(ChunkMessage message, uint sender, Action refused)
    {
        if (message.Header.Generation != Generation || message.Header.Sender != sender)
        {
            refused();
            throw new RpcException(
                StatusCode.FailedPrecondition,
                $"This stream carries member {sender} of generation {Generation}, the chunk is of member "
                + $"{message.Header.Sender} of generation {message.Header.Generation}.");
        }

        if (message.Payload.Length > CommunicatorOptions.MaxChunkBytes)
        {
            refused();
            throw new RpcException(
                StatusCode.ResourceExhausted,
                $"A chunk has {message.Payload.Length} bytes, at most {CommunicatorOptions.MaxChunkBytes} are taken.");
        }

        var chunk = ReceivedChunk.Create(message.Header, pool, (int)message.Payload.Length, out var payload);
        message.Payload.CopyTo(payload);
        return chunk;
    }
}

using Colony.Protos.V1;
using Colony.Rpc;

namespace Colony.Collective;

/// <summary>One outgoing stream to one member. The end of the call is watched, so a lost peer is noticed even by a
/// member that only waits.</summary>
internal sealed class PeerLink : IAsyncDisposable
{
    /// <summary>How long a polite goodbye may take before the stream is cut.</summary>
    private static readonly TimeSpan CloseLimit = TimeSpan.FromSeconds(2);

    private readonly int peer;
    private readonly TimeProvider time;
    private readonly RpcChannel channel;
    private readonly CancellationTokenSource cut = new();
    private readonly DuplexCall<ChunkMessage, ChunkAck> call;
    private readonly Task watch;
    private int closings;

    public PeerLink(
        int peer,
        string address,
        RpcChannelOptions? options,
        TimeProvider time,
        Action<int, CollectiveFailure, string> lost)
    {
        this.peer = peer;
        this.time = time;
        channel = new RpcChannel(address, options, time);
        call = channel.Duplex(CollectiveMethods.Exchange, CallOptions.Default, cut.Token);
        watch = WatchAsync(lost);
    }

    public async ValueTask SendAsync(ChunkMessage message, CancellationToken cancellationToken)
    {
        try
        {
            await call.WriteAsync(message, cancellationToken).ConfigureAwait(false);
        }
        catch (RpcException exception)
        {
            throw new CollectiveException(
                KindOf(exception), message.Header.Phase, message.Header.Step, peer, exception.Message, exception);
        }
        catch (OperationCanceledException exception) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CollectiveException(
                CollectiveFailure.ConnectionLost,
                message.Header.Phase,
                message.Header.Step,
                peer,
                "the connection was cut",
                exception);
        }
    }

    /// <summary>Cuts the stream: the peer's pending receives fail.</summary>
    public void Cut()
    {
        try
        {
            cut.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // Closed in the meantime.
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Increment(ref closings) > 1)
        {
            return;
        }

        try
        {
            // The end of the stream tells the peer that all chunks were sent; it must have read them before we go.
            using var limit = new CancellationTokenSource(CloseLimit, time);
            await call.CompleteAsync(limit.Token).ConfigureAwait(false);
            await watch.WaitAsync(limit.Token).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is RpcException or OperationCanceledException)
        {
            // The peer went first, or does not read: there is nobody to be polite to.
        }

        await cut.CancelAsync().ConfigureAwait(false);
        await call.DisposeAsync().ConfigureAwait(false);
        await watch.ConfigureAwait(false);
        await channel.DisposeAsync().ConfigureAwait(false);
        cut.Dispose();
    }

    private static CollectiveFailure KindOf(RpcException exception) => exception.Code switch
    {
        StatusCode.FailedPrecondition => CollectiveFailure.WrongGeneration,
        StatusCode.Aborted => CollectiveFailure.PeerEnded,
        _ => CollectiveFailure.ConnectionLost,
    };

    private async Task WatchAsync(Action<int, CollectiveFailure, string> lost)
    {
        try
        {
            while (await call.MoveNextAsync(cut.Token).ConfigureAwait(false))
            {
                // Nothing is answered but the end.
            }
        }
        catch (RpcException exception)
        {
            lost(peer, KindOf(exception), exception.Message);
        }
        catch (OperationCanceledException)
        {
            // Cut from here.
        }
    }
}

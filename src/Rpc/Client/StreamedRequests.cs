using System.Net;

namespace Colony.Rpc;

/// <summary>
/// The body of a call with many requests. HttpClient hands over the stream when it is ready for it; writers meet it
/// here and write directly, so that there is no queue and a slow peer holds up the writer.
/// </summary>
internal sealed class StreamedRequests<T>(Marshaller<T> marshaller) : CallContent
{
    private readonly TaskCompletionSource<Stream> _ready = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _writing = new(1);
    private bool _completed;

    /// <summary>Writes one message.</summary>
    /// <exception cref="InvalidOperationException">The stream was completed before.</exception>
    public async ValueTask WriteAsync(T message, CancellationToken cancellationToken)
    {
        var stream = await _ready.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_completed)
            {
                throw new InvalidOperationException("The requests were completed; none can follow.");
            }

            if (_ended.Task.IsCompleted)
            {
                await _ended.Task.ConfigureAwait(false);
            }

            await WriteMessageAsync(stream, marshaller, message, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>Says that no request follows. Waits for a write that is under way.</summary>
    public async ValueTask CompleteAsync(CancellationToken cancellationToken)
    {
        await _writing.WaitAsync(cancellationToken).ConfigureAwait(false);
        _completed = true;
        _ended.TrySetResult();
        _writing.Release();
    }

    public override void Abort(Exception reason)
    {
        if (_ready.TrySetException(reason))
        {
            _ = _ready.Task.Exception;
        }

        if (_ended.TrySetException(reason))
        {
            _ = _ended.Task.Exception;
        }
    }

    protected override async Task SerializeToStreamAsync(
        Stream stream, TransportContext? context, CancellationToken cancellationToken)
    {
        // Sends the headers now: the server may speak first.
        await stream.FlushAsync(cancellationToken).ConfigureAwait(false);
        if (!_ready.TrySetResult(stream))
        {
            // HttpClient tries again on another connection; what was written to the first one cannot be repeated.
            throw new IOException("The connection was lost after the requests had begun.");
        }

        await _ended.Task.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    protected override void Dispose(bool disposing)
    {
        _writing.Dispose();
        base.Dispose(disposing);
    }
}

using System.IO.Pipelines;

namespace Colony.Rpc;

/// <summary>
/// One call on the client: sends the request, reads frames off the response, and knows how the call ended. The first
/// cause wins: a status from the server, the caller's token, the deadline, or disposal.
/// </summary>
internal sealed class ClientCall<TResponse>(
    Marshaller<TResponse> marshaller,
    CallContent content,
    TimeSpan? timeout,
    int maxReceiveMessageBytes,
    TimeProvider clock,
    CancellationToken channelClosed,
    CancellationToken caller) : IAsyncDisposable
{
    /// <summary>The size of the buffers that responses are gathered in.</summary>
    private const int ReadBufferBytes = 128 * 1024;
    private static readonly StreamPipeReaderOptions PipeOptions = new(
        bufferSize: ReadBufferBytes, minimumReadSize: ReadBufferBytes / 8);

    private static readonly Status CancelledHere = new(StatusCode.Cancelled, "The call was cancelled by its caller.");

    private readonly CancellationTokenSource _source = new();
    private Task<HttpResponseMessage> _opened = null!;
    private HttpResponseMessage? _response;
    private CancellationToken _token;
    private CancellationTokenRegistration _callerEnds;
    private CancellationTokenRegistration _channelEnds;
    private ITimer? _deadline;
    private PipeReader? _reader;
    private SequencePosition? _consumed;
    private TResponse? _current;
    private int _end;
    private Ending? _ending;

    public TResponse Current => _current ?? throw new InvalidOperationException("There is no current message.");

    /// <summary>How the call ended; null while it has not.</summary>
    public Status? Status => Volatile.Read(ref _ending)?.Status;

    public Metadata Trailers => Volatile.Read(ref _ending)?.Trailers ?? [];

    public void Start(HttpMessageInvoker invoker, HttpRequestMessage request)
    {
        _token = _source.Token;
        if (timeout is { } time)
        {
            var due = TimeSpan.FromTicks(Math.Clamp(time.Ticks, 0, TimeoutHeader.Longest.Ticks));
            _deadline = clock.CreateTimer(
                static state => ((ClientCall<TResponse>)state!).Cancel(CallEnd.DeadlinePassed),
                this, due, Timeout.InfiniteTimeSpan);
        }

        _callerEnds = caller.UnsafeRegister(
            static state => ((ClientCall<TResponse>)state!).Cancel(CallEnd.CallerCancelled), this);
        _channelEnds = channelClosed.UnsafeRegister(
            static state => ((ClientCall<TResponse>)state!).Cancel(CallEnd.ChannelClosed), this);
        _opened = OpenAsync(invoker, request);
    }

    /// <summary>Waits for the headers of the response.</summary>
    public async ValueTask<Metadata> HeadersAsync(CancellationToken cancellationToken)
    {
        try
        {
            var response = await _opened.WaitAsync(cancellationToken).ConfigureAwait(false);
            return ResponseHead.Metadata(response.Headers);
        }
        catch (Exception cause)
        {
            throw Fail(cause, cancellationToken);
        }
    }

    public async ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken)
    {
        _current = default;
        if (Volatile.Read(ref _ending) is { } ending)
        {
            return ending.IsSuccess ? false : throw ending.ToException(null);
        }

        try
        {
            if (_reader is null)
            {
                var response = await _opened.WaitAsync(cancellationToken).ConfigureAwait(false);
                var stream = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
                _reader = PipeReader.Create(stream, PipeOptions);
            }

            if (_consumed is { } consumed)
            {
                _consumed = null;
                _reader.AdvanceTo(consumed);
            }

            return await ReadMessageAsync(_reader, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception cause)
        {
            throw Fail(cause, cancellationToken);
        }
    }

    /// <summary>The one response of a call that has just one, and its status.</summary>
    public async ValueTask<RpcReply<TResponse>> ReadOnlyAsync(CancellationToken cancellationToken)
    {
        if (!await MoveNextAsync(cancellationToken).ConfigureAwait(false))
        {
            throw new RpcException(StatusCode.Internal, "The server ended the call without a response.", Trailers);
        }

        var response = Current;
        if (await MoveNextAsync(cancellationToken).ConfigureAwait(false))
        {
            throw new RpcException(
                StatusCode.Internal, "The server sent more than one response to a method that has one.");
        }

        return new RpcReply<TResponse>(response, await HeadersAsync(cancellationToken).ConfigureAwait(false), Trailers);
    }

    /// <summary>
    /// The exception to throw for one that was caught, after setting the status of the call if it has ended by it.
    /// </summary>
    public Exception Fail(Exception cause, CancellationToken operation)
    {
        var end = (CallEnd)Volatile.Read(ref _end);
        if (Volatile.Read(ref _ending) is { IsSuccess: false } known)
        {
            return known.ToException(cause);
        }

        if (end == CallEnd.None && cause is OperationCanceledException && operation.IsCancellationRequested)
        {
            return new OperationCanceledException(cause.Message, cause, operation);
        }

        var failure = end switch
        {
            CallEnd.DeadlinePassed => new RpcException(
                StatusCode.DeadlineExceeded, $"The deadline of {timeout} has passed.", inner: cause),
            CallEnd.CallerCancelled or CallEnd.Disposed => new RpcException(
                CancelledHere.Code, CancelledHere.Detail, inner: cause),
            CallEnd.ChannelClosed => new RpcException(StatusCode.Unavailable, "The channel was closed.", inner: cause),
            _ => ClientFailures.FromException(cause),
        };
        End(failure.Status, failure.Trailers);
        return end == CallEnd.CallerCancelled
            ? new OperationCanceledException("The call was cancelled.", cause, caller)
            : failure;
    }

    /// <summary>
    /// The exception to throw for a write that failed. If the call itself has not failed, its status is left for the
    /// reader to find: the server may have ended the call, and its words say why.
    /// </summary>
    public Exception WriteFailed(Exception cause, CancellationToken operation)
    {
        if (cause is OperationCanceledException && operation.IsCancellationRequested)
        {
            Cancel(CallEnd.CallerCancelled);
            return new OperationCanceledException(cause.Message, cause, operation);
        }

        if (Volatile.Read(ref _end) != (int)CallEnd.None || _opened.IsFaulted)
        {
            return Fail(cause, operation);
        }

        return cause is OperationCanceledException or ObjectDisposedException
            ? new RpcException(
                StatusCode.Unavailable, "The server takes no more requests; reading tells why.", inner: cause)
            : ClientFailures.FromException(cause);
    }

    /// <summary>
    /// A token that ends with the call or with the operation; the result is to be disposed and often null.
    /// </summary>
    public CancellationTokenSource? Link(CancellationToken operation, out CancellationToken token)
    {
        if (!operation.CanBeCanceled || operation == caller)
        {
            token = _token;
            return null;
        }

        var linked = CancellationTokenSource.CreateLinkedTokenSource(_token, operation);
        token = linked.Token;
        return linked;
    }

    public void Cancel(CallEnd end)
    {
        if (Interlocked.CompareExchange(ref _end, (int)end, (int)CallEnd.None) != (int)CallEnd.None)
        {
            return;
        }

        content.Abort(new OperationCanceledException("The call has ended."));
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // A write was cancelled while the call was being disposed; that ends it as well.
        }

        // Resets the HTTP/2 stream if the response is not complete, so that the server hears of it.
        Volatile.Read(ref _response)?.Dispose();
    }

    public async ValueTask DisposeAsync()
    {
        await _callerEnds.DisposeAsync().ConfigureAwait(false);
        await _channelEnds.DisposeAsync().ConfigureAwait(false);
        if (_deadline is not null)
        {
            await _deadline.DisposeAsync().ConfigureAwait(false);
        }

        Cancel(CallEnd.Disposed);
        End(CancelledHere, []);

        // What went wrong in opening was told to whoever waited for the call.
        await ((Task)_opened).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _source.Dispose();
    }

    private async Task<HttpResponseMessage> OpenAsync(HttpMessageInvoker invoker, HttpRequestMessage request)
    {
        try
        {
            var response = await invoker.SendAsync(request, _token).ConfigureAwait(false);
            if (ResponseHead.Refusal(response) is { } refusal)
            {
                response.Dispose();
                throw refusal;
            }

            // Either whoever ends the call sees the response, or we see that the call has ended.
            Interlocked.Exchange(ref _response, response);
            if (Volatile.Read(ref _end) != (int)CallEnd.None)
            {
                response.Dispose();
                throw new OperationCanceledException("The call has ended.");
            }

            return response;
        }
        catch (Exception cause)
        {
            content.Abort(cause);
            throw;
        }
    }

    private async ValueTask<bool> ReadMessageAsync(PipeReader reader, CancellationToken cancellationToken)
    {
        using var linked = Link(cancellationToken, out var token);
        while (true)
        {
            var result = await reader.ReadAsync(token).ConfigureAwait(false);
            var buffer = result.Buffer;
            if (Frames.TryRead(ref buffer, maxReceiveMessageBytes, out var message))
            {
                _current = marshaller.Read(message);
                _consumed = buffer.Start;
                return true;
            }

            if (result.IsCompleted)
            {
                Finish(await _opened.ConfigureAwait(false), buffer.Length);
                return false;
            }

            reader.AdvanceTo(buffer.Start, buffer.End);
        }
    }

    /// <summary>Takes the status at the end of the response, and throws it if it is a failure.</summary>
    private void Finish(HttpResponseMessage response, long unread)
    {
        var status = ResponseHead.Status(response.TrailingHeaders);
        var trailers = ResponseHead.Metadata(response.TrailingHeaders);
        if (status is null)
        {
            status = ResponseHead.Status(response.Headers)
                ?? new Status(StatusCode.Unknown, "The response ended without a status.");
            trailers = ResponseHead.Metadata(response.Headers);
        }

        if (unread > 0 && status.Value.Code == StatusCode.OK)
        {
            status = new Status(StatusCode.Internal, $"The response ended within a message, after {unread} bytes.");
        }

        var ending = End(status.Value, trailers);
        if (!ending.IsSuccess)
        {
            throw ending.ToException(null);
        }
    }

    /// <summary>Sets how the call ended, unless it has ended already.</summary>
    private Ending End(Status status, Metadata trailers)
    {
        var mine = new Ending(status, trailers);
        return Interlocked.CompareExchange(ref _ending, mine, null) ?? mine;
    }

    /// <summary>How a call ended; one object, so that readers on other threads see all of it or nothing.</summary>
    private sealed record Ending(Status Status, Metadata Trailers)
    {
        public bool IsSuccess => Status.Code == StatusCode.OK;

        public RpcException ToException(Exception? cause) => new(Status.Code, Status.Detail, Trailers, cause);
    }
}

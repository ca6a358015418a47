namespace Colony.Rpc;

/// <summary>
/// The token of one call on the server and why it was cancelled: the client went away, the deadline passed, or the
/// server stops.
/// </summary>
internal sealed class CallLifetime : IDisposable
{
    private readonly CancellationTokenSource _source;
    private readonly CancellationToken _aborted;
    private readonly CancellationToken _stopping;
    private readonly TaskCompletionSource _over = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly CancellationTokenRegistration _stops;
    private readonly ITimer? _timer;
    private volatile bool _expired;

    public CallLifetime(
        TimeProvider clock, TimeSpan? timeout, CancellationToken aborted, CancellationToken stopping)
    {
        _aborted = aborted;
        _stopping = stopping;
        _source = CancellationTokenSource.CreateLinkedTokenSource(aborted, stopping);
        Token = _source.Token;
        _stops = stopping.UnsafeRegister(static state => ((CallLifetime)state!)._over.TrySetResult(), this);
        if (timeout is { } time)
        {
            Deadline = clock.GetUtcNow() + time;
            _timer = clock.CreateTimer(
                static state => ((CallLifetime)state!).Expire(), this, time, Timeout.InfiniteTimeSpan);
        }
    }

    /// <summary>Cancelled when the handler should give up.</summary>
    public CancellationToken Token { get; }

    /// <summary>
    /// Ends when the caller must be answered, whatever the handler does: deadline passed or server stopping.
    /// </summary>
    public Task Over => _over.Task;

    public DateTimeOffset? Deadline { get; }

    /// <summary>Whether there is nobody any more to answer to.</summary>
    public bool IsAborted => _aborted.IsCancellationRequested;

    /// <summary>The status of a call whose token was cancelled.</summary>
    public Status Cause => this switch
    {
        { IsAborted: true } => new Status(StatusCode.Cancelled, "The client ended the call."),
        { _expired: true } => new Status(StatusCode.DeadlineExceeded, "The deadline has passed."),
        _ when _stopping.IsCancellationRequested => new Status(StatusCode.Unavailable, "The server is shutting down."),
        _ => new Status(StatusCode.Cancelled, "The handler was cancelled."),
    };

    public void Dispose()
    {
        _timer?.Dispose();
        _stops.Dispose();
        _source.Dispose();
    }

    private void Expire()
    {
        _expired = true;
        _over.TrySetResult();
        try
        {
            _source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The call finished while the timer fired; its status is sent already.
        }
    }
}

namespace Colony.Actors;

/// <summary>
/// One question under way. Ends by the answer, the time limit, the caller's token or the end of the actor, whichever
/// is first, and then lets go of the other three.
/// </summary>
internal sealed class PendingAsk<TReply> : IWatcher
{
    private readonly ActorCell _target;
    private readonly TimeSpan _timeout;
    private readonly TaskCompletionSource<TReply> _completion;
    private readonly ITimer _timer;
    private readonly CancellationTokenRegistration _registration;

    public PendingAsk(ActorCell target, TimeSpan timeout, CancellationToken cancellationToken)
    {
        _target = target;
        _timeout = timeout;
        var scheduler = target.System.Scheduler;
        _completion = new(scheduler.ContinuesInline
            ? TaskCreationOptions.None
            : TaskCreationOptions.RunContinuationsAsynchronously);
        target.AddWatcher(this);
        _timer = scheduler.Time.CreateTimer(
            static state => ((PendingAsk<TReply>)state!).TimedOut(), this, timeout, Timeout.InfiniteTimeSpan);
        _registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((PendingAsk<TReply>)state!).Cancelled(token), this);
        if (_completion.Task.IsCompleted)
        {
            Release(); // it ended before the timer and the registration were known
        }
    }

    public Task<TReply> Task => _completion.Task;

    public bool Answer(TReply reply)
    {
        if (!_completion.TrySetResult(reply))
        {
            return false;
        }

        Release();
        return true;
    }

    public void Fail(Exception failure)
    {
        if (_completion.TrySetException(failure))
        {
            Release();
        }
    }

    public void TargetStopped(StopReason reason) =>
        Fail(new ActorUnavailableException(_target.Path, $"it ended ({reason.Text})"));

    private void TimedOut() =>
        Fail(new TimeoutException(
            $"The actor '{_target.Path}' did not answer within {_timeout.TotalSeconds:0.###} s " +
            $"({_target.Depth} messages wait in its mailbox)."));

    private void Cancelled(CancellationToken token)
    {
        if (_completion.TrySetCanceled(token))
        {
            Release();
        }
    }

    private void Release()
    {
        _timer?.Dispose();
        _registration.Unregister(); // never Dispose: that waits for a callback which may be this very call
        _target.RemoveWatcher(this);
    }
}

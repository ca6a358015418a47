namespace Colony.Actors;

/// <summary>
/// Something that will speak to the actor that owns it. Once cancelled it never speaks, even if its message already
/// waits in the mailbox: whether it does is asked again when its turn comes.
/// </summary>
internal abstract class Owned<TMessage>(Incarnation<TMessage> owner) : IOwned
{
    private bool _over;

    protected Incarnation<TMessage> Owner => owner;

    public void Cancel()
    {
        if (!_over)
        {
            Finish();
            Release();
        }
    }

    /// <summary>Whether it may still speak. In the owner's turn, just before <see cref="Take"/>.</summary>
    public virtual bool Claim()
    {
        if (_over)
        {
            return false;
        }

        Finish();
        return true;
    }

    /// <summary>Its message. In the owner's turn.</summary>
    public abstract TMessage Take();

    protected bool Over => _over;

    protected abstract void Release();

    private void Finish()
    {
        _over = true;
        owner.Disown(this);
    }
}

/// <summary>A message to the actor itself, once or again and again.</summary>
internal sealed class OwnedTimer<TMessage> : Owned<TMessage>
{
    private readonly TMessage _message;
    private readonly bool _periodic;
    private readonly ITimer _timer;
    private int _waits;

    public OwnedTimer(Incarnation<TMessage> owner, TimeSpan delay, TimeSpan period, TMessage message)
        : base(owner)
    {
        _message = message;
        _periodic = period != Timeout.InfiniteTimeSpan;
        _timer = owner.Time.CreateTimer(
            static state => ((OwnedTimer<TMessage>)state!).Due(), this, delay, period);
    }

    public override bool Claim()
    {
        if (!_periodic)
        {
            _timer.Dispose();
            return base.Claim();
        }

        Interlocked.Exchange(ref _waits, 0);
        return !Over;
    }

    public override TMessage Take() => _message;

    protected override void Release() => _timer.Dispose();

    private void Due()
    {
        if (Interlocked.CompareExchange(ref _waits, 1, 0) == 0)
        {
            Owner.Cell.Enqueue(this);
        }
    }
}

/// <summary>A notice of another actor's end.</summary>
internal sealed class OwnedWatch<TMessage>(
    Incarnation<TMessage> owner, ActorCell target, Func<StopReason, TMessage> terminated)
    : Owned<TMessage>(owner), IWatcher
{
    private StopReason? _reason;

    public void TargetStopped(StopReason reason)
    {
        _reason = reason; // the mailbox publishes it
        Owner.Cell.Enqueue(this);
    }

    public override TMessage Take() => terminated(_reason!);

    protected override void Release() => target.RemoveWatcher(this);
}

/// <summary>Asynchronous work under way. It begins on the scheduler, not in the actor's turn.</summary>
internal sealed class OwnedWork<TMessage>(
    Incarnation<TMessage> owner, Func<CancellationToken, Task<TMessage>> work, Func<Exception, TMessage> failed)
    : Owned<TMessage>(owner), IThreadPoolWorkItem
{
    private readonly CancellationTokenSource _cancellation = new();
    private TMessage? _result;
    private Exception? _failure;

    public void Execute() => _ = RunAsync(); // the cell counts it, and does not end before WorkEnded

    public override TMessage Take() => _failure is null ? _result! : failed(_failure);

    /// <summary>
    /// Asks the work to end, outside the actor's turn: what hangs on the token, and what goes on because of it, is not
    /// the actor's own code. The source is never disposed of, because the work may still hold the token.
    /// </summary>
    protected override void Release() =>
        Owner.Cell.System.Scheduler.Execute(new Cancellation(this), Owner.Cell.Path + " cancel");

    private async Task RunAsync()
    {
        try
        {
            _cancellation.Token.ThrowIfCancellationRequested();
            _result = await work(_cancellation.Token).ConfigureAwait(false);
        }
        catch (Exception failure)
        {
            _failure = failure;
        }

        Owner.Cell.Enqueue(this);
        Owner.Cell.EndWork(this);
    }

    private sealed class Cancellation(OwnedWork<TMessage> work) : IThreadPoolWorkItem
    {
        public void Execute()
        {
            try
            {
                work._cancellation.Cancel();
            }
            catch (AggregateException failure)
            {
                var cell = work.Owner.Cell;
                cell.System.Observer.Failed(
                    new ActorFailure(cell.Path, failure, Directive.Stop, TimeSpan.Zero));
            }
        }
    }
}

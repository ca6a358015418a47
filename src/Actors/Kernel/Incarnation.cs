namespace Colony.Actors;

/// <summary>
/// One instance of an actor and what it owns. After its end it does nothing more: an instance that was replaced cannot
/// act on behalf of its successor.
/// </summary>
internal sealed class Incarnation<TMessage>(ActorCell<TMessage> cell, Actor<TMessage> actor) : IActorContext<TMessage>
{
    private readonly HashSet<Owned<TMessage>> _owned = [];
    private bool _ended;

    public ActorCell<TMessage> Cell => cell;

    public Actor<TMessage> Actor => actor;

    public ActorRef<TMessage> Self => cell.Self;

    public TimeProvider Time => cell.System.Scheduler.Time;

    public int WorkInFlight => cell.WorkInFlight;

    public ActorRef<TChild> Spawn<TChild>(Props<TChild> props)
    {
        ThrowIfEnded();
        return cell.System.Spawn(cell, props);
    }

    public IOwned Watch(ActorRef target, Func<StopReason, TMessage> terminated)
    {
        ArgumentNullException.ThrowIfNull(target);
        ArgumentNullException.ThrowIfNull(terminated);
        var watch = Own(new OwnedWatch<TMessage>(this, target.Cell, terminated));
        target.Cell.AddWatcher(watch);
        return watch;
    }

    public IOwned Schedule(TimeSpan delay, TMessage message)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        ThrowIfFull();
        return Own(new OwnedTimer<TMessage>(this, delay, Timeout.InfiniteTimeSpan, message));
    }

    public IOwned SchedulePeriodic(TimeSpan delay, TimeSpan period, TMessage message)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        ThrowIfFull();
        return Own(new OwnedTimer<TMessage>(this, delay, period, message));
    }

    public IOwned Run(Func<CancellationToken, Task<TMessage>> work, Func<Exception, TMessage> failed)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(failed);
        var started = Own(new OwnedWork<TMessage>(this, work, failed));
        cell.BeginWork(started);
        cell.System.Scheduler.Execute(started, cell.Path + " work");
        return started;
    }

    public void Stop(string reason) => cell.StopSelf(reason);

    public void Disown(Owned<TMessage> owned) => _owned.Remove(owned);

    public void CancelOwned()
    {
        _ended = true;
        foreach (var owned in _owned.ToArray())
        {
            owned.Cancel();
        }
    }

    private TOwned Own<TOwned>(TOwned owned)
        where TOwned : Owned<TMessage>
    {
        ThrowIfEnded();
        ThrowIfFull();
        _owned.Add(owned);
        return owned;
    }

    private void ThrowIfFull()
    {
        ThrowIfEnded();
        if (_owned.Count >= ActorLimits.MaxOwned || cell.WorkInFlight >= ActorLimits.MaxOwned)
        {
            throw new InvalidOperationException(
                $"'{cell.Path}' owns {_owned.Count} timers, watches and pieces of work, the most it may.");
        }
    }

    private void ThrowIfEnded()
    {
        if (_ended)
        {
            throw new InvalidOperationException($"This instance of '{cell.Path}' has ended.");
        }
    }
}

using System.Collections.Concurrent;

namespace Colony.Actors;

/// <summary>
/// One actor as the kernel sees it: its place in the tree, its life, and its turns. Everything but the queues and the
/// list of children is touched only inside the cell's own turn, and turns of a cell never overlap.
/// </summary>
/// <remarks>
/// The life: New → Running → (failure) TearingDown → BackingOff → Running …, and at last TearingDown → Stopped. In
/// TearingDown the children and the asynchronous work of the failed instance come to their end; only then is there a
/// new instance, or none. A failure that escalates leaves the cell Suspended until the parent decides.
/// </remarks>
internal abstract class ActorCell : IThreadPoolWorkItem
{
    private readonly ConcurrentQueue<Signal> _signals = new();
    private readonly List<ActorCell> _children = [];
    private readonly Lock _childrenLock = new();
    private readonly List<IWatcher> _watchers = [];
    private readonly RestartBudget _budget;
    private readonly Supervision _supervision;
    private int _scheduled;
    private bool _closedToChildren;
    private volatile Phase _phase = Phase.New;
    private int _incarnation;
    private Exception? _restartCause;
    private StopReason? _stopReason;
    private TimeSpan _restartDelay;
    private ITimer? _restartTimer;

    protected ActorCell(ActorSystem system, ActorCell? parent, string name, string kind, Supervision supervision)
    {
        System = system;
        Parent = parent;
        Name = name;
        Kind = kind;
        Path = parent is null ? name : parent.Path + "/" + name;
        _supervision = supervision;
        _budget = new RestartBudget(supervision, system.Scheduler.Time);
    }

    internal enum Phase
    {
        New,
        Running,
        Suspended,
        TearingDown,
        BackingOff,
        Stopped,
    }

    public ActorSystem System { get; }

    public ActorCell? Parent { get; }

    public string Name { get; }

    public string Kind { get; }

    public string Path { get; }

    public abstract int Depth { get; }

    public abstract int Capacity { get; }

    protected Phase State => _phase;

    protected abstract bool HasWorkToEnd { get; }

    protected abstract bool HasMessages { get; }

    /// <summary>One turn: what the kernel has to say first, then up to a quota of messages.</summary>
    public void Execute()
    {
        var quota = System.Scheduler.MessagesPerTurn;
        while (true)
        {
            if (_signals.TryDequeue(out var signal))
            {
                Handle(signal);
            }
            else if (quota == 0 || !TakeMessage())
            {
                break;
            }
            else
            {
                quota--;
            }
        }

        // A full fence between giving up the turn and looking again: whoever queues after the look finds the cell free.
        Interlocked.Exchange(ref _scheduled, 0);
        if (!_signals.IsEmpty || WantsMessages)
        {
            Wake();
        }
    }

    public void Start() => Post(new StartSignal());

    public void Stop(StopReason reason) => Post(new StopSignal(reason));

    public abstract void Drain(StopReason reason);

    public void AddWatcher(IWatcher watcher) => Post(new AddWatchSignal(watcher));

    public void RemoveWatcher(IWatcher watcher) => Post(new RemoveWatchSignal(watcher));

    /// <summary>Makes a child known and starts it.</summary>
    public void Adopt(ActorCell child)
    {
        lock (_childrenLock)
        {
            if (_closedToChildren)
            {
                throw new InvalidOperationException($"'{Path}' is ending and takes no child '{child.Name}'.");
            }

            if (_children.Count >= ActorLimits.MaxChildren)
            {
                throw new InvalidOperationException(
                    $"'{Path}' has {_children.Count} children, the most it may have; "
                    + $"'{child.Name}' would be one more.");
            }

            if (_children.Exists(c => string.Equals(c.Name, child.Name, StringComparison.Ordinal)))
            {
                throw new ArgumentException($"'{Path}' already has a child '{child.Name}'.");
            }

            _children.Add(child);
        }

        child.Start();
    }

    public ActorCell[] Children()
    {
        lock (_childrenLock)
        {
            return [.. _children];
        }
    }

    /// <summary>What it waits for, if it is coming to its end; for the line that explains a stall.</summary>
    public string? Unfinished() => _phase switch
    {
        Phase.Stopped => null,
        Phase.TearingDown => $"{Path} waits for {Children().Length} children and {WorkToEnd} pieces of work",
        _ => $"{Path} is {_phase} with {Depth} messages",
    };

    protected abstract int WorkToEnd { get; }

    protected void Post(Signal signal)
    {
        _signals.Enqueue(signal);
        Wake();
    }

    protected void Wake()
    {
        if (Interlocked.CompareExchange(ref _scheduled, 1, 0) == 0)
        {
            System.Scheduler.Execute(this, Path);
        }
    }

    protected abstract void BeginIncarnation();

    protected abstract void CancelOwned();

    protected abstract void EndIncarnationForRestart(Exception cause);

    protected abstract void EndIncarnation(StopReason reason);

    protected abstract void CloseMailbox();

    protected abstract void ReceiveNext();

    protected abstract void WorkEnded(object work);

    /// <summary>Brings the end: for good when there is a reason to stop, else of this instance only.</summary>
    protected void BeginStop(StopReason reason)
    {
        if (_stopReason is not null)
        {
            return;
        }

        _stopReason = reason;
        _restartTimer?.Dispose();
        if (_phase != Phase.TearingDown)
        {
            TearDown();
        }
    }

    protected void Fail(Exception failure)
    {
        System.Metrics.CountFailure(Kind);
        if (_phase is Phase.TearingDown or Phase.Stopped)
        {
            System.Observer.Failed(new ActorFailure(Path, failure, Directive.Stop, TimeSpan.Zero));
            return;
        }

        var directive = _supervision.Decide(failure);
        if (directive == Directive.Restart && !_budget.TryTake(out _restartDelay))
        {
            directive = _supervision.WhenExhausted;
        }

        System.Observer.Failed(new ActorFailure(
            Path, failure, directive, directive == Directive.Restart ? _restartDelay : TimeSpan.Zero));
        switch (directive)
        {
            case Directive.Restart:
                _restartCause = failure;
                TearDown();
                break;
            case Directive.Escalate when Parent is not null:
                _phase = Phase.Suspended;
                Parent.Post(new ChildEscalatedSignal(this, failure));
                break;
            default:
                BeginStop(new StopReason(StopKind.Failed, failure.Message, failure));
                break;
        }
    }

    private bool WantsMessages => _phase is Phase.Running or Phase.Stopped && HasMessages;

    private bool TakeMessage()
    {
        if (!WantsMessages)
        {
            return false;
        }

        ReceiveNext();
        return true;
    }

    private void Handle(Signal signal)
    {
        switch (signal)
        {
            case StartSignal when _phase == Phase.New:
                Begin();
                break;
            case StopSignal stop when _phase != Phase.Stopped:
                BeginStop(stop.Reason);
                break;
            case AddWatchSignal watch when _phase == Phase.Stopped:
                watch.Watcher.TargetStopped(_stopReason!);
                break;
            case AddWatchSignal watch:
                _watchers.Add(watch.Watcher);
                break;
            case RemoveWatchSignal watch:
                _watchers.Remove(watch.Watcher);
                break;
            case ChildStoppedSignal stopped:
                Forget(stopped.Child);
                break;
            case ChildEscalatedSignal escalated when _phase == Phase.Running:
                Fail(new ChildFailedException(escalated.Child.Path, escalated.Cause));
                break;
            case WorkEndedSignal ended:
                WorkEnded(ended.Work);
                FinishIfTornDown();
                break;
            case RestartDueSignal due when _phase == Phase.BackingOff && due.Incarnation == _incarnation:
                Begin();
                break;
        }
    }

    private void Begin()
    {
        _incarnation++;
        lock (_childrenLock)
        {
            _closedToChildren = false;
        }

        _phase = Phase.Running;
        BeginIncarnation();
    }

    private void Forget(ActorCell child)
    {
        lock (_childrenLock)
        {
            _children.Remove(child);
        }

        FinishIfTornDown();
    }

    private void TearDown()
    {
        _phase = Phase.TearingDown;
        CancelOwned();
        ActorCell[] children;
        lock (_childrenLock)
        {
            _closedToChildren = true;
            children = [.. _children];
        }

        var reason = new StopReason(StopKind.ParentStopped, $"its parent '{Path}' ended or restarted");
        foreach (var child in children)
        {
            child.Stop(reason);
        }

        FinishIfTornDown();
    }

    private void FinishIfTornDown()
    {
        if (_phase != Phase.TearingDown || HasWorkToEnd || Children().Length > 0)
        {
            return;
        }

        if (_stopReason is null)
        {
            _phase = Phase.BackingOff;
            EndIncarnationForRestart(_restartCause!);
            ScheduleRestart();
            return;
        }

        EndIncarnation(_stopReason);
        _phase = Phase.Stopped;
        CloseMailbox();
        System.Observer.Stopped(Path, _stopReason);
        foreach (var watcher in _watchers)
        {
            watcher.TargetStopped(_stopReason);
        }

        _watchers.Clear();
        System.Forget(this, _stopReason);
        Parent?.Post(new ChildStoppedSignal(this));
    }

    private void ScheduleRestart()
    {
        if (_stopReason is not null)
        {
            return;
        }

        var due = new RestartDueSignal(_incarnation);
        _restartTimer?.Dispose();
        _restartTimer = System.Scheduler.Time.CreateTimer(
            _ => Post(due), null, _restartDelay, Timeout.InfiniteTimeSpan);
    }
}

namespace Colony.Actors.Simulation;

/// <summary>
/// One thread, virtual time, one seed: a queue of events ordered by due time, and where the times are equal by a number
/// drawn from the seed. The same seed and the same calls give the same run, event by event, and
/// <see cref="TraceHash"/> proves it. Use it as a scheduler directly for a world of one process, or add nodes.
/// </summary>
/// <remarks>
/// Asynchronous work may run in it as long as what it awaits is completed by simulated events (timers of
/// <see cref="Time"/>, tasks completed without <see cref="TaskCreationOptions.RunContinuationsAsynchronously"/>). Work
/// that escapes to another thread is found out and ends the run with an exception.
/// </remarks>
public sealed class SimulatedScheduler : IScheduler
{
    /// <summary>Trace entries kept for the report of a violation.</summary>
    public const int TraceTailLength = 200;

    /// <summary>Events that may wait at a time: far more than any healthy world has.</summary>
    public const int MaxQueuedEvents = 1_000_000;

    // Flows with asynchronous work begun inside an event, so that work which goes on elsewhere is recognised.
    private static readonly AsyncLocal<SimulatedScheduler?> s_inside = new();
    private static readonly TimeSpan s_turnLow = TimeSpan.FromMicroseconds(1);
    private static readonly TimeSpan s_turnHigh = TimeSpan.FromMicroseconds(20);

    private readonly PriorityQueue<SimulatedEvent, Place> _queue = new(PlaceOrder.Instance);
    private readonly Dictionary<string, SimulatedNode> _nodes = new(StringComparer.Ordinal);
    private readonly TraceEntry[] _tail = new TraceEntry[TraceTailLength];
    private readonly SeededRandom _ties;
    private readonly SeededRandom _turns;
    private long _sequence;
    private long _noted;
    private int _runningThread;
    private string? _escaped;

    /// <summary>Begins an empty world at virtual time zero.</summary>
    /// <param name="seed">What decides everything that is left open.</param>
    public SimulatedScheduler(ulong seed)
    {
        Seed = seed;
        TraceHash = StableHash.Fold(StableHash.Start, seed);
        _ties = Random("ties");
        _turns = Random("turns");
        Time = new SimulatedClock(this, (delay, action) => After(delay, "timer", action));
    }

    /// <summary>The seed.</summary>
    public ulong Seed { get; }

    /// <summary>Virtual time since the beginning, true time: no node's clock drifts here.</summary>
    public TimeSpan Now { get; private set; }

    /// <summary>Events that have happened.</summary>
    public long Events { get; private set; }

    /// <summary>Events that wait; cancelled ones may still be counted.</summary>
    public int QueuedEvents => _queue.Count;

    /// <summary>A hash over everything that was traced, in order. Equal for equal runs.</summary>
    public ulong TraceHash { get; private set; }

    /// <summary>Gets everything that is traced, as it happens.</summary>
    public Action<TraceEntry>? OnTraced { get; set; }

    /// <inheritdoc/>
    public TimeProvider Time { get; }

    /// <inheritdoc/>
    public int MessagesPerTurn => 1; // each message is an event of its own, so turns interleave as finely as may be

    /// <inheritdoc/>
    public bool ContinuesInline => true;

    /// <summary>The nodes, in the order in which they were added.</summary>
    public IReadOnlyCollection<SimulatedNode> Nodes => _nodes.Values;

    /// <summary>The last things that were traced, oldest first.</summary>
    public IReadOnlyList<TraceEntry> TraceTail
    {
        get
        {
            var first = Math.Max(0, _noted - TraceTailLength);
            return [.. Enumerable.Range(0, (int)(_noted - first)).Select(i => _tail[(first + i) % TraceTailLength])];
        }
    }

    /// <summary>A random stream of this run for one purpose.</summary>
    /// <param name="purpose">Its name; asking again begins the same stream again.</param>
    /// <returns>The stream.</returns>
    public SeededRandom Random(string purpose) => new(Seed, purpose);

    /// <summary>Adds a machine.</summary>
    /// <param name="name">Its name, unique.</param>
    /// <returns>The node, running.</returns>
    public SimulatedNode AddNode(string name)
    {
        var node = new SimulatedNode(this, name);
        if (!_nodes.TryAdd(name, node))
        {
            throw new ArgumentException($"There is a node '{name}' already.", nameof(name));
        }

        return node;
    }

    /// <summary>The node of a name.</summary>
    /// <param name="name">Its name.</param>
    /// <returns>The node.</returns>
    public SimulatedNode Node(string name) => _nodes.TryGetValue(name, out var node)
        ? node
        : throw new ArgumentException($"There is no node '{name}'.", nameof(name));

    /// <summary>Puts an event on the queue.</summary>
    /// <param name="delay">From now; at least zero.</param>
    /// <param name="label">For the trace.</param>
    /// <param name="action">What happens.</param>
    /// <returns>The event; it can be cancelled.</returns>
    public SimulatedEvent After(TimeSpan delay, string label, Action action)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        return At(Now + delay, string.Empty, label, action);
    }

    /// <summary>Traces something: it enters the hash and the tail.</summary>
    /// <param name="who">Whom it concerns.</param>
    /// <param name="what">What happened; its type's name enters the hash, its text only the report.</param>
    public void Note(string who, object? what)
    {
        var kind = what as string ?? what?.GetType().Name ?? "null";
        TraceHash = StableHash.Fold(StableHash.Fold(
            StableHash.Fold(TraceHash, (ulong)Now.Ticks), who), kind);
        _tail[_noted++ % TraceTailLength] = new TraceEntry(Now, who, what);
        OnTraced?.Invoke(new TraceEntry(Now, who, what));
    }

    /// <inheritdoc/>
    public void Execute(IThreadPoolWorkItem work, string name)
    {
        ArgumentNullException.ThrowIfNull(work);
        After(TurnDelay(1), name, work.Execute);
    }

    /// <summary>Lets the next event happen.</summary>
    /// <returns>False if nothing waits.</returns>
    public bool Step() => Inside(StepHere);

    /// <summary>Lets events happen until nothing is left to happen before a time.</summary>
    /// <param name="until">Virtual time at which to stop; the clock stands there afterwards.</param>
    /// <param name="maxEvents">Events after which to stop nevertheless.</param>
    /// <param name="done">Asked after each event; true stops.</param>
    /// <returns>Why it stopped.</returns>
    public SimulationStop Run(TimeSpan until, long maxEvents = long.MaxValue, Func<bool>? done = null) =>
        Inside(() => RunHere(until, maxEvents, done));

    internal SimulatedEvent At(TimeSpan due, string who, string label, Action action)
    {
        var running = Volatile.Read(ref _runningThread);
        if (running != Environment.CurrentManagedThreadId && (running != 0 || ReferenceEquals(s_inside.Value, this)))
        {
            Volatile.Write(ref _escaped, label);
            throw new InvalidOperationException(Escaped(label));
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(due, Now);
        if (_queue.Count >= MaxQueuedEvents)
        {
            throw new InvalidOperationException(
                $"{_queue.Count} simulated events wait at {Now}, the most there may be; the last one is '{label}'.");
        }

        var queued = new SimulatedEvent(who, label, action);
        _queue.Enqueue(queued, new Place(due.Ticks, _ties.NextUInt64(), _sequence++));
        return queued;
    }

    internal TimeSpan TurnDelay(double slowness) => _turns.Between(s_turnLow, s_turnHigh) * slowness;

    private bool StepHere()
    {
        while (_queue.TryDequeue(out var next, out var order))
        {
            if (next.IsCancelled)
            {
                continue;
            }

            Now = TimeSpan.FromTicks(order.Due);
            Events++;
            TraceHash = StableHash.Fold(StableHash.Fold(
                StableHash.Fold(TraceHash, (ulong)order.Due), next.Who), next.Label);
            next.MarkHappened();
            next.Action();
            ThrowIfEscaped();
            return true;
        }

        return false;
    }

    private SimulationStop RunHere(TimeSpan until, long maxEvents, Func<bool>? done)
    {
        var last = Events + Math.Min(maxEvents, long.MaxValue - Events);
        while (DueBy(until))
        {
            if (Events >= last)
            {
                return SimulationStop.EventLimit;
            }

            StepHere();
            if (done?.Invoke() == true)
            {
                return SimulationStop.Done;
            }
        }

        ThrowIfEscaped();
        Now = until > Now ? until : Now;
        return _queue.Count == 0 ? SimulationStop.Idle : SimulationStop.TimeLimit;
    }

    private static string Escaped(string label) =>
        $"Work of '{label}' went on outside the simulated thread, so the run could not be replayed. It awaits " +
        "something that no simulated event completes (real I/O, or a cancelled Task.Delay: use DelayAsync).";

    private bool DueBy(TimeSpan until)
    {
        while (_queue.TryPeek(out var next, out var order))
        {
            if (!next.IsCancelled)
            {
                return order.Due <= until.Ticks;
            }

            _queue.Dequeue();
        }

        return false;
    }

    /// <summary>
    /// Takes the thread for the run. Without a synchronization context what awaits goes on inside the event that
    /// completes it, on this thread.
    /// </summary>
    private T Inside<T>(Func<T> run)
    {
        var outer = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        Volatile.Write(ref _runningThread, Environment.CurrentManagedThreadId);
        s_inside.Value = this;
        try
        {
            return run();
        }
        finally
        {
            s_inside.Value = null;
            Volatile.Write(ref _runningThread, 0);
            SynchronizationContext.SetSynchronizationContext(outer);
        }
    }

    private void ThrowIfEscaped()
    {
        if (Volatile.Read(ref _escaped) is { } label)
        {
            throw new InvalidOperationException(Escaped(label));
        }
    }

    /// <summary>When an event is due, and its place among those due then.</summary>
    private readonly record struct Place(long Due, ulong Tie, long Sequence);

    private sealed class PlaceOrder : IComparer<Place>
    {
        public static PlaceOrder Instance { get; } = new();

        public int Compare(Place x, Place y)
        {
            var order = x.Due.CompareTo(y.Due);
            order = order != 0 ? order : x.Tie.CompareTo(y.Tie);
            return order != 0 ? order : x.Sequence.CompareTo(y.Sequence);
        }
    }
}

/// <summary>Why a run of the simulator stopped.</summary>
public enum SimulationStop
{
    /// <summary>What was waited for came true.</summary>
    Done,

    /// <summary>Nothing is left that could happen.</summary>
    Idle,

    /// <summary>The virtual time is up.</summary>
    TimeLimit,

    /// <summary>The number of events is used up.</summary>
    EventLimit,
}

/// <summary>One thing that happened.</summary>
/// <param name="At">True virtual time.</param>
/// <param name="Who">Whom it concerns.</param>
/// <param name="What">What happened.</param>
public readonly record struct TraceEntry(TimeSpan At, string Who, object? What)
{
    /// <inheritdoc/>
    public override string ToString() => $"{At.TotalMilliseconds,12:0.0000} ms  {Who}: {What}";
}

/// <summary>Something that will happen unless it is cancelled.</summary>
public sealed class SimulatedEvent : IDisposable
{
    internal SimulatedEvent(string who, string label, Action action)
    {
        Who = who;
        Label = label;
        Action = action;
    }

    /// <summary>Whether it still waits.</summary>
    public bool IsPending => !IsCancelled && !HasHappened;

    internal string Who { get; }

    internal string Label { get; }

    internal Action Action { get; }

    internal bool IsCancelled { get; private set; }

    internal bool HasHappened { get; private set; }

    /// <summary>Cancels it. Does nothing when it has happened.</summary>
    public void Dispose() => IsCancelled = true;

    internal void MarkHappened() => HasHappened = true;
}

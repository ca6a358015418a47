namespace Colony.Actors.Simulation;

/// <summary>
/// A machine with one process on it, as an <see cref="IScheduler"/>: it can crash and start again, hang and wake up,
/// be slow, and have a clock that runs wrong. Whatever is to happen on it goes through it, so a dead process does
/// nothing, and a hung one does it later, in order.
/// </summary>
public sealed class SimulatedNode : IScheduler
{
    /// <summary>What may wait for a hung node; one more crashes it, as memory would.</summary>
    public const int MaxBacklog = 100_000;

    private readonly SimulatedScheduler _world;
    private readonly SimulatedClock _clock;
    private readonly Queue<(string Label, Action Action)> _backlog = new();
    private int _hangs;
    private bool _pumping;

    internal SimulatedNode(SimulatedScheduler world, string name)
    {
        _world = world;
        Name = name;
        _clock = new SimulatedClock(world, (delay, action) => AfterTrue(delay, "timer", action));
        Disk = new SimulatedDisk(name);
        Observer = new Tracer(this);
    }

    /// <summary>Its name.</summary>
    public string Name { get; }

    /// <summary>What a process on it leaves behind.</summary>
    public SimulatedDisk Disk { get; }

    /// <summary>Puts the actors' messages and failures into the trace; for <see cref="ActorSystemOptions"/>.</summary>
    public ActorObserver Observer { get; }

    /// <summary>Whether the process runs; a hung one does.</summary>
    public bool IsUp { get; private set; } = true;

    /// <summary>Whether it stands still.</summary>
    public bool IsHung => _hangs > 0;

    /// <summary>How many times slower than normal it is.</summary>
    public double Slowness { get; set; } = 1;

    /// <summary>Seconds its clock counts in one true second.</summary>
    public double ClockRate
    {
        get => _clock.Rate;
        set => _clock.Rate = value;
    }

    /// <summary>Results that will be wrong; a process that computes takes them away one by one.</summary>
    public int BitFlips { get; set; }

    /// <summary>Crashes so far; also tells one life of the process from another.</summary>
    public int Crashes { get; private set; }

    /// <summary>
    /// Starts the process: called at a restart after a crash. The world sets it, and calls it at first.
    /// </summary>
    public Action? Boot { get; set; }

    /// <summary>Called when the process dies, after everything it was about to do is forgotten.</summary>
    public event Action? Crashed;

    /// <inheritdoc/>
    public TimeProvider Time => _clock;

    /// <inheritdoc/>
    public int MessagesPerTurn => 1;

    /// <inheritdoc/>
    public bool ContinuesInline => true;

    /// <inheritdoc/>
    public void Execute(IThreadPoolWorkItem work, string name)
    {
        ArgumentNullException.ThrowIfNull(work);
        AfterTrue(_world.TurnDelay(Slowness), name, work.Execute);
    }

    /// <summary>
    /// Something the process does after a time, unless it dies first. The time is stretched if it is slow.
    /// </summary>
    /// <param name="delay">Duration on a healthy node, in true time.</param>
    /// <param name="label">For the trace.</param>
    /// <param name="action">What it does.</param>
    /// <returns>The event; it can be cancelled.</returns>
    public SimulatedEvent After(TimeSpan delay, string label, Action action) =>
        AfterTrue(delay * Slowness, label, action);

    /// <summary>Work that takes a time, for actors that wait for it.</summary>
    /// <param name="duration">Duration on a healthy node.</param>
    /// <param name="label">For the trace.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>Done after the duration; never, if the node dies.</returns>
    /// <exception cref="OperationCanceledException">It was cancelled.</exception>
    public async Task WorkAsync(TimeSpan duration, string label, CancellationToken cancellationToken)
    {
        if (!await TryWorkAsync(duration, label, cancellationToken).ConfigureAwait(false))
        {
            throw new OperationCanceledException(cancellationToken);
        }
    }

    /// <summary>As <see cref="WorkAsync"/>, without an exception: thousands of schedules cancel often.</summary>
    /// <param name="duration">Duration on a healthy node.</param>
    /// <param name="label">For the trace.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <returns>True after the duration, false when it was cancelled; never, if the node dies.</returns>
    public async Task<bool> TryWorkAsync(TimeSpan duration, string label, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<bool>();
        using SimulatedEvent pending = After(duration, label, () => done.TrySetResult(true));
        using var registration = cancellationToken.UnsafeRegister(
            static state => ((TaskCompletionSource<bool>)state!).TrySetResult(false), done);
        return await done.Task.ConfigureAwait(false);
    }

    /// <summary>Kills the process. What it had not flushed to its disk may be lost.</summary>
    public void Crash() => Crash(tearWrites: false);

    /// <summary>As <see cref="Crash()"/>, with a say in what becomes of the disk.</summary>
    /// <param name="tearWrites">Whether of what stays unflushed the last bytes may be garbage.</param>
    public void Crash(bool tearWrites)
    {
        if (!IsUp)
        {
            return;
        }

        IsUp = false;
        Crashes++;
        _hangs = 0;
        _backlog.Clear();
        Disk.Crash(_world.Random($"disk {Name} {Crashes}"), tearWrites);
        _world.Note(Name, "crashed");
        Crashed?.Invoke();
    }

    /// <summary>Starts the process again, if it is dead.</summary>
    public void Restart()
    {
        if (IsUp)
        {
            return;
        }

        IsUp = true;
        _world.Note(Name, "restarted");
        Boot?.Invoke();
    }

    /// <summary>
    /// Stops it from doing anything, without ending it; what comes waits. Counts: two hangs need two wakes.
    /// </summary>
    public void Hang()
    {
        if (IsUp)
        {
            _hangs++;
            _world.Note(Name, "hangs");
        }
    }

    /// <summary>Lets it go on, with what waits first.</summary>
    public void Wake()
    {
        if (_hangs > 0 && --_hangs == 0)
        {
            _world.Note(Name, "wakes");
            Pump();
        }
    }

    /// <summary>Does something on the node at once, or when it wakes, or not at all if it is dead.</summary>
    internal void Deliver(string label, Action action)
    {
        if (!IsUp)
        {
            return;
        }

        if (!IsHung && _backlog.Count == 0)
        {
            action();
            return;
        }

        if (_backlog.Count >= MaxBacklog)
        {
            Crash();
            return;
        }

        _backlog.Enqueue((label, action));
    }

    private SimulatedEvent AfterTrue(TimeSpan delay, string label, Action action)
    {
        var life = Crashes;
        SimulatedEvent? queued = null;
        queued = _world.At(_world.Now + delay, Name, label, () =>
        {
            if (life == Crashes)
            {
                // Asked again when it comes to it: it may be cancelled while it waits for a hung node.
                Deliver(label, () =>
                {
                    if (!queued!.IsCancelled)
                    {
                        action();
                    }
                });
            }
        });
        return queued;
    }

    /// <summary>Works off what waited, one thing an event; what comes meanwhile goes behind it.</summary>
    private void Pump()
    {
        if (_pumping || IsHung || _backlog.Count == 0)
        {
            return;
        }

        _pumping = true;
        var life = Crashes;
        _world.At(_world.Now + _world.TurnDelay(Slowness), Name, "backlog", () =>
        {
            _pumping = false;
            if (life == Crashes && !IsHung && _backlog.TryDequeue(out var next))
            {
                next.Action();
            }

            Pump();
        });
    }

    private sealed class Tracer(SimulatedNode node) : ActorObserver
    {
        public override void Delivering(string actor, object? message) => node._world.Note(actor, message);

        public override void Failed(ActorFailure failure) => node._world.Note(failure.Actor, failure);

        public override void DeadLettered(DeadLetter letter) => node._world.Note(letter.Actor, letter);

        public override void Refused(string actor, int capacity) => node._world.Note(actor, "refused a message");

        public override void Stopped(string actor, StopReason reason) => node._world.Note(actor, reason);
    }
}

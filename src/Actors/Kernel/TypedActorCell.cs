using System.Threading.Channels;

namespace Colony.Actors;

/// <summary>What waits in a mailbox: a told message, something the actor owns that has come due, or an end.</summary>
internal readonly record struct Envelope<TMessage>(TMessage? Message, Owned<TMessage>? Owned, StopReason? Drained);

/// <summary>
/// A cell with its mailbox. Told messages are bounded by the capacity; what the actor owns (timers, watches, work)
/// always gets in, in order with them, and is bounded by <see cref="ActorLimits.MaxOwned"/>.
/// </summary>
internal sealed class ActorCell<TMessage> : ActorCell
{
    private readonly Props<TMessage> _props;
    private readonly Channel<Envelope<TMessage>> _mailbox;
    private readonly HashSet<object> _work = [];
    private Incarnation<TMessage>? _current;
    private int _depth;

    public ActorCell(ActorSystem system, ActorCell? parent, Props<TMessage> props)
        : base(system, parent, props.Name, props.Kind, props.Supervision)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(props.MailboxCapacity, 1);
        _props = props;

        // Unbounded on purpose: the bound is kept by _depth, because what the actor owns may not be refused.
        _mailbox = Channel.CreateUnbounded<Envelope<TMessage>>();
        Self = new ActorRef<TMessage>(this);
    }

    public ActorRef<TMessage> Self { get; }

    public override int Depth => Volatile.Read(ref _depth);

    public override int Capacity => _props.MailboxCapacity;

    protected override bool HasWorkToEnd => _work.Count > 0;

    protected override int WorkToEnd => _work.Count;

    protected override bool HasMessages => _mailbox.Reader.TryPeek(out _);

    public TellResult Tell(TMessage message)
    {
        if (Interlocked.Increment(ref _depth) > _props.MailboxCapacity && State != Phase.Stopped)
        {
            Interlocked.Decrement(ref _depth);
            System.Metrics.CountRefused(Kind);
            System.Observer.Refused(Path, _props.MailboxCapacity);
            return TellResult.Full;
        }

        if (!_mailbox.Writer.TryWrite(new(message, null, null)))
        {
            Interlocked.Decrement(ref _depth);
            Bury(message, "the actor had ended when it was sent");
            return TellResult.Dead;
        }

        Wake();
        return TellResult.Accepted;
    }

    public override void Drain(StopReason reason) => Put(new(default, null, reason));

    /// <summary>Puts in something the actor owns. May be called on any thread.</summary>
    public void Enqueue(Owned<TMessage> owned) => Put(new(default, owned, null));

    /// <summary>Says that work has come to its end, whatever became of its result.</summary>
    public void EndWork(object work) => Post(new WorkEndedSignal(work));

    public void BeginWork(object work) => _work.Add(work);

    public int WorkInFlight => _work.Count;

    public void StopSelf(string reason) => Stop(new StopReason(StopKind.Requested, reason));

    protected override void BeginIncarnation() => Guarded(() =>
    {
        _current = new Incarnation<TMessage>(this, _props.Create());
        _current.Actor.Started(_current);
    });

    protected override void CancelOwned() => _current?.CancelOwned();

    protected override void EndIncarnationForRestart(Exception cause)
    {
        var ended = _current;
        _current = null;
        Guarded(() => ended?.Actor.Restarting(cause));
    }

    protected override void EndIncarnation(StopReason reason)
    {
        var ended = _current;
        _current = null;
        Guarded(() => ended?.Actor.Stopped(reason));
    }

    protected override void CloseMailbox() => _mailbox.Writer.TryComplete();

    protected override void WorkEnded(object work) => _work.Remove(work);

    protected override void ReceiveNext()
    {
        if (!_mailbox.Reader.TryRead(out var envelope))
        {
            return;
        }

        Interlocked.Decrement(ref _depth);
        if (State == Phase.Stopped)
        {
            if (envelope is { Owned: null, Drained: null })
            {
                Bury(envelope.Message, "the actor ended before it came to it");
            }
        }
        else if (envelope.Drained is { } reason)
        {
            BeginStop(reason);
        }
        else if (envelope.Owned is null || envelope.Owned.Claim())
        {
            Deliver(envelope);
        }
    }

    private void Deliver(Envelope<TMessage> envelope)
    {
        try
        {
            var message = envelope.Owned is { } owned ? owned.Take() : envelope.Message!;
            System.Observer.Delivering(Path, message);
            _current!.Actor.Receive(message, _current);
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }

    private void Put(Envelope<TMessage> envelope)
    {
        Interlocked.Increment(ref _depth);
        if (_mailbox.Writer.TryWrite(envelope))
        {
            Wake();
        }
        else
        {
            Interlocked.Decrement(ref _depth);
        }
    }

    private void Bury(TMessage? message, string why)
    {
        System.Metrics.CountDeadLetter(Kind);
        System.Observer.DeadLettered(new DeadLetter(Path, message, why));
    }

    /// <summary>
    /// Runs the actor's own code. Whatever it throws is a failure of the actor, never of the scheduler.
    /// </summary>
    private void Guarded(Action step)
    {
        try
        {
            step();
        }
        catch (Exception failure)
        {
            Fail(failure);
        }
    }
}

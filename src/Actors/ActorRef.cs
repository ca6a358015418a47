namespace Colony.Actors;

/// <summary>What became of a told message.</summary>
public enum TellResult
{
    /// <summary>It waits in the mailbox. It may yet become a dead letter if the actor stops first.</summary>
    Accepted,

    /// <summary>The mailbox is full. The message was refused and counted; the sender decides what that means.</summary>
    Full,

    /// <summary>The actor has ended. The message was reported as a dead letter.</summary>
    Dead,
}

/// <summary>Where to reach an actor, whatever its messages. Thread-safe; stays valid over restarts.</summary>
public abstract class ActorRef
{
    private protected ActorRef()
    {
    }

    /// <summary>Names from the root, joined by <c>/</c>.</summary>
    public string Path => Cell.Path;

    internal abstract ActorCell Cell { get; }

    /// <summary>
    /// Ends the actor after the message it is at; what waits becomes dead letters. Does nothing twice.
    /// </summary>
    /// <param name="reason">For watchers and the log.</param>
    public void Stop(string reason) => Cell.Stop(new StopReason(StopKind.Requested, reason));

    /// <summary>Ends the actor when it has handled what waits in its mailbox now.</summary>
    /// <param name="reason">For watchers and the log.</param>
    public void Drain(string reason) => Cell.Drain(new StopReason(StopKind.Requested, reason));

    /// <inheritdoc/>
    public override string ToString() => Path;
}

/// <summary>Where to send an actor its messages. Thread-safe; stays valid over restarts.</summary>
/// <typeparam name="TMessage">The messages that it understands.</typeparam>
public sealed class ActorRef<TMessage> : ActorRef
{
    private readonly ActorCell<TMessage> _cell;

    internal ActorRef(ActorCell<TMessage> cell) => _cell = cell;

    internal override ActorCell Cell => _cell;

    /// <summary>
    /// Puts a message into the mailbox and returns at once. Messages of one sender are handled in the order in which
    /// they were accepted.
    /// </summary>
    /// <param name="message">The message; not to be changed afterwards.</param>
    /// <returns>Whether it was accepted.</returns>
    public TellResult Tell(TMessage message) => _cell.Tell(message);

    /// <summary>
    /// Sends a question and waits for the answer. Ends at once when the actor is dead, full, or ends.
    /// </summary>
    /// <typeparam name="TReply">The answer.</typeparam>
    /// <param name="question">Makes the message around the place for the answer.</param>
    /// <param name="timeout">How long to wait; more than zero.</param>
    /// <param name="cancellationToken">Ends the wait; the question may be handled nevertheless.</param>
    /// <returns>The answer.</returns>
    /// <exception cref="TimeoutException">No answer in time.</exception>
    /// <exception cref="ActorUnavailableException">The actor was dead or full, or ended before it answered.</exception>
    public Task<TReply> AskAsync<TReply>(
        Func<ReplyTo<TReply>, TMessage> question,
        TimeSpan timeout,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(timeout, TimeSpan.Zero);
        var pending = new PendingAsk<TReply>(_cell, timeout, cancellationToken);
        var told = _cell.Tell(question(new ReplyTo<TReply>(pending)));
        if (told != TellResult.Accepted)
        {
            pending.Fail(new ActorUnavailableException(
                Path, told == TellResult.Full ? "its mailbox is full" : "it has ended"));
        }

        return pending.Task;
    }
}

/// <summary>A question could not be answered because the actor is dead, ended, or is overloaded.</summary>
public sealed class ActorUnavailableException : Exception
{
    /// <summary>Names the actor and why.</summary>
    /// <param name="actor">Path of the actor.</param>
    /// <param name="why">In words.</param>
    public ActorUnavailableException(string actor, string why)
        : base($"The actor '{actor}' gives no answer: {why}.") => Actor = actor;

    /// <summary>Path of the actor.</summary>
    public string Actor { get; }
}

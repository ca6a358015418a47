namespace Colony.Actors;

/// <summary>
/// What an actor may do while it handles a message. Not thread-safe: only inside the actor's own calls, never from the
/// work given to <see cref="Run"/> (that may tell messages to <see cref="Self"/>). Everything made here belongs to this
/// instance of the actor and dies with it, on restart too.
/// </summary>
/// <typeparam name="TMessage">The actor's messages.</typeparam>
public interface IActorContext<TMessage>
{
    /// <summary>This actor's reference; stays valid over restarts.</summary>
    ActorRef<TMessage> Self { get; }

    /// <summary>The clock.</summary>
    TimeProvider Time { get; }

    /// <summary>Pieces of asynchronous work that have been started and have not ended.</summary>
    int WorkInFlight { get; }

    /// <summary>Starts a child. It is stopped when this actor stops or restarts.</summary>
    /// <typeparam name="TChild">The child's messages.</typeparam>
    /// <param name="props">How to make it; its name must be free among the living children.</param>
    /// <returns>The child's reference.</returns>
    /// <exception cref="ArgumentException">The name is taken.</exception>
    ActorRef<TChild> Spawn<TChild>(Props<TChild> props);

    /// <summary>
    /// Asks to be told when another actor ends, once, also when it has ended already. What that actor told this one
    /// before its end arrives before this notice. A restart is not an end.
    /// </summary>
    /// <param name="target">Whom to watch.</param>
    /// <param name="terminated">Makes the message; called in this actor's turn.</param>
    /// <returns>A handle that ends the watch; after that no message comes.</returns>
    IOwned Watch(ActorRef target, Func<StopReason, TMessage> terminated);

    /// <summary>Delivers a message to this actor after a delay.</summary>
    /// <param name="delay">At least zero.</param>
    /// <param name="message">The message.</param>
    /// <returns>A handle that cancels it; after that no message comes, even if the time was already up.</returns>
    IOwned Schedule(TimeSpan delay, TMessage message);

    /// <summary>
    /// Delivers a message again and again. A tick that is due while the last one still waits is skipped, so a busy
    /// actor is not flooded by its own timer.
    /// </summary>
    /// <param name="delay">Until the first; at least zero.</param>
    /// <param name="period">Between two; more than zero.</param>
    /// <param name="message">The message.</param>
    /// <returns>A handle that cancels it.</returns>
    IOwned SchedulePeriodic(TimeSpan delay, TimeSpan period, TMessage message);

    /// <summary>
    /// Starts asynchronous work, off this actor's turn. Its result comes back as a message; so does its failure. Work
    /// is cancelled when the actor stops or restarts, and the actor is not done before its work has ended.
    /// </summary>
    /// <param name="work">The work; gets the token that is cancelled when nobody wants the result any more.</param>
    /// <param name="failed">Makes a message of the failure; called in this actor's turn, may throw to fail it.</param>
    /// <returns>A handle that cancels it; after that no message comes.</returns>
    IOwned Run(Func<CancellationToken, Task<TMessage>> work, Func<Exception, TMessage> failed);

    /// <summary>Stops this actor when the current message is done.</summary>
    /// <param name="reason">For watchers and the log.</param>
    void Stop(string reason);
}

/// <summary>Something an actor instance owns: a timer, a watch, or work under way.</summary>
public interface IOwned
{
    /// <summary>Ends it; only inside the owning actor's calls. Its message will not come. Does nothing twice.</summary>
    void Cancel();
}

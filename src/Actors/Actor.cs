namespace Colony.Actors;

/// <summary>
/// Something with state of its own that takes one message at a time. <see cref="Receive"/> is synchronous on purpose:
/// what takes time is started with <see cref="IActorContext{TMessage}.Run"/> and comes back as a message, so no other
/// message can slip into the middle of a decision.
/// </summary>
/// <remarks>
/// No two calls of an instance overlap, and each sees what the one before wrote. After a failure supervision makes a
/// new instance; the old one gets no more messages.
/// </remarks>
/// <typeparam name="TMessage">Every message that it understands, usually a closed set of records.</typeparam>
public abstract class Actor<TMessage>
{
    /// <summary>Takes one message. An exception is a failure of this actor and goes to its supervision.</summary>
    /// <param name="message">The message.</param>
    /// <param name="context">What the actor may do. Belongs to this instance; use only inside its calls.</param>
    protected internal abstract void Receive(TMessage message, IActorContext<TMessage> context);

    /// <summary>Called once, before the first message of this instance.</summary>
    /// <param name="context">What the actor may do.</param>
    protected internal virtual void Started(IActorContext<TMessage> context)
    {
    }

    /// <summary>
    /// Called on the failed instance before a new one takes its place, when its children, timers and asynchronous work
    /// have ended. The place to let go of resources.
    /// </summary>
    /// <param name="cause">The failure.</param>
    protected internal virtual void Restarting(Exception cause)
    {
    }

    /// <summary>Called once at the end, when the actor's children, timers and asynchronous work have ended.</summary>
    /// <param name="reason">Why it ends.</param>
    protected internal virtual void Stopped(StopReason reason)
    {
    }
}

using System.Diagnostics.Metrics;

namespace Colony.Actors;

/// <summary>What a system of actors reports to.</summary>
public sealed record ActorSystemOptions
{
    /// <summary>The system's name, first part of every path.</summary>
    public string Name { get; init; } = "colony";

    /// <summary>Told of failures, dead letters and refusals.</summary>
    public ActorObserver Observer { get; init; } = ActorObserver.None;

    /// <summary>
    /// Gets the instruments (see <see cref="ActorMetrics"/>); null makes none. The caller owns it, and disposes of it.
    /// </summary>
    public Meter? Meter { get; init; }
}

/// <summary>
/// What the kernel reports. Called from the turns of actors and from senders, on any thread: be quick and do not throw.
/// </summary>
public abstract class ActorObserver
{
    /// <summary>Listens to nothing.</summary>
    public static ActorObserver None { get; } = new Silent();

    /// <summary>A message could not be handled, because its actor has ended.</summary>
    /// <param name="letter">The message and where it was going.</param>
    public virtual void DeadLettered(DeadLetter letter)
    {
    }

    /// <summary>A message was refused, because the mailbox is full.</summary>
    /// <param name="actor">Path of the actor.</param>
    /// <param name="capacity">What its mailbox holds.</param>
    public virtual void Refused(string actor, int capacity)
    {
    }

    /// <summary>An actor failed.</summary>
    /// <param name="failure">Which, why, and what follows.</param>
    public virtual void Failed(ActorFailure failure)
    {
    }

    /// <summary>An actor is about to handle a message.</summary>
    /// <param name="actor">Path of the actor.</param>
    /// <param name="message">The message.</param>
    public virtual void Delivering(string actor, object? message)
    {
    }

    /// <summary>An actor has ended.</summary>
    /// <param name="actor">Path of the actor.</param>
    /// <param name="reason">Why.</param>
    public virtual void Stopped(string actor, StopReason reason)
    {
    }

    private sealed class Silent : ActorObserver;
}

/// <summary>A message that nobody will handle.</summary>
/// <param name="Actor">Path of the actor it was sent to.</param>
/// <param name="Message">The message.</param>
/// <param name="Why">In words.</param>
public sealed record DeadLetter(string Actor, object? Message, string Why);

/// <summary>A failure of an actor.</summary>
/// <param name="Actor">Path of the actor.</param>
/// <param name="Cause">What it threw.</param>
/// <param name="Directive">What follows.</param>
/// <param name="Delay">The pause before the restart, if that is what follows.</param>
public sealed record ActorFailure(string Actor, Exception Cause, Directive Directive, TimeSpan Delay);

/// <summary>How full a mailbox is.</summary>
/// <param name="Actor">Path of the actor.</param>
/// <param name="Kind">Its metric label.</param>
/// <param name="Depth">Messages that wait.</param>
/// <param name="Capacity">Told messages that may wait.</param>
public sealed record MailboxReading(string Actor, string Kind, int Depth, int Capacity);

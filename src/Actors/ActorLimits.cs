namespace Colony.Actors;

/// <summary>
/// The limits that hold for every actor; a mailbox's capacity is in its <see cref="Props{TMessage}"/>.
/// </summary>
public static class ActorLimits
{
    /// <summary>Messages that may wait in a mailbox unless its props say otherwise.</summary>
    public const int DefaultMailboxCapacity = 1024;

    /// <summary>Timers, watches and pieces of asynchronous work that one actor may own at a time.</summary>
    public const int MaxOwned = 4096;

    /// <summary>Children that one actor may have at a time.</summary>
    public const int MaxChildren = 4096;

    /// <summary>Longest name of an actor, in characters.</summary>
    public const int MaxNameLength = 128;
}

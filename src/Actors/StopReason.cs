namespace Colony.Actors;

/// <summary>Who or what ended an actor.</summary>
public enum StopKind
{
    /// <summary>Somebody asked for it: the actor itself, or a holder of its reference.</summary>
    Requested,

    /// <summary>It failed, and its supervision stops instead of restarting, or had no restarts left.</summary>
    Failed,

    /// <summary>Its parent stopped or restarted.</summary>
    ParentStopped,
}

/// <summary>Why an actor ended.</summary>
/// <param name="Kind">Who or what.</param>
/// <param name="Text">In words.</param>
/// <param name="Cause">The failure, if there was one.</param>
public sealed record StopReason(StopKind Kind, string Text, Exception? Cause = null);

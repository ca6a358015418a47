namespace Colony.Actors;

/// <summary>What to do with an actor that failed.</summary>
public enum Directive
{
    /// <summary>A new instance takes over the mailbox, after a pause.</summary>
    Restart,

    /// <summary>The actor ends; its watchers are told.</summary>
    Stop,

    /// <summary>The failure becomes the parent's own.</summary>
    Escalate,
}

/// <summary>
/// What becomes of an actor that throws. A restart waits <see cref="FirstDelay"/>, and twice as long for each restart
/// that lies less than <see cref="Window"/> back, up to <see cref="MaxDelay"/>; when there were
/// <see cref="MaxRestarts"/> of them, <see cref="WhenExhausted"/> applies.
/// </summary>
public sealed record Supervision
{
    /// <summary>Restarts allowed within <see cref="Window"/> unless said otherwise.</summary>
    public const int DefaultMaxRestarts = 5;

    /// <summary>For each failure: what to do.</summary>
    public required Func<Exception, Directive> Decide { get; init; }

    /// <summary>Restarts allowed within <see cref="Window"/>.</summary>
    public int MaxRestarts { get; init; } = DefaultMaxRestarts;

    /// <summary>How far back a restart counts.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>The pause before the first restart.</summary>
    public TimeSpan FirstDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause before a restart.</summary>
    public TimeSpan MaxDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>What to do instead of one restart too many: stop or escalate.</summary>
    public Directive WhenExhausted { get; init; } = Directive.Stop;

    /// <summary>Restart on every failure.</summary>
    /// <param name="maxRestarts">Restarts allowed within a minute.</param>
    /// <returns>The strategy; change the rest with <c>with</c>.</returns>
    public static Supervision Restart(int maxRestarts = DefaultMaxRestarts) =>
        new() { Decide = static _ => Directive.Restart, MaxRestarts = maxRestarts };

    /// <summary>Stop on the first failure.</summary>
    /// <returns>The strategy.</returns>
    public static Supervision Stop() => new() { Decide = static _ => Directive.Stop };

    /// <summary>Hand every failure to the parent.</summary>
    /// <returns>The strategy.</returns>
    public static Supervision Escalate() => new() { Decide = static _ => Directive.Escalate };
}

/// <summary>The failure of an actor whose child failed and escalated.</summary>
public sealed class ChildFailedException : Exception
{
    /// <summary>Wraps the child's failure.</summary>
    /// <param name="child">Path of the child.</param>
    /// <param name="cause">Its failure.</param>
    public ChildFailedException(string child, Exception cause)
        : base($"The child '{child}' failed: {cause?.Message}", cause) => Child = child;

    /// <summary>Path of the child that failed.</summary>
    public string Child { get; }
}

namespace Colony.Actors;

/// <summary>
/// Where actors run and what time they see. The one seam between production (<see cref="ThreadPoolScheduler"/>) and
/// simulation (<c>Colony.Actors.Simulation.SimulatedNode</c>): the actors above it are the same classes in both.
/// </summary>
public interface IScheduler
{
    /// <summary>The clock and the timers. Actors read no other.</summary>
    TimeProvider Time { get; }

    /// <summary>How many messages an actor may take before it makes way for others; at least 1.</summary>
    int MessagesPerTurn { get; }

    /// <summary>
    /// Whether whoever awaits a task of the kernel goes on inside the call that completes it. True only in simulation,
    /// where there is one thread and its order is the experiment; in production it would run strangers' code in an
    /// actor's turn.
    /// </summary>
    bool ContinuesInline { get; }

    /// <summary>Runs <paramref name="work"/> once, soon, never inside this call.</summary>
    /// <param name="work">The turn of an actor, or the beginning of its asynchronous work; must not throw.</param>
    /// <param name="name">For traces: whose turn it is.</param>
    void Execute(IThreadPoolWorkItem work, string name);
}

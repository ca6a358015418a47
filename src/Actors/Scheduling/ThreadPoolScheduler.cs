namespace Colony.Actors;

/// <summary>
/// The production scheduler: turns run on the thread pool, timers on <see cref="Time"/>. Thread-safe.
/// </summary>
public sealed class ThreadPoolScheduler : IScheduler
{
    /// <summary>
    /// Messages an actor may take in one turn: enough to make the cost of queueing a turn small beside the work, few
    /// enough that a flooded actor does not starve its neighbours (the figure that Proto.Actor uses).
    /// </summary>
    public const int DefaultMessagesPerTurn = 300;

    /// <summary>Makes a scheduler on a clock.</summary>
    /// <param name="time">The clock; <see cref="TimeProvider.System"/> in production.</param>
    /// <param name="messagesPerTurn">See <see cref="IScheduler.MessagesPerTurn"/>.</param>
    public ThreadPoolScheduler(TimeProvider time, int messagesPerTurn = DefaultMessagesPerTurn)
    {
        ArgumentNullException.ThrowIfNull(time);
        ArgumentOutOfRangeException.ThrowIfLessThan(messagesPerTurn, 1);
        Time = time;
        MessagesPerTurn = messagesPerTurn;
    }

    /// <inheritdoc/>
    public TimeProvider Time { get; }

    /// <inheritdoc/>
    public int MessagesPerTurn { get; }

    /// <inheritdoc/>
    public bool ContinuesInline => false;

    /// <inheritdoc/>
    public void Execute(IThreadPoolWorkItem work, string name) =>
        ThreadPool.UnsafeQueueUserWorkItem(work, preferLocal: false);
}

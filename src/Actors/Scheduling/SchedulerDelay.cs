namespace Colony.Actors;

/// <summary>Waiting in asynchronous work.</summary>
public static class SchedulerDelay
{
    /// <summary>
    /// Waits. Unlike <see cref="Task.Delay(TimeSpan, TimeProvider, CancellationToken)"/>, whose cancellation goes on
    /// on the thread pool whatever the clock, this stays on a simulated scheduler's thread.
    /// </summary>
    /// <param name="scheduler">Whose clock counts.</param>
    /// <param name="delay">How long; at least zero.</param>
    /// <param name="cancellationToken">Ends the wait with an <see cref="OperationCanceledException"/>.</param>
    /// <returns>Done after the delay.</returns>
    public static async Task DelayAsync(
        this IScheduler scheduler, TimeSpan delay, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        ArgumentOutOfRangeException.ThrowIfLessThan(delay, TimeSpan.Zero);
        var over = new TaskCompletionSource(scheduler.ContinuesInline
            ? TaskCreationOptions.None
            : TaskCreationOptions.RunContinuationsAsynchronously);
        await using var timer = scheduler.Time.CreateTimer(
            static state => ((TaskCompletionSource)state!).TrySetResult(), over, delay, Timeout.InfiniteTimeSpan)
            .ConfigureAwait(false);
        await using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), over)
            .ConfigureAwait(false);
        await over.Task.ConfigureAwait(false);
    }
}

namespace Colony.Storage;

/// <summary>How long and how often what a store failed at is tried again, while that may pass.</summary>
/// <param name="Limit">Time from the first attempt after which none is begun any more. An attempt bounds its own
/// time.</param>
/// <param name="FirstPause">Pause after the first failure; each further one doubles it.</param>
/// <param name="LongestPause">The longest pause.</param>
public sealed record StorePatience(TimeSpan Limit, TimeSpan FirstPause, TimeSpan LongestPause)
{
    /// <summary>
    /// What a process that is needed by others waits for its data or its checkpoint: a server may be restarted
    /// meanwhile.
    /// </summary>
    public static StorePatience OfRuns { get; } =
        new(TimeSpan.FromMinutes(5), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(30));

    /// <summary>Does what has to do with a store, again if it must be.</summary>
    /// <param name="work">The work, which can be begun anew.</param>
    /// <param name="time">The clock.</param>
    /// <param name="told">Told in words of the first failure; null for nobody.</param>
    /// <param name="cancellationToken">Ends the work and the waiting.</param>
    /// <exception cref="StorageException">It failed in a way that does not pass, or for too long.</exception>
    public async Task<T> TryAsync<T>(
        Func<CancellationToken, Task<T>> work, TimeProvider time, Action<string>? told,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(time);
        // On the caller's context throughout: the work may have to stay on a thread of its own.
        var (began, waiting) = (time.GetTimestamp(), false);
        for (var pause = FirstPause; ; pause = pause * 2 < LongestPause ? pause * 2 : LongestPause)
        {
            try
            {
                return await work(cancellationToken).ConfigureAwait(true);
            }
            catch (StorageException failure) when (failure.MayPass && time.GetElapsedTime(began) + pause < Limit)
            {
                if (!waiting)
                {
                    told?.Invoke(FormattableString.Invariant(
                        $"{failure.Message.TrimEnd('.')}; trying again for {Limit.TotalMinutes:0} minutes"));
                }

                waiting = true;
            }

            await Task.Delay(pause, time, cancellationToken).ConfigureAwait(true);
        }
    }
}

namespace Colony.Actors;

/// <summary>Counts restarts within a window and says how long to wait before the next.</summary>
internal sealed class RestartBudget(Supervision supervision, TimeProvider time)
{
    private readonly Queue<long> _taken = new();

    /// <summary>Takes one restart. False if the window has no more.</summary>
    public bool TryTake(out TimeSpan delay)
    {
        var now = time.GetTimestamp();
        while (_taken.TryPeek(out var oldest) && time.GetElapsedTime(oldest, now) >= supervision.Window)
        {
            _taken.Dequeue();
        }

        delay = TimeSpan.Zero;
        if (_taken.Count >= supervision.MaxRestarts)
        {
            return false;
        }

        delay = supervision.FirstDelay;
        for (var doubled = 0; doubled < _taken.Count && delay < supervision.MaxDelay; doubled++)
        {
            delay *= 2;
        }

        delay = delay < supervision.MaxDelay ? delay : supervision.MaxDelay;
        _taken.Enqueue(now);
        return true;
    }
}

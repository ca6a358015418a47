namespace Colony.Worker;

/// <summary>
/// The newest snapshots of the parameters, for the evaluator. A reader holds a snapshot while it sends it; a newer one
/// never waits for that. Thread-safe.
/// </summary>
internal sealed class SnapshotShelf : IDisposable
{
    /// <summary>One that is being fetched and one that is newer.</summary>
    private const int Kept = 2;

    private readonly Lock _gate = new();
    private readonly List<Held> _held = [];

    public void Put(StateCopy copy)
    {
        lock (_gate)
        {
            _held.Add(new Held(copy));
            while (_held.Count > Kept)
            {
                _held[0].Release();
                _held.RemoveAt(0);
            }
        }
    }

    /// <summary>The snapshot of a step, or null when it is no longer kept; disposing it gives it back.</summary>
    public Lease? Take(long step)
    {
        lock (_gate)
        {
            return _held.Find(h => h.Copy.Step == step) is { } held ? held.Lease(_gate) : null;
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _held.ForEach(h => h.Release());
            _held.Clear();
        }
    }

    /// <summary>A snapshot in use.</summary>
    internal sealed class Lease(StateCopy copy, Action giveBack) : IDisposable
    {
        private Action? _giveBack = giveBack;

        public StateCopy Copy => copy;

        public void Dispose() => Interlocked.Exchange(ref _giveBack, null)?.Invoke();
    }

    private sealed class Held(StateCopy copy)
    {
        private int _users = 1;

        public StateCopy Copy => copy;

        public Lease Lease(Lock gate)
        {
            _users++;
            return new Lease(copy, () =>
            {
                lock (gate)
                {
                    Release();
                }
            });
        }

        public void Release()
        {
            if (--_users == 0)
            {
                copy.Dispose();
            }
        }
    }
}

namespace Colony.Worker;

/// <summary>
/// The newest step's update, in the memory that its gradients were read into anyway, and older ones while somebody
/// follows. Nothing is ever copied: an update that is still wanted when the next step ends keeps its memory, and the
/// next one gets other. Thread-safe; updates are made and published on the compute thread.
/// </summary>
internal sealed class UpdateShelf(int maxKept = UpdateShelf.MaxKept, long maxKeptBytes = UpdateShelf.MaxKeptBytes)
    : IDisposable
{
    /// <summary>Steps that a follower may be behind; one that is further behind starts again with a copy.</summary>
    public const int MaxKept = 64;

    /// <summary>Memory of all updates that are kept for followers.</summary>
    public const long MaxKeptBytes = 2L << 30;

    private const long NoState = -1;

    private readonly Lock _gate = new();
    private readonly List<StepUpdate> _kept = [];
    private StepUpdate? _newest;
    private StepUpdate? _spare;
    private long _step = NoState;
    private int _followers;

    /// <summary>The step that the replica is at; -1 when there is none yet.</summary>
    public long Step
    {
        get
        {
            lock (_gate)
            {
                return _step;
            }
        }
    }

    /// <summary>Whether updates are kept for somebody.</summary>
    public bool Followed
    {
        get
        {
            lock (_gate)
            {
                return _followers > 0;
            }
        }
    }

    /// <summary>The replica was loaded as a whole: no update leads to it.</summary>
    public void Reset(long step)
    {
        lock (_gate)
        {
            _step = step;
            ReleaseAll();
        }
    }

    /// <summary>Memory for the next update: that of the newest one unless somebody still wants it.</summary>
    /// <param name="make">Makes new memory.</param>
    public StepUpdate Begin(Func<StepUpdate> make)
    {
        lock (_gate)
        {
            StepUpdate? before = _newest;
            _newest = null;
            if (before is not null && _followers == 0 && before.Users == 1)
            {
                return before;
            }

            if (before is not null && _followers > 0)
            {
                _kept.Add(before);
                Trim();
            }
            else if (before is not null)
            {
                Release(before);
            }

            if (_spare is { } spare)
            {
                _spare = null;
                spare.Users = 1;
                return spare;
            }
        }

        StepUpdate made = make();
        made.Users = 1;
        return made;
    }

    /// <summary>The update was applied: from now on it is the newest.</summary>
    public void Publish(StepUpdate update)
    {
        lock (_gate)
        {
            _newest = update;
            _step = update.Step;
        }
    }

    /// <summary>The update came to nothing.</summary>
    public void Abandon(StepUpdate update)
    {
        lock (_gate)
        {
            Release(update);
        }
    }

    /// <summary>Keeps updates from now on until the result is disposed.</summary>
    public IDisposable Follow()
    {
        lock (_gate)
        {
            _followers++;
        }

        return new Ending(() =>
        {
            lock (_gate)
            {
                if (--_followers == 0)
                {
                    ReleaseKept();
                }
            }
        });
    }

    /// <summary>Whether every update from <paramref name="held"/> to <paramref name="end"/> is here.</summary>
    public bool Bridges(long held, long end)
    {
        lock (_gate)
        {
            for (long step = held + 1; step <= end; step++)
            {
                if (Find(step) is null)
                {
                    return false;
                }
            }

            return held >= 0 && held <= end;
        }
    }

    /// <summary>The update that leads to a step, to be read until the result is disposed; null when it is not
    /// kept.</summary>
    public Reading? Take(long step)
    {
        lock (_gate)
        {
            if (Find(step) is not { } update)
            {
                return null;
            }

            update.Users++;
            return new Reading(update, new Ending(() => Abandon(update)));
        }
    }

    public void Dispose() => Reset(NoState);

    private StepUpdate? Find(long step) =>
        _newest?.Step == step ? _newest : _kept.Find(u => u.Step == step);

    private void Trim()
    {
        while (_kept.Count > maxKept || _kept.Sum(u => u.Bytes) > maxKeptBytes)
        {
            StepUpdate oldest = _kept[0];
            _kept.RemoveAt(0);
            Release(oldest);
        }
    }

    // A spare is worth its memory only while every step needs another.
    private void Release(StepUpdate update)
    {
        if (--update.Users > 0)
        {
            return;
        }

        if (_followers > 0 && _spare is null && _step != NoState)
        {
            _spare = update;
            return;
        }

        update.Dispose();
    }

    private void ReleaseKept()
    {
        _kept.ForEach(Release);
        _kept.Clear();
        _spare?.Dispose();
        _spare = null;
    }

    private void ReleaseAll()
    {
        if (_newest is { } newest)
        {
            _newest = null;
            Release(newest);
        }

        ReleaseKept();
    }

    /// <summary>An update in use.</summary>
    internal sealed class Reading(StepUpdate update, IDisposable end) : IDisposable
    {
        public StepUpdate Update => update;

        public void Dispose() => end.Dispose();
    }

    private sealed class Ending(Action end) : IDisposable
    {
        private Action? _end = end;

        public void Dispose() => Interlocked.Exchange(ref _end, null)?.Invoke();
    }
}

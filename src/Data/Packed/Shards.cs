namespace Colony.Data;

/// <summary>
/// The shards of a split: mapped when they are read, kept mapped as the files allow, let go when nobody reads them and
/// others are wanted. Safe for use by several threads.
/// </summary>
internal sealed class Shards : IDisposable
{
    private readonly PackFiles _files;
    private readonly PackIndex _index;
    private readonly PackedSplitEntry _split;
    private readonly Func<int, ShardRows> _rows;
    private readonly int _maxIdle;
    private readonly Lock _gate = new();
    private readonly Entry?[] _open;
    private readonly LinkedList<Entry> _idle = new();
    private bool _closed;

    /// <param name="files">The files; owned.</param>
    /// <param name="index">What is in the pack.</param>
    /// <param name="split">What is in the split.</param>
    /// <param name="rows">What a shard must hold.</param>
    public Shards(PackFiles files, PackIndex index, PackedSplitEntry split, Func<int, ShardRows> rows)
    {
        (_files, _index, _split, _rows) = (files, index, split, rows);
        _maxIdle = files.MaxIdleShards;
        _open = new Entry?[split.Shards.Count];
    }

    /// <summary>Whether shards stay mapped once they are, so that looking at one costs nothing.</summary>
    public bool StayMapped => _maxIdle == int.MaxValue;

    /// <summary>A shard, mapped until the lease is disposed. Waits for it to arrive where it has to come.</summary>
    public Lease Take(int shard, CancellationToken cancellationToken)
    {
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_closed, this);
            if (_open[shard] is { } known)
            {
                return Use(known);
            }
        }

        LetGo(_maxIdle - 1);
        var what = _split.Shards[shard].Object;
        var mapped = MappedShard.Open(
            _files.Await(what, cancellationToken), _index, _rows(shard), _files.PlaceOf(what.Key));
        lock (_gate)
        {
            if (_open[shard] is { } meanwhile)
            {
                mapped.Dispose();
                return Use(meanwhile);
            }

            return Use(_open[shard] = new Entry(shard, mapped));
        }
    }

    /// <summary>A shard if it is mapped, as <see cref="Take"/> gives it; null otherwise.</summary>
    public Lease? TakeIfMapped(int shard)
    {
        lock (_gate)
        {
            return !_closed && _open[shard] is { } known ? Use(known) : null;
        }
    }

    /// <summary>Says that a shard will be wanted.</summary>
    public void Expect(int shard)
    {
        lock (_gate)
        {
            if (_open[shard] is not null)
            {
                return;
            }
        }

        _files.Expect(_split.Shards[shard].Object);
    }

    public void Dispose()
    {
        lock (_gate)
        {
            // What somebody reads at this moment is let go of by him.
            _closed = true;
            foreach (var entry in _open)
            {
                if (entry is { Users: 0 })
                {
                    entry.Shard.Dispose();
                }
            }
        }

        _files.Dispose();
    }

    private Lease Use(Entry entry)
    {
        if (entry.Users++ == 0 && entry.Place is { } place)
        {
            _idle.Remove(place);
            entry.Place = null;
        }

        return new Lease(this, entry);
    }

    private void Return(Entry entry)
    {
        lock (_gate)
        {
            if (--entry.Users > 0)
            {
                return;
            }

            if (_closed)
            {
                entry.Shard.Dispose();
                return;
            }

            if (StayMapped)
            {
                return;
            }

            entry.Place = _idle.AddLast(entry);
        }

        LetGo(_maxIdle);
    }

    /// <summary>Unmaps what was read longest ago until no more than some are mapped and not read.</summary>
    private void LetGo(int most)
    {
        lock (_gate)
        {
            while (!_closed && _idle.Count > Math.Max(0, most) && _idle.First is { } oldest)
            {
                _idle.Remove(oldest);
                _open[oldest.Value.Number] = null;
                oldest.Value.Shard.Dispose();
            }
        }
    }

    /// <summary>A shard in use.</summary>
    public readonly struct Lease : IDisposable
    {
        private readonly Shards _owner;
        private readonly Entry _entry;

        internal Lease(Shards owner, Entry entry) => (_owner, _entry) = (owner, entry);

        public MappedShard Shard => _entry.Shard;

        public void Dispose() => _owner.Return(_entry);
    }

    internal sealed class Entry(int number, MappedShard shard)
    {
        public int Number => number;

        public MappedShard Shard => shard;

        public int Users { get; set; }

        /// <summary>Where it stands among the idle ones; null while it is read.</summary>
        public LinkedListNode<Entry>? Place { get; set; }
    }
}

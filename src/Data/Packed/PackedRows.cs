namespace Colony.Data;

/// <summary>Where the rows of each image, or caption, begin within its shard, and which shard that is.</summary>
internal sealed class PackedRows
{
    private readonly int[] _ends;
    private readonly int[] _counts;
    private readonly long[] _starts;

    /// <param name="counts">Rows of each item, in the order of the split.</param>
    /// <param name="items">Items of each shard.</param>
    public PackedRows(IReadOnlyList<int> counts, IEnumerable<int> items)
    {
        _counts = [.. counts];
        _starts = new long[_counts.Length];
        var ends = new List<int>();
        var item = 0;
        foreach (var inShard in items)
        {
            var row = 0L;
            for (var end = item + inShard; item < end; item++)
            {
                _starts[item] = row;
                row += _counts[item];
            }

            ends.Add(item);
        }

        _ends = [.. ends];
    }

    public int Count(int item) => _counts[item];

    /// <summary>The item's first row within its shard.</summary>
    public long Start(int item) => _starts[item];

    public int ShardOf(int item)
    {
        var found = Array.BinarySearch(_ends, item + 1);
        return found < 0 ? ~found : found;
    }

    /// <summary>The first item of a shard.</summary>
    public int FirstOf(int shard) => shard == 0 ? 0 : _ends[shard - 1];

    /// <summary>The counts of a shard's items.</summary>
    public ReadOnlyMemory<int> In(int shard) => _counts.AsMemory(FirstOf(shard).._ends[shard]);

    /// <summary>Positions sorted by item, so that each shard is taken once.</summary>
    public static int[] ReadingOrder(int[] items)
    {
        var (keys, order) = (items.AsSpan().ToArray(), new int[items.Length]);
        for (var i = 0; i < order.Length; i++)
        {
            order[i] = i;
        }

        Array.Sort(keys, order);
        return order;
    }
}

/// <summary>The shard that the rows of one batch are being read from; at most one at a time. The token
/// lets a wait for one go.</summary>
internal sealed class ShardCursor(Shards shards, ShardReadAhead? ahead, CancellationToken cancellationToken)
    : IDisposable
{
    private Shards.Lease? _lease;
    private int _shard = -1;

    public MappedShard At(int shard)
    {
        if (_shard != shard || _lease is null)
        {
            Dispose();
            ahead?.Await(shard, cancellationToken);
            _lease = shards.Take(shard, cancellationToken);
            _shard = shard;
        }

        return _lease.Value.Shard;
    }

    public void Dispose()
    {
        _lease?.Dispose();
        _lease = null;
    }
}

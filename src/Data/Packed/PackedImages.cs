namespace Colony.Data;

/// <summary>The images of a split in shards. Owns the shards, which the captions may read too.</summary>
internal sealed class PackedImages : IImages
{
    private readonly Shards _shards;
    private readonly PackedRecords _records;
    private readonly PackedRows _rows;
    private readonly int[] _shardSizes;
    private readonly ShardReadAhead? _ahead;

    /// <summary>Whether somebody says what comes next, and lately all of it could be passed on.</summary>
    private volatile bool _isTold;

    /// <param name="index">What is in the pack.</param>
    /// <param name="split">What is in the split.</param>
    /// <param name="records">Its captions file.</param>
    /// <param name="rows">Where the regions of each image are.</param>
    /// <param name="shards">The shards; owned.</param>
    /// <param name="options">The data section.</param>
    public PackedImages(
        PackIndex index, PackedSplitEntry split, PackedRecords records, PackedRows rows, Shards shards,
        DatasetOptions options)
    {
        (_shards, _records, _rows) = (shards, records, rows);
        Count = options.MaxImages > 0 ? Math.Min(options.MaxImages, split.Images) : split.Images;
        FeatureDim = index.FeatureDim;
        HoldsHalves = index.Type == Storage.SafetensorsType.F16;
        BoxColumns = options.Boxes.Length > 0 ? index.BoxColumns : 0;
        HasSizes = options.Boxes.Length > 0 && index.HasSizes;
        _shardSizes = [.. split.Shards.Select(shard => shard.Images)];
        _ahead = shards.StayMapped && options.Order == PackedSplit.ShardedOrder
            ? new ShardReadAhead(Fetch, rows, ShardSizes, options.CaptionsPerImage)
            : null;
    }

    public int Count { get; }

    public bool HoldsHalves { get; }

    public int FeatureDim { get; }

    public int BoxColumns { get; }

    public bool HasSizes { get; }

    /// <summary>Images of each shard, as far as they are taken.</summary>
    public int[] ShardSizes
    {
        get
        {
            var (left, sizes) = (Count, new List<int>());
            foreach (var size in _shardSizes.TakeWhile(_ => left > 0))
            {
                sizes.Add(Math.Min(size, left));
                left -= sizes[^1];
            }

            return [.. sizes];
        }
    }

    public string Id(int image) => _records.Ids[image];

    public ImageRows Rows(ReadOnlySpan<int> images, CancellationToken cancellationToken)
        => new Batch(this, images.ToArray(), cancellationToken);

    // Whole shards have to be on their way for longer than single images.
    public bool IsAtHand => _shards.StayMapped && _ahead is null;

    public void Expect(ReadOnlySpan<int> images)
    {
        if (_ahead is not null)
        {
            foreach (var image in images)
            {
                _ahead.Expect(image);
            }

            _isTold = true;
            return;
        }

        if (_shards.StayMapped)
        {
            _isTold = ExpectRows(images);
            return;
        }

        var last = -1;
        foreach (var image in images)
        {
            var shard = _rows.ShardOf(image);
            if (shard != last)
            {
                _shards.Expect(shard);
                last = shard;
            }
        }
    }

    public void Dispose()
    {
        _ahead?.Dispose();
        _shards.Dispose();
    }

    private void Fetch(int shard, CancellationToken cancellationToken)
    {
        using var lease = _shards.Take(shard, cancellationToken);
        lease.Shard.Fetch(cancellationToken);
    }

    // The disk works on them meanwhile; of shards that nobody looked into yet nothing can be said.
    private bool ExpectRows(ReadOnlySpan<int> images)
    {
        var all = true;
        foreach (var image in images)
        {
            using var lease = _shards.TakeIfMapped(_rows.ShardOf(image));
            lease?.Shard.ExpectFeatures(_rows.Start(image), _rows.Count(image), FeatureDim);
            all &= lease is not null;
        }

        return all;
    }

    private sealed class Batch : ImageRows
    {
        private readonly PackedImages _owner;
        private readonly int[] _images;
        private readonly int[] _order;
        private readonly ShardCursor _cursor;

        public Batch(PackedImages owner, int[] images, CancellationToken cancellationToken)
        {
            (_owner, _images) = (owner, images);
            _order = PackedRows.ReadingOrder(images);
            _cursor = new ShardCursor(owner._shards, owner._ahead, cancellationToken);
            if (owner._shards.StayMapped && !owner._isTold)
            {
                ExpectAll();
            }
        }

        public override int Count => _images.Length;

        public override int Position(int nth) => _order[nth];

        public override int Regions(int position) => _owner._rows.Count(_images[position]);

        public override void Features(int position, Span<float> rows)
        {
            var image = _images[position];
            At(image).Features(_owner._rows.Start(image), _owner.FeatureDim, rows, _owner.Id(image));
        }

        public override void Halves(int position, Span<ushort> rows)
        {
            var image = _images[position];
            At(image).Halves(_owner._rows.Start(image), _owner.FeatureDim, rows, _owner.Id(image));
        }

        public override void Boxes(int position, Span<float> rows)
            => At(_images[position]).Boxes(_owner._rows.Start(_images[position]), _owner.BoxColumns, rows);

        public override void Size(int position, Span<float> size)
        {
            var image = _images[position];
            At(image).Size(image - _owner._rows.FirstOf(_owner._rows.ShardOf(image)), size);
        }

        public override void Dispose() => _cursor.Dispose();

        // Where nobody said it before: the disk works on all of them at least while the first is converted.
        private void ExpectAll()
        {
            foreach (var position in _order)
            {
                var image = _images[position];
                At(image).ExpectFeatures(_owner._rows.Start(image), _owner._rows.Count(image), _owner.FeatureDim);
            }
        }

        private MappedShard At(int image) => _cursor.At(_owner._rows.ShardOf(image));
    }
}

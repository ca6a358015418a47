using Colony.Storage;

namespace Colony.Data;

/// <summary>Opens both sides of a split that <c>colony data pack</c> wrote.</summary>
internal static class PackedSplit
{
    public const string Format = "packed";

    public const string ShardedOrder = "sharded";

    public static (IImages Images, ICaptions Captions) Open(
        DatasetOptions options, string name, Action<string>? note)
    {
        var files = PackFiles.Open(options, note);
        try
        {
            var index = PackIndexReader.Read(files.ReadIndex(), files.PlaceOf(PackIndex.Key));
            return Open(files, index, options, name);
        }
        catch
        {
            files.Dispose();
            throw;
        }
    }

    /// <summary>What the keys of this format and of the plan say together.</summary>
    public static void CheckOptions(DatasetOptions options)
    {
        var packed = options.Format == Format;
        if (!packed && options.IsStreamed)
        {
            throw new DataException(
                $"data: path: {options.Path} is a store, and format: {options.Format} reads folders; pack the data "
                + "with colony data pack and write format: packed.");
        }

        if (!packed && options.Order == ShardedOrder)
        {
            throw new DataException(
                $"data: order: sharded goes by shards, and format: {options.Format} has none; pack the data with "
                + "colony data pack, or write order: global.");
        }
    }

    /// <summary>The shards that the plan goes by, or null for the global order.</summary>
    public static ShardOrder? Order(DatasetOptions options, IImages images)
        => options.Order == ShardedOrder && images is PackedImages packed
            ? new ShardOrder(
                [.. packed.ShardSizes.Select(size => size * options.CaptionsPerImage)], options.WindowShards)
            : null;

    private static (IImages Images, ICaptions Captions) Open(
        PackFiles files, PackIndex index, DatasetOptions options, string name)
    {
        var place = files.PlaceOf(PackIndex.Key);
        var split = Find(index, name, place);
        CheckJob(index, options, place);
        files.Check(index, split);
        var records = Records(files, index, split);
        var regions = new PackedRows(records.Regions, split.Shards.Select(shard => shard.Images));
        var tokens = new PackedRows(
            records.Tokens,
            split.Shards.Select(shard => index.WordDim > 0 ? shard.Images * index.CaptionsPerImage : 0));
        CheckRows(index, split, regions, tokens, files.PlaceOf(split.Captions.Key));
        var shards = new Shards(
            files, index, split, shard => new ShardRows(regions.In(shard), tokens.In(shard)));
        var images = new PackedImages(index, split, records, regions, shards, options);
        var texts = records.Captions.Take(images.Count * index.CaptionsPerImage).ToArray();
        return (images, options.Text == "features"
            ? new PackedTokens(texts, tokens, shards, index.WordDim, options.MaxWords)
            : PackedText.Open(
                files,
                index,
                texts,
                other => other == name
                    ? records.Captions
                    : Records(files, index, Find(index, other, place)).Captions,
                options));
    }

    private static PackedRecords Records(PackFiles files, PackIndex index, PackedSplitEntry split)
        => PackedRecords.Read(
            files.ReadChecked(split.Captions), files.PlaceOf(split.Captions.Key), split, index);

    private static PackedSplitEntry Find(PackIndex index, string name, string place)
        => index.Splits.TryGetValue(name, out var split)
            ? split
            : throw DataException.In(
                place,
                $"has no split '{name}', only {string.Join(", ", index.Splits.Keys.Order(StringComparer.Ordinal))}; "
                + $"pack again with --splits, or name one of these");

    // Batches are as large as the longest image of the captions file, so its counts must fit the shards' bytes.
    private static void CheckRows(
        PackIndex index, PackedSplitEntry split, PackedRows regions, PackedRows tokens, string place)
    {
        for (var shard = 0; shard < split.Shards.Count; shard++)
        {
            var values = (Sum(regions.In(shard)) * index.FeatureDim) + (Sum(tokens.In(shard)) * index.WordDim);
            if (values * index.Type.Size() > split.Shards[shard].Object.Bytes)
            {
                throw DataException.In(
                    place,
                    $"gives the images of {split.Shards[shard].Object.Key} {values} feature values, more than its "
                    + $"{split.Shards[shard].Object.Bytes} bytes hold; pack the data again");
            }
        }
    }

    private static Int128 Sum(ReadOnlyMemory<int> counts)
    {
        Int128 sum = 0;
        foreach (var count in counts.Span)
        {
            sum += count;
        }

        return sum;
    }

    private static void CheckJob(PackIndex index, DatasetOptions options, string place)
    {
        if (options.CaptionsPerImage != index.CaptionsPerImage)
        {
            throw DataException.In(
                place,
                $"has {index.CaptionsPerImage} captions an image, and data.captions_per_image is "
                + $"{options.CaptionsPerImage}; write {index.CaptionsPerImage}");
        }

        if (options.Boxes.Length > 0 && index.BoxColumns == 0)
        {
            throw DataException.In(
                place, "has no boxes, and data.boxes asks for them; leave it out, or pack data with boxes");
        }

        if (options.Text == "features" && index.WordDim == 0)
        {
            throw DataException.In(
                place, "has no token features, and data.text is features; pack a job with text: features");
        }
    }
}

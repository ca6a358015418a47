using System.Text.Json;
using Colony.Storage;

namespace Colony.Data;

/// <summary>Reads an index, taking nothing on its word: names that stay in the pack, sizes that fit together.</summary>
internal static class PackIndexReader
{
    private const int MaxDepth = 8;

    /// <param name="json">The index's bytes.</param>
    /// <param name="place">What to call it in messages.</param>
    public static PackIndex Read(ReadOnlyMemory<byte> json, string place)
    {
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = MaxDepth });
            return Read(document.RootElement, place);
        }
        catch (JsonException error)
        {
            throw DataException.In(
                place, $"line {error.LineNumber + 1} is not JSON ({error.Message}); pack the data again", error);
        }
        catch (InvalidOperationException error)
        {
            // A value of another kind than asked for, or text that is not UTF-8.
            throw DataException.In(place, $"is no index of a pack ({error.Message}); pack the data again", error);
        }
    }

    private static PackIndex Read(JsonElement root, string place)
    {
        if (root.ValueKind != JsonValueKind.Object || Text(root, "format", place) != PackIndexWriter.Format)
        {
            throw DataException.In(place, "is no index of a pack; name the folder that colony data pack wrote");
        }

        var version = Whole(root, "version", 1, int.MaxValue, place);
        if (version > PackIndex.Version)
        {
            throw DataException.In(
                place, $"is of version {version}, and this colony reads up to {PackIndex.Version}; use a newer colony");
        }

        var type = Text(root, "type", place) switch
        {
            "float16" => SafetensorsType.F16,
            "float32" => SafetensorsType.F32,
            var other => throw DataException.In(place, $"the type '{other}' is neither float16 nor float32"),
        };
        var captions = Whole(root, "captions_per_image", 1, DatasetOptions.MaxCaptionsPerImage, place);
        var splits = Members(root, "splits", place).ToDictionary(
            split => split.Name, split => Split(split.Value, captions, $"{place}: split {split.Name}"),
            StringComparer.Ordinal);
        if (splits.Count == 0)
        {
            throw DataException.In(place, "has no splits; pack the data again");
        }

        return new PackIndex(
            type,
            captions,
            Whole(root, "feature_dim", 1, PackIndex.MaxDim, place),
            Whole(root, "box_columns", 0, PackIndex.MaxDim, place),
            Member(root, "image_sizes", place).GetBoolean(),
            Whole(root, "word_dim", 0, PackIndex.MaxDim, place),
            splits,
            Members(root, "text_files", place).ToDictionary(
                file => file.Name,
                file => new PackedTextFile(
                    Text(file.Value, "name", place), Digest(file.Value, $"{place}: text_files.{file.Name}")),
                StringComparer.Ordinal));
    }

    private static PackedSplitEntry Split(JsonElement split, int captions, string place)
    {
        var images = Whole(split, "images", 1, int.MaxValue / captions, place);
        var list = Member(split, "shards", place);
        var shards = new List<PackedShard>();
        var counted = 0L;
        foreach (var shard in list.EnumerateArray())
        {
            var at = $"{place}: shard {shards.Count}";
            var count = Whole(shard, "images", 1, images, at);
            shards.Add(new PackedShard(Digest(shard, at), count));
            counted += count;
        }

        return counted == images
            ? new PackedSplitEntry(images, Digest(Member(split, "captions", place), $"{place}: captions"), shards)
            : throw DataException.In(place, $"has {images} images and {counted} in its shards; pack the data again");
    }

    private static ObjectDigest Digest(JsonElement what, string place)
    {
        var key = Text(what, "file", place);
        if (ObjectKey.Problem(key) is { } problem)
        {
            throw DataException.In(place, $"the file name {problem}; pack the data again");
        }

        var sha = Text(what, "sha256", place);
        return ObjectDigest.IsSha256(sha)
            ? new ObjectDigest(key, Whole(what, "bytes", 1L, PackIndex.MaxShardBytes, place), sha)
            : throw DataException.In(place, "the SHA-256 is not 64 lower-case hexadecimal digits; pack the data again");
    }

    private static IEnumerable<JsonProperty> Members(JsonElement root, string name, string place)
        => Member(root, name, place).EnumerateObject().DistinctBy(p => p.Name, StringComparer.Ordinal);

    private static JsonElement Member(JsonElement root, string name, string place)
        => root.ValueKind == JsonValueKind.Object && root.TryGetProperty(name, out var value)
            ? value
            : throw DataException.In(place, $"has no '{name}'; pack the data again");

    private static string Text(JsonElement root, string name, string place)
        => Member(root, name, place).GetString()
            ?? throw DataException.In(place, $"'{name}' is null; pack the data again");

    private static int Whole(JsonElement root, string name, int least, int most, string place)
        => (int)Whole(root, name, (long)least, most, place);

    private static long Whole(JsonElement root, string name, long least, long most, string place)
    {
        var value = Member(root, name, place);
        return value.TryGetInt64(out var number) && number >= least && number <= most
            ? number
            : throw DataException.In(
                place, $"'{name}' is {Shown(value)}, and a whole number from {least} to {most} is needed; pack the "
                + "data again");
    }

    private static string Shown(JsonElement value) => EncodedCaptions.Shown(value.GetRawText());
}

using Colony.Storage;

namespace Colony.Data;

/// <summary>What a pack holds. Written last, so that its presence is the commit of the pack.</summary>
/// <param name="Type">Element type of features, image and token: float16 or float32.</param>
/// <param name="CaptionsPerImage">Captions of each image.</param>
/// <param name="FeatureDim">Size of a region feature.</param>
/// <param name="BoxColumns">Numbers of a box; 0 without boxes.</param>
/// <param name="HasSizes">Whether the widths and heights that boxes were scaled by are there.</param>
/// <param name="WordDim">Size of a token feature; 0 where captions are text alone.</param>
/// <param name="Splits">The splits by name.</param>
/// <param name="TextFiles">Vocabularies and word vectors that went with the source, by their part in it.</param>
internal sealed record PackIndex(
    SafetensorsType Type,
    int CaptionsPerImage,
    int FeatureDim,
    int BoxColumns,
    bool HasSizes,
    int WordDim,
    IReadOnlyDictionary<string, PackedSplitEntry> Splits,
    IReadOnlyDictionary<string, PackedTextFile> TextFiles)
{
    public const string Key = "index.json";

    /// <summary>The version that is written, and the newest that is read.</summary>
    public const int Version = 1;

    /// <summary>The longest index taken, in bytes: some hundred thousand shards.</summary>
    public const int MaxBytes = 64 << 20;

    /// <summary>The most bytes of a shard; one tensor of it must be addressable at once.</summary>
    public const long MaxShardBytes = int.MaxValue;

    /// <summary>The largest dimension taken, of a feature or a token.</summary>
    public const int MaxDim = 1 << 24;

    /// <summary>Every file of the pack but the index itself.</summary>
    public IEnumerable<ObjectDigest> Files => Splits.Values
        .SelectMany(split => split.Shards.Select(shard => shard.Object).Prepend(split.Captions))
        .Concat(TextFiles.Values.Select(file => file.Object));

    /// <summary>The largest of them, in bytes.</summary>
    public long LargestBytes => Files.Max(file => file.Bytes);
}

/// <summary>One split.</summary>
/// <param name="Images">Its images.</param>
/// <param name="Captions">The file with a line an image: id, sizes, captions.</param>
/// <param name="Shards">The features, in the order of the images.</param>
internal sealed record PackedSplitEntry(int Images, ObjectDigest Captions, IReadOnlyList<PackedShard> Shards);

/// <summary>One shard.</summary>
/// <param name="Object">The safetensors file.</param>
/// <param name="Images">Images in it.</param>
internal sealed record PackedShard(ObjectDigest Object, int Images);

/// <summary>A file that belongs to the text side.</summary>
/// <param name="Name">Its name in the job that the pack was made from; the same name in a job means this copy.</param>
/// <param name="Object">The copy.</param>
internal sealed record PackedTextFile(string Name, ObjectDigest Object);

namespace Colony.Data;

/// <summary>How <see cref="DataPack"/> writes.</summary>
public sealed record PackOptions
{
    /// <summary>The splits to pack, as the source names them; at least one.</summary>
    public required IReadOnlyList<string> Splits { get; init; }

    /// <summary>Images of a shard, each with its captions; the last shard of a split may have fewer.</summary>
    public int ImagesPerShard { get; init; } = 256;

    /// <summary>Whether features are kept as float32, whatever the source has; else as float16, which leaves sources of
    /// float16 as they are and rounds others to the nearest.</summary>
    public bool Float32 { get; init; }

    /// <summary>Whether to write where something is already; the pack that was there is deleted.</summary>
    public bool Force { get; init; }
}

/// <summary>How far a pack, or the check of one, has come.</summary>
/// <param name="What">What is at work: a split or a file.</param>
/// <param name="Done">Images, or bytes, that are done.</param>
/// <param name="Total">Images, or bytes, in all.</param>
public sealed record PackProgress(string What, long Done, long Total);

/// <summary>What a pack holds.</summary>
/// <param name="Splits">Splits.</param>
/// <param name="Images">Images of all splits.</param>
/// <param name="Captions">Captions of all splits.</param>
/// <param name="Shards">Shards of all splits.</param>
/// <param name="Bytes">Bytes of all files but the index.</param>
/// <param name="IndexSha256">SHA-256 of the index, and by its digests of the whole pack.</param>
public sealed record PackSummary(
    int Splits, long Images, long Captions, int Shards, long Bytes, string IndexSha256);

using System.Buffers;
using System.Globalization;
using System.Security.Cryptography;
using Colony.Storage;

namespace Colony.Data;

/// <summary>Writes everything of a pack but its index.</summary>
internal sealed class PackWriter(
    DatasetOptions source, PackOptions options, IObjectStore store, IProgress<PackProgress>? progress)
{
    private readonly ShardBuilder _builder = new(options.Float32);
    private PackIndex? _index;

    private bool HasTokens => source.Text == "features";

    public async Task<PackIndex> WriteAsync(CancellationToken ct)
    {
        var splits = new Dictionary<string, PackedSplitEntry>(StringComparer.Ordinal);
        foreach (var name in options.Splits)
        {
            splits.Add(name, await WriteSplitAsync(name, ct).ConfigureAwait(false));
        }

        return _index! with { Splits = splits, TextFiles = await WriteTextFilesAsync(ct).ConfigureAwait(false) };
    }

    private async Task<PackedSplitEntry> WriteSplitAsync(string name, CancellationToken ct)
    {
        var (images, captions) = Datasets.OpenSides(source, name);
        using var ownedImages = images;
        using var ownedCaptions = captions;
        CheckAlike(images, captions, name);
        var records = new ArrayBufferWriter<byte>();
        var shards = new List<PackedShard>();
        for (var first = 0; first < images.Count; first += options.ImagesPerShard)
        {
            progress?.Report(new PackProgress(name, first, images.Count));
            var count = Math.Min(options.ImagesPerShard, images.Count - first);
            var key = string.Create(CultureInfo.InvariantCulture, $"{name}-{shards.Count:00000}.safetensors");
            var written = await WriteShardAsync(key, images, captions, first, count, name, records, ct)
                .ConfigureAwait(false);
            shards.Add(new PackedShard(new ObjectDigest(key, written.Bytes, written.Sha256), count));
        }

        progress?.Report(new PackProgress(name, images.Count, images.Count));
        return new PackedSplitEntry(
            images.Count,
            await PutAsync($"{name}-captions.jsonl", records.WrittenMemory, ct).ConfigureAwait(false),
            shards);
    }

    private async Task<WrittenFile> WriteShardAsync(
        string key, IImages images, ICaptions captions, int first, int count, string name,
        ArrayBufferWriter<byte> records, CancellationToken ct)
    {
        var perImage = source.CaptionsPerImage;
        using var rows = images.Rows([.. Enumerable.Range(first, count)], ct);
        using var tokens = HasTokens
            ? (CaptionRows<float>)captions.Rows([.. Enumerable.Range(first * perImage, count * perImage)], ct)
            : null;
        var tensors = _builder.Build(images, rows, tokens, first, $"the {name} split");
        for (var i = 0; i < count; i++)
        {
            PackedRecords.Append(
                records,
                images.Id(first + i),
                rows.Regions(i),
                [.. Enumerable.Range((first + i) * perImage, perImage).Select(captions.Text)],
                tokens is null ? [] : [.. Enumerable.Range(i * perImage, perImage).Select(tokens.Length)]);
        }

        WrittenFile? written = null;
        await store.PutAsync(
            key,
            async (stream, token) => written = await SafetensorsWriter
                .WriteAsync(stream, tensors, metadata: null, TensorOrder.Sorted, token).ConfigureAwait(false),
            ct).ConfigureAwait(false);
        return written!;
    }

    private async Task<Dictionary<string, PackedTextFile>> WriteTextFilesAsync(CancellationToken ct)
    {
        var files = new Dictionary<string, PackedTextFile>(StringComparer.Ordinal);
        foreach (var (part, name) in PackedText.FilesOf(source))
        {
            var path = TextFilePath(name);
            byte[] bytes;
            try
            {
                bytes = await File.ReadAllBytesAsync(path, ct).ConfigureAwait(false);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                throw FileErrors.CannotRead(path, error);
            }

            files.Add(part, new PackedTextFile(name, await PutAsync($"text/{part}", bytes, ct).ConfigureAwait(false)));
        }

        return files;
    }

    // Formats differ in whether they look beside the job or in the data's folder; opening has found the file already.
    private string TextFilePath(string name)
    {
        var inFolder = source.InFolder(name);
        return File.Exists(inFolder) ? inFolder : source.Resolve(name);
    }

    private async Task<ObjectDigest> PutAsync(string key, ReadOnlyMemory<byte> bytes, CancellationToken ct)
    {
        await store.PutAsync(key, bytes, ct).ConfigureAwait(false);
        return new ObjectDigest(key, bytes.Length, Convert.ToHexStringLower(SHA256.HashData(bytes.Span)));
    }

    /// <summary>All splits of a pack have the same sizes of features.</summary>
    private void CheckAlike(IImages images, ICaptions captions, string name)
    {
        var index = new PackIndex(
            options.Float32 ? SafetensorsType.F32 : SafetensorsType.F16,
            source.CaptionsPerImage,
            images.FeatureDim,
            images.BoxColumns,
            images.HasSizes,
            HasTokens ? captions.WordDim : 0,
            new Dictionary<string, PackedSplitEntry>(StringComparer.Ordinal),
            new Dictionary<string, PackedTextFile>(StringComparer.Ordinal));
        _index ??= index;
        if ((_index.FeatureDim, _index.BoxColumns, _index.HasSizes, _index.WordDim)
            != (index.FeatureDim, index.BoxColumns, index.HasSizes, index.WordDim))
        {
            throw new DataException(
                $"data: {source.Path}: features, boxes or tokens of the {name} split have other sizes than those of "
                + $"the {options.Splits[0]} split; pack them apart.");
        }
    }
}

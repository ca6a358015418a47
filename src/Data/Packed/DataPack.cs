using System.Security.Cryptography;
using System.Text;
using Colony.Storage;

namespace Colony.Data;

/// <summary>Packs data sets into shards, and checks packs.</summary>
public static class DataPack
{
    /// <summary>Bytes read at a time when a pack is checked.</summary>
    private const int ChunkBytes = 1 << 20;

    /// <summary>
    /// Packs splits of a data set of any format: shards, a captions file a split, the text side's files, and at last
    /// the index, whose presence is the commit. The same source gives the same bytes.
    /// </summary>
    /// <param name="source">The data section of a job; limits and normalization are left to the jobs that will
    /// read.</param>
    /// <param name="options">Which splits, and how.</param>
    /// <param name="store">Where to; empty, or an unfinished pack of the same source, unless forced.</param>
    /// <param name="progress">Takes the images that are done.</param>
    /// <param name="ct">Abandons the pack, which then has no index.</param>
    /// <exception cref="DataException">The source cannot be read, a value does not fit float16, or the place is
    /// taken.</exception>
    /// <exception cref="StorageException">The store fails.</exception>
    public static async Task<PackSummary> WriteAsync(
        DatasetOptions source, PackOptions options, IObjectStore store, IProgress<PackProgress>? progress,
        CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(source);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(store);
        Check(source, options);
        var whole = source with { MaxWords = 0, ImageClsRow = false, NormalizeImages = false };
        foreach (var split in options.Splits)
        {
            Datasets.CheckOptions(whole, split);
        }

        var place = new PackPlace(store);
        var replaced = await place.BeginAsync(Fingerprint(whole, options), options.Force, ct).ConfigureAwait(false);
        var index = await new PackWriter(whole, options, store, progress).WriteAsync(ct).ConfigureAwait(false);
        var bytes = PackIndexWriter.Write(index);
        await store.PutAsync(PackIndex.Key, bytes, ct).ConfigureAwait(false);
        await place.EndAsync(replaced, index, ct).ConfigureAwait(false);
        return Summary(index, bytes);
    }

    /// <summary>Reads every file of a pack and checks it against the index.</summary>
    /// <param name="store">The pack.</param>
    /// <param name="progress">Takes the bytes that are done.</param>
    /// <param name="ct">Abandons the check.</param>
    /// <exception cref="DataException">There is no index, or a file is not what it says.</exception>
    /// <exception cref="StorageException">The store fails, or a file is missing.</exception>
    public static async Task<PackSummary> VerifyAsync(
        IObjectStore store, IProgress<PackProgress>? progress, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(store);
        var bytes = await store.ReadAllAsync(PackIndex.Key, PackIndex.MaxBytes, ct).ConfigureAwait(false);
        var index = PackIndexReader.Read(bytes, PackPlace.Name(store, PackIndex.Key));
        var total = index.Files.Sum(file => file.Bytes);
        var done = 0L;
        foreach (var file in index.Files)
        {
            progress?.Report(new PackProgress(file.Key, done, total));
            await VerifyAsync(store, file, ct).ConfigureAwait(false);
            done += file.Bytes;
        }

        progress?.Report(new PackProgress("all files", done, total));
        return Summary(index, bytes);
    }

    private static async Task VerifyAsync(IObjectStore store, ObjectDigest what, CancellationToken ct)
    {
        var stream = await store.OpenReadAsync(what.Key, ct).ConfigureAwait(false);
        await using var opened = stream.ConfigureAwait(false);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = new byte[ChunkBytes];
        var length = 0L;
        int read;
        while ((read = await stream.ReadAsync(buffer, ct).ConfigureAwait(false)) > 0)
        {
            hash.AppendData(buffer, 0, read);
            length += read;
        }

        var digest = Convert.ToHexStringLower(hash.GetHashAndReset());
        if (length != what.Bytes || digest != what.Sha256)
        {
            throw DataException.In(
                PackPlace.Name(store, what.Key),
                length != what.Bytes
                    ? $"has {length} bytes, and the index says {what.Bytes}; copy it again, or pack the data again"
                    : $"has the SHA-256 {digest}, and the index says {what.Sha256}; copy it again, or pack the data "
                        + "again");
        }
    }

    private static void Check(DatasetOptions source, PackOptions options)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(options.ImagesPerShard);
        var different = options.Splits.Distinct(StringComparer.Ordinal).Count();
        if (different == 0 || different != options.Splits.Count)
        {
            throw new ArgumentException(
                $"Splits are needed, each once, not '{string.Join(", ", options.Splits)}'.", nameof(options));
        }

        if (source.Format == PackedSplit.Format)
        {
            throw new DataException($"data: {source.Path} is a pack already; copy its folder, or pack its source.");
        }

        if (source.MaxImages > 0)
        {
            throw new DataException(
                "data: max_images cuts splits, and a pack holds whole ones; pack with --set data.max_images=0 and cut "
                + "when training.");
        }
    }

    private static string Fingerprint(DatasetOptions source, PackOptions options)
    {
        var text = $"{source} in {source.Folder}, {string.Join(',', options.Splits)}, {options.ImagesPerShard}, "
            + $"{options.Float32}";
        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text)));
    }

    private static PackSummary Summary(PackIndex index, ReadOnlyMemory<byte> bytes)
    {
        var images = index.Splits.Values.Sum(split => (long)split.Images);
        return new PackSummary(
            index.Splits.Count,
            images,
            images * index.CaptionsPerImage,
            index.Splits.Values.Sum(split => split.Shards.Count),
            index.Files.Sum(file => file.Bytes),
            Convert.ToHexStringLower(SHA256.HashData(bytes.Span)));
    }
}

using System.Security.Cryptography;
using Colony.Storage;

namespace Colony.Data;

/// <summary>The files of a pack, wherever they lie, as files of this machine.</summary>
internal abstract class PackFiles : IDisposable
{
    /// <summary>Shards that may stay mapped while nobody reads them.</summary>
    public abstract int MaxIdleShards { get; }

    /// <summary>Opens the files that the options name.</summary>
    public static PackFiles Open(DatasetOptions options, Action<string>? note)
        => options.IsStreamed ? StreamedFiles.Open(options, note) : new FolderFiles(options.Folder);

    /// <summary>What to call a file of the pack in messages.</summary>
    public abstract string PlaceOf(string key);

    /// <summary>The bytes of the index.</summary>
    public abstract byte[] ReadIndex();

    /// <summary>Whether the files of a split can be there as the index has them; says at once what is not.</summary>
    public abstract void Check(PackIndex index, PackedSplitEntry split);

    /// <summary>A file, kept until the holder is disposed. The token lets a wait for a far one go.</summary>
    public abstract HeldFile Hold(ObjectDigest what, CancellationToken cancellationToken);

    /// <summary>The same, amid work that others wait for: a store that is away is waited for too.</summary>
    public virtual HeldFile Await(ObjectDigest what, CancellationToken cancellationToken)
        => Hold(what, cancellationToken);

    /// <summary>Says that a file will be wanted.</summary>
    public virtual void Expect(ObjectDigest what)
    {
    }

    /// <summary>A small file, whole and checked against its digest.</summary>
    public ReadOnlyMemory<byte> ReadChecked(ObjectDigest what)
    {
        using var held = Hold(what, CancellationToken.None);
        try
        {
            var bytes = File.ReadAllBytes(held.Path);
            return bytes.Length == what.Bytes && Convert.ToHexStringLower(SHA256.HashData(bytes)) == what.Sha256
                ? bytes
                : throw DataException.In(
                    PlaceOf(what.Key), "is not what the index says (another SHA-256); copy or pack the data again");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.CannotRead(PlaceOf(what.Key), error);
        }
    }

    public virtual void Dispose()
    {
    }

    protected static DataException NoIndex(string place, Exception? cause = null) => DataException.In(
        place, "there is no such file, so this is no finished pack; name what colony data pack wrote, or run it again",
        cause);
}

/// <summary>A file of a pack in use.</summary>
/// <param name="Path">Where it is.</param>
/// <param name="Held">What keeps it there; null where nobody takes it away.</param>
internal readonly record struct HeldFile(string Path, CachedObject? Held) : IDisposable
{
    public SafetensorsReader Map() => Held is null ? SafetensorsReader.Open(Path) : SafetensorsReader.Open(Held);

    public void Dispose() => Held?.Dispose();
}

/// <summary>A pack in a folder: every shard stays mapped once it was.</summary>
internal sealed class FolderFiles(string folder) : PackFiles
{
    public override int MaxIdleShards => int.MaxValue;

    public override string PlaceOf(string key) => Path.Combine(folder, key);

    public override byte[] ReadIndex()
    {
        var path = PlaceOf(PackIndex.Key);
        try
        {
            var length = new FileInfo(path).Length;
            return length <= PackIndex.MaxBytes
                ? File.ReadAllBytes(path)
                : throw DataException.In(path, $"{length} bytes are no index; at most {PackIndex.MaxBytes} are read");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            throw NoIndex(path, error);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.CannotRead(path, error);
        }
    }

    public override void Check(PackIndex index, PackedSplitEntry split)
    {
        foreach (var what in split.Shards.Select(shard => shard.Object).Prepend(split.Captions))
        {
            Hold(what, CancellationToken.None);
        }
    }

    public override HeldFile Hold(ObjectDigest what, CancellationToken cancellationToken)
    {
        var file = new FileInfo(PlaceOf(what.Key));
        if (!file.Exists)
        {
            throw DataException.In(file.FullName, "there is no such file, though the index names it; copy it again");
        }

        return file.Length == what.Bytes
            ? new HeldFile(file.FullName, null)
            : throw DataException.In(
                file.FullName,
                $"has {file.Length} bytes, and the index says {what.Bytes}; copy it again, or pack the data again");
    }
}

/// <summary>A pack in a store, read through a bounded cache.</summary>
internal sealed class StreamedFiles : PackFiles
{
    /// <summary>The part of the cache that shards may take up which are mapped and not read.</summary>
    private const int IdleShare = 4;

    /// <summary>More than these are not worth their descriptors.</summary>
    private const int MostIdle = 8;

    private readonly IObjectStore _store;
    private readonly ObjectCache _cache;
    private readonly long _cacheBytes;
    private readonly Action<string>? _note;
    private int _maxIdle;

    private StreamedFiles(IObjectStore store, ObjectCache cache, long cacheBytes, Action<string>? note)
        => (_store, _cache, _cacheBytes, _note) = (store, cache, cacheBytes, note);

    public override int MaxIdleShards => _maxIdle;

    public static new StreamedFiles Open(DatasetOptions options, Action<string>? note)
    {
        var folder = options.Cache.Length > 0
            ? options.Resolve(options.Cache)
            : Path.Combine(Path.GetTempPath(), "colony-data-cache");
        return Told(() =>
        {
            var store = ObjectStores.Open(
                options.Path, ObjectStoreOptions.FromEnvironment(Environment.GetEnvironmentVariable));
            try
            {
                var cache = new ObjectCache(store, folder, options.CacheBytes, TimeProvider.System);
                return new StreamedFiles(store, cache, options.CacheBytes, note);
            }
            catch
            {
                store.Dispose();
                throw;
            }
        });
    }

    public override string PlaceOf(string key) => $"{_store.Location.TrimEnd('/')}/{key}";

    public override byte[] ReadIndex() => Told(() => Awaited.Of(async () =>
    {
        try
        {
            return await _store.ReadAllAsync(PackIndex.Key, PackIndex.MaxBytes, CancellationToken.None)
                .ConfigureAwait(false);
        }
        catch (ObjectNotFoundException error)
        {
            throw NoIndex(PlaceOf(PackIndex.Key), error);
        }
    }));

    public override void Check(PackIndex index, PackedSplitEntry split)
    {
        var largest = index.LargestBytes;
        if (largest > _cacheBytes)
        {
            throw new DataException(
                $"data: cache_bytes is {_cacheBytes}, and the largest file of {_store.Location} has {largest} bytes; "
                + "write more than that, best for some dozens of them, or pack smaller shards.");
        }

        _maxIdle = (int)Math.Min(MostIdle, _cacheBytes / largest / IdleShare);
    }

    public override HeldFile Hold(ObjectDigest what, CancellationToken cancellationToken) => Told(() =>
    {
        var cached = Awaited.Of(() => _cache.RentAsync(what, cancellationToken));
        return new HeldFile(cached.Path, cached);
    });

    public override HeldFile Await(ObjectDigest what, CancellationToken cancellationToken) => Told(() =>
    {
        var cached = Awaited.Of(() => StorePatience.OfRuns.TryAsync(
            again => _cache.RentAsync(what, again), TimeProvider.System, _note, cancellationToken));
        return new HeldFile(cached.Path, cached);
    });

    public override void Expect(ObjectDigest what) => _cache.Expect(what);

    public override void Dispose()
    {
        Awaited.Of(async () =>
        {
            await _cache.DisposeAsync().ConfigureAwait(false);
            return true;
        });
        _store.Dispose();
    }

    private static T Told<T>(Func<T> act)
    {
        try
        {
            return act();
        }
        catch (StorageException error)
        {
            throw new DataException(error.Message, error);
        }
    }
}

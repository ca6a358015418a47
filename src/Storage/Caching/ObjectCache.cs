using System.Buffers;
using System.Security.Cryptography;

namespace Colony.Storage;

/// <summary>
/// Objects of a store in a folder of bounded size, fetched when they are asked for and checked against their digest.
/// What was used longest ago is evicted first, never what somebody holds. Processes may share a folder, and data sets
/// too: files are named by their digest and appear whole. Safe for use by several threads.
/// </summary>
public sealed class ObjectCache : IAsyncDisposable
{
    /// <summary>Objects that are fetched at a time.</summary>
    public const int MaxConcurrentFetches = 4;

    /// <summary>Objects that may be expected and not yet there; more are not taken on.</summary>
    public const int MaxExpected = 16;

    /// <summary>A damaged object is fetched once more before the user hears of it.</summary>
    private const int MaxFetches = 2;

    /// <summary>Others may evict an object between its arrival and its use this often.</summary>
    private const int MaxOpenings = 4;

    private const int ChunkBytes = 1 << 20;

    /// <summary>The longest that one fetch of one object may take.</summary>
    private static readonly TimeSpan FetchLimit = TimeSpan.FromMinutes(15);

    /// <summary>How long to wait for room while all that could go is in use.</summary>
    private static readonly TimeSpan RoomLimit = TimeSpan.FromMinutes(2);

    private static readonly TimeSpan RoomLook = TimeSpan.FromMilliseconds(20);

    private readonly IObjectStore _store;
    private readonly CacheFolder _folder;
    private readonly long _maxBytes;
    private readonly TimeProvider _time;
    private readonly TimeSpan _roomLimit;
    private readonly SemaphoreSlim _slots = new(MaxConcurrentFetches);
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _gate = new();
    private readonly Dictionary<string, Task> _arriving = new(StringComparer.Ordinal);
    private readonly HashSet<string> _verified = new(StringComparer.Ordinal);
    private int _expected;
    private long _expectedBytes;
    private long _fetchedBytes;
    private long _fetches;

    /// <summary>A cache; its folder is made if it is not there. The store stays the caller's.</summary>
    /// <param name="store">Where objects come from.</param>
    /// <param name="folder">The cache's folder, for nothing else.</param>
    /// <param name="maxBytes">The most bytes that the folder may hold, unfinished fetches included.</param>
    /// <param name="time">The clock: for times of last use and waits.</param>
    /// <exception cref="StorageException">The folder cannot be made.</exception>
    public ObjectCache(IObjectStore store, string folder, long maxBytes, TimeProvider time)
        : this(store, folder, maxBytes, time, RoomLimit)
    {
    }

    internal ObjectCache(IObjectStore store, string folder, long maxBytes, TimeProvider time, TimeSpan roomLimit)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentException.ThrowIfNullOrEmpty(folder);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxBytes);
        ArgumentNullException.ThrowIfNull(time);
        (_store, _maxBytes, _time, _roomLimit) = (store, maxBytes, time, roomLimit);
        _folder = new CacheFolder(Path.GetFullPath(folder), maxBytes, time);
        _folder.Create();
    }

    /// <summary>Objects fetched so far, those fetched again included.</summary>
    public long Fetches => Interlocked.Read(ref _fetches);

    /// <summary>Bytes fetched so far.</summary>
    public long FetchedBytes => Interlocked.Read(ref _fetchedBytes);

    /// <summary>An object of the store as a file here, fetched if it must be.</summary>
    /// <param name="what">The object.</param>
    /// <param name="ct">Abandons the wait; a fetch that has begun goes on.</param>
    /// <exception cref="StorageException">The store fails, the object is not what its digest says, even when fetched
    /// again, or the cache has no room for it.</exception>
    public async Task<CachedObject> RentAsync(ObjectDigest what, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(what);
        CheckSize(what);
        for (var opening = 0; opening < MaxOpenings; opening++)
        {
            if (await HoldAsync(what, ct).ConfigureAwait(false) is { } held)
            {
                return held;
            }

            await Arrival(what, patient: true).WaitAsync(ct).ConfigureAwait(false);
        }

        throw new StorageException(
            $"'{what.Key}' of {_store.Location} was evicted from {_folder.Folder} {MaxOpenings} times before it could "
            + "be read: make the cache larger, or give each process one of its own.");
    }

    /// <summary>
    /// Begins to fetch an object that will be asked for soon, if there is room without waiting: no more than
    /// <see cref="MaxExpected"/> at a time and half the cache. Failures are for <see cref="RentAsync"/> to report.
    /// </summary>
    /// <param name="what">The object.</param>
    public void Expect(ObjectDigest what)
    {
        ArgumentNullException.ThrowIfNull(what);
        lock (_gate)
        {
            if (_stop.IsCancellationRequested || _arriving.ContainsKey(what.Sha256) || _expected >= MaxExpected
                || _expectedBytes + what.Bytes > _maxBytes / 2)
            {
                return;
            }

            if (File.Exists(_folder.PathOf(what.Sha256)))
            {
                return;
            }

            _expected++;
            _expectedBytes += what.Bytes;
        }

        _ = Arrival(what, patient: false).ContinueWith(
            ended =>
            {
                _ = ended.Exception;
                lock (_gate)
                {
                    _expected--;
                    _expectedBytes -= what.Bytes;
                }
            },
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    /// <summary>Abandons what is on its way and waits for it to be gone.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        Task[] arriving;
        lock (_gate)
        {
            arriving = [.. _arriving.Values];
        }

        await Task.WhenAll(arriving).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _slots.Dispose();
        _stop.Dispose();
    }

    private void CheckSize(ObjectDigest what)
    {
        if (what.Bytes > _maxBytes)
        {
            throw new StorageException(
                $"'{what.Key}' of {_store.Location} has {what.Bytes} bytes, and the cache {_folder.Folder} may hold "
                + $"{_maxBytes}: make the cache larger than the largest object.");
        }
    }

    // A file that another process, or an earlier one, brought is checked once before it is believed.
    private async Task<CachedObject?> HoldAsync(ObjectDigest what, CancellationToken ct)
    {
        var file = _folder.Hold(what.Sha256);
        if (file is null)
        {
            return null;
        }

        try
        {
            bool known;
            lock (_gate)
            {
                known = _verified.Contains(what.Sha256);
            }

            if (file.Length == what.Bytes
                && (known || await HashAsync(file, ct).ConfigureAwait(false) == what.Sha256))
            {
                Believe(what);
                return new CachedObject(file);
            }

            CacheFolder.Drop(file.Name);
            await file.DisposeAsync().ConfigureAwait(false);
            return null;
        }
        catch
        {
            await file.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private void Believe(ObjectDigest what)
    {
        lock (_gate)
        {
            _verified.Add(what.Sha256);
        }
    }

    /// <summary>The one fetch of an object that is under way, or a new one.</summary>
    private Task Arrival(ObjectDigest what, bool patient)
    {
        lock (_gate)
        {
            if (_arriving.TryGetValue(what.Sha256, out var running))
            {
                return running;
            }

            ObjectDisposedException.ThrowIf(_stop.IsCancellationRequested, this);
            var arrival = Task.Run(() => FetchAsync(what, patient), CancellationToken.None);
            _arriving.Add(what.Sha256, arrival);
            return arrival;
        }
    }

    private async Task FetchAsync(ObjectDigest what, bool patient)
    {
        using var late = new CancellationTokenSource(FetchLimit, _time);
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, late.Token);
        try
        {
            await _slots.WaitAsync(limit.Token).ConfigureAwait(false);
            try
            {
                await FetchCheckedAsync(what, patient, limit.Token).ConfigureAwait(false);
            }
            finally
            {
                _slots.Release();
            }
        }
        catch (OperationCanceledException e) when (!_stop.IsCancellationRequested)
        {
            throw new StorageException(
                $"'{what.Key}' of {_store.Location} did not arrive within {FetchLimit}: check the store and the way "
                + "to it.", e)
            {
                MayPass = true,
            };
        }
        finally
        {
            lock (_gate)
            {
                _arriving.Remove(what.Sha256);
            }
        }
    }

    private async Task FetchCheckedAsync(ObjectDigest what, bool patient, CancellationToken ct)
    {
        for (var fetch = 1; ; fetch++)
        {
            var file = await ReserveAsync(what, patient, ct).ConfigureAwait(false);
            if (file is null)
            {
                return; // nobody waits for it yet
            }

            await using (file.ConfigureAwait(false))
            {
                string? defect;
                try
                {
                    defect = await CopyAsync(what, file, ct).ConfigureAwait(false);
                    if (defect is null)
                    {
                        _folder.Keep(file, what.Sha256);
                        Believe(what);
                        return;
                    }
                }
                catch
                {
                    CacheFolder.Drop(file.Name);
                    throw;
                }

                CacheFolder.Drop(file.Name);
                if (fetch == MaxFetches)
                {
                    throw new StorageException(
                        $"'{what.Key}' of {_store.Location} is damaged: {defect} (fetched {MaxFetches} times); "
                        + "write it again.");
                }
            }
        }
    }

    private async Task<FileStream?> ReserveAsync(ObjectDigest what, bool patient, CancellationToken ct)
    {
        var began = _time.GetTimestamp();
        while (true)
        {
            if (_folder.Reserve(what.Bytes) is { } file)
            {
                return file;
            }

            if (!patient)
            {
                return null;
            }

            if (_time.GetElapsedTime(began) > _roomLimit)
            {
                throw new StorageException(
                    $"the cache {_folder.Folder} of {_maxBytes} bytes has no room for '{what.Key}' "
                    + $"({what.Bytes} bytes): all that is in it is in use; make the cache larger.");
            }

            // Whoever makes room may be another process, and nothing tells when.
            await Task.Delay(RoomLook, _time, ct).ConfigureAwait(false);
        }
    }

    /// <summary>Copies an object and says what is wrong with it, or null.</summary>
    private async Task<string?> CopyAsync(ObjectDigest what, FileStream file, CancellationToken ct)
    {
        Interlocked.Increment(ref _fetches);
        var source = await _store.OpenReadAsync(what.Key, ct).ConfigureAwait(false);
        await using var opened = source.ConfigureAwait(false);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var buffer = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            var written = 0L;
            int read;
            while ((read = await ReadAsync(source, buffer, what, ct).ConfigureAwait(false)) > 0)
            {
                Interlocked.Add(ref _fetchedBytes, read);
                if (written + read > what.Bytes)
                {
                    return $"it is longer than its {what.Bytes} bytes";
                }

                hash.AppendData(buffer, 0, read);
                await file.WriteAsync(buffer.AsMemory(0, read), ct).ConfigureAwait(false);
                written += read;
            }

            if (written < what.Bytes)
            {
                return $"it ends after {written} of {what.Bytes} bytes";
            }

            var digest = Convert.ToHexStringLower(hash.GetHashAndReset());
            return digest == what.Sha256 ? null : $"its SHA-256 is {digest} and should be {what.Sha256}";
        }
        catch (IOException e)
        {
            throw FileErrors.Explain(e, "write", file.Name);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private async Task<int> ReadAsync(Stream source, byte[] buffer, ObjectDigest what, CancellationToken ct)
    {
        try
        {
            return await source.ReadAsync(buffer, ct).ConfigureAwait(false);
        }
        catch (IOException e)
        {
            throw FileErrors.Explain(e, "read", $"{_store.Location}/{what.Key}");
        }
    }

    private static async Task<string> HashAsync(FileStream file, CancellationToken ct)
    {
        file.Position = 0;
        return Convert.ToHexStringLower(await SHA256.HashDataAsync(file, ct).ConfigureAwait(false));
    }
}

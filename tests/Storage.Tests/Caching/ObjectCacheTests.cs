using System.Security.Cryptography;
using System.Text;
using Colony.Testing;

namespace Colony.Storage.Tests;

public sealed class ObjectCacheTests : IDisposable
{
    private const int Size = 1000;

    private readonly TemporaryFolder _folder = new();
    private readonly Origin _origin;

    public ObjectCacheTests() => _origin = new Origin(_folder["origin"]);

    private string Cache => _folder["cache"];

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _origin.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task An_object_is_fetched_once_and_then_read_from_the_folder()
    {
        var what = await PutAsync("a");
        await using var cache = Open(10 * Size);
        var held = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => cache.RentAsync(what, Ct)));
        Assert.Single(held.Select(h => h.Path).Distinct(StringComparer.Ordinal));
        Assert.Equal(Content("a"), await File.ReadAllBytesAsync(held[0].Path, Ct));
        Assert.Equal((1L, (long)Size), (cache.Fetches, cache.FetchedBytes));
        Array.ForEach(held, h => h.Dispose());

        // Another cache on the folder, as another process has it, checks the file and does not fetch it.
        await using var other = Open(10 * Size);
        (await other.RentAsync(what, Ct)).Dispose();
        Assert.Equal(0, other.Fetches);
    }

    [Fact]
    public async Task What_was_used_longest_ago_goes_first_and_the_bound_holds()
    {
        var objects = await PutManyAsync(5);
        await using var cache = Open(3 * Size);
        foreach (var at in new[] { 0, 1, 2, 0, 3, 0, 4 })
        {
            (await cache.RentAsync(objects[at], Ct)).Dispose();
            Assert.True(Held() <= 3 * Size, $"{Held()} bytes are held");
        }

        Assert.Equal(5, cache.Fetches);
        Assert.Equal(Sorted(objects[0], objects[3], objects[4]), Names());
    }

    [Fact]
    public async Task What_is_in_use_stays_whoever_asks()
    {
        var objects = await PutManyAsync(3);
        await using var one = Open(2 * Size);
        await using var other = Open(2 * Size);
        using var first = await one.RentAsync(objects[0], Ct);
        (await one.RentAsync(objects[1], Ct)).Dispose();
        (await other.RentAsync(objects[2], Ct)).Dispose();
        Assert.Equal(Sorted(objects[0], objects[2]), Names());
    }

    [Fact]
    public async Task What_two_fetch_at_once_is_not_replaced_under_him_who_holds_it()
    {
        var objects = await PutManyAsync(2);
        await using var slow = Open(2 * Size);
        _origin.Gate = new TaskCompletionSource();
        var late = slow.RentAsync(objects[0], Ct);
        await _origin.Waiting.Task.WaitAsync(Ct);
        var gate = _origin.Gate;
        _origin.Gate = null;
        await using var quick = Open(2 * Size);
        using var held = await quick.RentAsync(objects[0], Ct);
        gate.SetResult();
        (await late).Dispose();

        // Nobody but the first holds it now, and that keeps it.
        await using var other = new ObjectCache(
            _origin, Cache, Size, TimeProvider.System, TimeSpan.FromMilliseconds(1));
        await Assert.ThrowsAsync<StorageException>(() => other.RentAsync(objects[1], Ct));
        Assert.Equal(Sorted(objects[0]), Names());
    }

    [Fact]
    public async Task A_full_cache_waits_for_room_and_then_says_so()
    {
        var objects = await PutManyAsync(2);
        var clock = TimeProvider.System;
        await using var cache = new ObjectCache(_origin, Cache, Size, clock, TimeSpan.FromMilliseconds(1));
        var held = await cache.RentAsync(objects[0], Ct);
        var full = await Assert.ThrowsAsync<StorageException>(() => cache.RentAsync(objects[1], Ct));
        Assert.Contains("all that is in it is in use", full.Message, StringComparison.Ordinal);
        await using var patient = Open(Size);
        var waiting = patient.RentAsync(objects[1], Ct);
        Assert.False(waiting.IsCompleted);
        held.Dispose();
        (await waiting).Dispose();
        Assert.Equal([objects[1].Sha256], Names());
    }

    [Fact]
    public async Task An_object_larger_than_the_cache_is_refused_with_both_sizes()
    {
        var what = await PutAsync("a");
        await using var cache = Open(Size - 1);
        var e = await Assert.ThrowsAsync<StorageException>(() => cache.RentAsync(what, Ct));
        Assert.Contains("'a' of", e.Message, StringComparison.Ordinal);
        Assert.Contains("has 1000 bytes", e.Message, StringComparison.Ordinal);
        Assert.Contains("999", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(Size, "its SHA-256 is")]
    [InlineData(Size - 1, "it ends after 999 of 1000 bytes")]
    [InlineData(Size + 1, "it is longer than its 1000 bytes")]
    public async Task A_damaged_object_is_fetched_once_more_and_then_named(int bytes, string says)
    {
        var what = await PutAsync("a");
        await _origin.PutAsync("a", new byte[bytes], Ct);
        await using var cache = Open(10 * Size);
        var e = await Assert.ThrowsAsync<StorageException>(() => cache.RentAsync(what, Ct));
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.Contains("'a' of", e.Message, StringComparison.Ordinal);
        Assert.Equal(2, cache.Fetches);
        Assert.Empty(Names());

        await _origin.PutAsync("a", Content("a"), Ct);
        (await cache.RentAsync(what, Ct)).Dispose();
    }

    [Fact]
    public async Task Damage_on_the_way_is_healed_by_the_second_fetch()
    {
        var what = await PutAsync("a");
        _origin.SpoilNext = 1;
        await using var cache = Open(10 * Size);
        using var held = await cache.RentAsync(what, Ct);
        Assert.Equal(Content("a"), await File.ReadAllBytesAsync(held.Path, Ct));
        Assert.Equal(2, cache.Fetches);
    }

    [Fact]
    public async Task A_file_that_was_spoilt_in_the_folder_is_not_believed()
    {
        var what = await PutAsync("a");
        await using (var cache = Open(10 * Size))
        {
            (await cache.RentAsync(what, Ct)).Dispose();
        }

        await File.WriteAllBytesAsync(Path.Combine(Cache, what.Sha256), new byte[Size], Ct);
        await using var again = Open(10 * Size);
        using var held = await again.RentAsync(what, Ct);
        Assert.Equal(Content("a"), await File.ReadAllBytesAsync(held.Path, Ct));
        Assert.Equal(1, again.Fetches);
    }

    [Fact]
    public async Task Leftovers_of_the_dead_make_room_and_those_of_the_living_count()
    {
        var objects = await PutManyAsync(2);
        Directory.CreateDirectory(Cache);
        await File.WriteAllBytesAsync(Path.Combine(Cache, ".tmp-dead"), new byte[Size], Ct);
        await using var cache = Open(2 * Size);
        (await cache.RentAsync(objects[0], Ct)).Dispose();
        Assert.False(File.Exists(Path.Combine(Cache, ".tmp-dead")));
        await using var living = new FileStream(
            Path.Combine(Cache, ".tmp-living"), FileMode.Create, FileAccess.ReadWrite, FileShare.None);
        living.SetLength(Size);
        (await cache.RentAsync(objects[1], Ct)).Dispose();
        Assert.Equal([".tmp-living", objects[1].Sha256], Names());
    }

    [Fact]
    public async Task What_is_expected_is_there_when_it_is_wanted_and_no_more_than_half_the_cache_at_a_time()
    {
        var objects = await PutManyAsync(4);
        _origin.Gate = new TaskCompletionSource();
        await using var cache = Open(4 * Size);
        Array.ForEach(objects, cache.Expect);
        var wanted = objects[..2].Select(what => cache.RentAsync(what, Ct)).ToArray();
        _origin.Gate.SetResult();
        Array.ForEach(await Task.WhenAll(wanted), held => held.Dispose());
        Assert.Equal(2, cache.Fetches);
        Assert.Equal(Sorted(objects[..2]), Names());
    }

    [Fact]
    public async Task Disposing_abandons_what_is_on_its_way_and_leaves_nothing()
    {
        var what = await PutAsync("a");
        _origin.Gate = new TaskCompletionSource();
        var cache = Open(4 * Size);
        var waiting = cache.RentAsync(what, Ct);
        await cache.DisposeAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);
        Assert.Empty(Names());
        await Assert.ThrowsAnyAsync<ObjectDisposedException>(() => cache.RentAsync(what, Ct));
    }

    [Fact]
    public async Task A_store_that_fails_is_heard_of()
    {
        var what = await PutAsync("a");
        await _origin.DeleteAsync("a", Ct);
        await using var cache = Open(4 * Size);
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => cache.RentAsync(what, Ct));
        var file = Path.Combine(_folder["."], "a file");
        await File.WriteAllTextAsync(file, "", Ct);
        var e = Assert.Throws<StorageException>(() => new ObjectCache(_origin, file, Size, TimeProvider.System));
        Assert.Contains("cache folder", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_store_that_is_away_is_waited_for_and_one_that_lacks_the_object_is_not()
    {
        var what = await PutAsync("a");
        var clock = new ManualClock();
        var patience = new StorePatience(
            TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(4));
        await using var cache = new ObjectCache(_origin, Cache, 4 * Size, clock);
        var told = new List<string>();
        _origin.Away = true;
        var waiting = RentAsync(what, Ct);
        await PauseAsync(1, 2);
        await clock.TimerSetAsync(TimeSpan.FromSeconds(4), Ct);
        _origin.Away = false;
        clock.Advance(TimeSpan.FromSeconds(4));
        (await waiting).Dispose();
        Assert.Equal(4, cache.Fetches);
        Assert.Equal(["nobody answers; trying again for 1 minutes"], told);

        // For too long.
        var other = await PutAsync("b");
        _origin.Away = true;
        waiting = RentAsync(other, Ct);
        await PauseAsync([1, 2, .. Enumerable.Repeat(4, 14)]);
        var e = await Assert.ThrowsAsync<StorageException>(() => waiting);
        Assert.True(e.MayPass);

        // A wait is let go when it is not wanted any more.
        using var stop = new CancellationTokenSource();
        waiting = RentAsync(other, stop.Token);
        await clock.TimerSetAsync(TimeSpan.FromSeconds(1), Ct);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiting);

        _origin.Away = false;
        await _origin.DeleteAsync("b", Ct);
        await Assert.ThrowsAsync<ObjectNotFoundException>(() => RentAsync(other, Ct));

        Task<CachedObject> RentAsync(ObjectDigest wanted, CancellationToken ct) =>
            patience.TryAsync(again => cache.RentAsync(wanted, again), clock, told.Add, ct);

        async Task PauseAsync(params int[] seconds)
        {
            foreach (var pause in seconds)
            {
                await clock.TimerSetAsync(TimeSpan.FromSeconds(pause), Ct);
                clock.Advance(TimeSpan.FromSeconds(pause));
            }
        }
    }

    private ObjectCache Open(long bytes) => new(_origin, Cache, bytes, TimeProvider.System);

    private long Held() => new DirectoryInfo(Cache).EnumerateFiles().Sum(f => f.Length);

    private IEnumerable<string> Names() => new DirectoryInfo(Cache).EnumerateFiles().Select(f => f.Name)
        .Where(name => name != ".lock").Order(StringComparer.Ordinal);

    private static IEnumerable<string> Sorted(params ObjectDigest[] objects) =>
        objects.Select(what => what.Sha256).Order(StringComparer.Ordinal);

    private async Task<ObjectDigest[]> PutManyAsync(int count)
    {
        var objects = new ObjectDigest[count];
        for (var i = 0; i < count; i++)
        {
            objects[i] = await PutAsync($"object-{i}");
        }

        return objects;
    }

    private async Task<ObjectDigest> PutAsync(string key)
    {
        await _origin.PutAsync(key, Content(key), Ct);
        return new ObjectDigest(key, Size, Convert.ToHexStringLower(SHA256.HashData(Content(key))));
    }

    private static byte[] Content(string key)
    {
        var bytes = new byte[Size];
        Encoding.UTF8.GetBytes(key).CopyTo(bytes, 0);
        return bytes;
    }

    /// <summary>A directory that can be held up and can spoil what it gives.</summary>
    private sealed class Origin(string folder) : IObjectStore
    {
        private readonly IObjectStore _inner = ObjectStores.Open(folder, new ObjectStoreOptions());

        public TaskCompletionSource? Gate { get; set; }

        /// <summary>Set when somebody stands at the gate.</summary>
        public TaskCompletionSource Waiting { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public int SpoilNext { get; set; }

        /// <summary>As a server that cannot be reached.</summary>
        public bool Away { get; set; }

        public string Location => _inner.Location;

        public Task PutAsync(string key, Func<Stream, CancellationToken, Task> write, CancellationToken ct) =>
            _inner.PutAsync(key, write, ct);

        public async Task<Stream> OpenReadAsync(string key, CancellationToken ct)
        {
            if (Gate is { } gate)
            {
                Waiting.TrySetResult();
                await gate.Task.WaitAsync(ct);
            }

            if (Away)
            {
                throw new StorageException("nobody answers") { MayPass = true };
            }

            if (SpoilNext-- > 0)
            {
                return new MemoryStream(new byte[Size]);
            }

            return await _inner.OpenReadAsync(key, ct);
        }

        public Task<StoredObject?> FindAsync(string key, CancellationToken ct) => _inner.FindAsync(key, ct);

        public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken ct) =>
            _inner.ListAsync(prefix, ct);

        public Task DeleteAsync(string key, CancellationToken ct) => _inner.DeleteAsync(key, ct);

        public Task DeleteLeftoversAsync(string prefix, CancellationToken ct) =>
            _inner.DeleteLeftoversAsync(prefix, ct);

        public void Dispose() => _inner.Dispose();
    }
}

using Colony.Testing;

namespace Colony.Storage.Tests;

/// <summary>Cuts a checkpoint at every file and at many bytes: a half-written one is never taken for whole.</summary>
public sealed class DamageTests : IDisposable
{
    private const int Cuts = 24;

    private readonly TemporaryFolder _folder = new();
    private readonly IObjectStore _store;
    private readonly CheckpointCatalog _catalog;

    public DamageTests()
    {
        _store = ObjectStores.Open(_folder.Path, new ObjectStoreOptions());
        _catalog = new CheckpointCatalog(_store);
    }

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task A_newest_checkpoint_that_is_cut_or_incomplete_gives_way_to_the_one_before()
    {
        await Checkpoints.CommitAsync(_store, 10, 3);
        await Checkpoints.CommitAsync(_store, 20, 3);
        var tried = 0;
        foreach (var path in Directory.GetFiles(_folder["checkpoints", "step-00000020"]).Order(StringComparer.Ordinal))
        {
            var whole = await File.ReadAllBytesAsync(path, Ct);
            foreach (var cut in CutsOf(whole.Length))
            {
                await SetAsync(path, cut is { } length ? whole[..length] : null);
                Assert.Equal(10, (await _catalog.LatestAsync(Ct))!.Step);
                await Assert.ThrowsAnyAsync<StorageException>(() => ReadWholeAsync(20));
                tried++;
            }

            await SetAsync(path, whole);
            Assert.Equal(20, (await _catalog.LatestAsync(Ct))!.Step);
        }

        Assert.True(tried > 4 * 20, $"{tried} cuts");
    }

    [Fact]
    public async Task The_only_checkpoint_when_cut_is_never_taken()
    {
        await Checkpoints.CommitAsync(_store, 20, 2);
        foreach (var path in Directory.GetFiles(_folder["checkpoints", "step-00000020"]))
        {
            var whole = await File.ReadAllBytesAsync(path, Ct);
            foreach (var cut in CutsOf(whole.Length))
            {
                await SetAsync(path, cut is { } length ? whole[..length] : null);
                if (cut is null && path.EndsWith("manifest.json", StringComparison.Ordinal))
                {
                    Assert.Null(await _catalog.LatestAsync(Ct)); // never committed
                }
                else
                {
                    var e = await Assert.ThrowsAsync<CheckpointException>(() => _catalog.LatestAsync(Ct));
                    Assert.Contains("none of the 1 checkpoints", e.Message, StringComparison.Ordinal);
                }
            }

            await SetAsync(path, whole);
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("""{"step": 999}""")]
    [InlineData("""{"step": 10}""")]
    [InlineData("""{"step": "20"}""")]
    [InlineData("null")]
    public async Task Whatever_latest_says_the_newest_whole_checkpoint_is_found_with_its_hashes_checked(string? pointer)
    {
        await Checkpoints.CommitAsync(_store, 10, 1);
        await Checkpoints.CommitAsync(_store, 20, 1);
        await SetAsync(
            _folder["checkpoints", "latest"], pointer is null ? null : System.Text.Encoding.UTF8.GetBytes(pointer));
        Assert.Equal(20, (await _catalog.LatestAsync(Ct))!.Step);

        // Same size, other bytes: only a hash tells, and without a pointer that vouches it is looked at.
        var path = _folder["checkpoints", "step-00000020", "part-0-of-1.safetensors"];
        var bytes = await File.ReadAllBytesAsync(path, Ct);
        bytes[^1] ^= 1;
        await SetAsync(path, bytes);
        Assert.Equal(10, (await _catalog.LatestAsync(Ct))!.Step);
    }

    [Fact]
    public async Task A_write_cut_off_at_any_object_leaves_the_checkpoint_before_or_the_whole_new_one()
    {
        // The writes of a checkpoint, in order: parts, manifest, latest. Cut after each.
        for (var allowed = 0; allowed <= 4; allowed++)
        {
            using var folder = new TemporaryFolder();
            using var store = ObjectStores.Open(folder.Path, new ObjectStoreOptions());
            await Checkpoints.CommitAsync(store, 10, 2);
            using var failing = new FailingStore(store, allowed);
            if (allowed < 4)
            {
                await Assert.ThrowsAsync<IOException>(() => Checkpoints.CommitAsync(failing, 20, 2));
            }
            else
            {
                await Checkpoints.CommitAsync(failing, 20, 2);
            }

            var latest = await new CheckpointCatalog(store).LatestAsync(Ct);
            Assert.Equal(allowed < 3 ? 10 : 20, latest!.Step);
            await new CheckpointCatalog(store).VerifyAsync(latest.Step, Ct);
        }
    }

    private static IEnumerable<int?> CutsOf(int length)
    {
        yield return null;
        for (var i = 0; i < Cuts; i++)
        {
            yield return (int)((long)length * i / Cuts);
        }

        yield return length - 1;
    }

    private static async Task SetAsync(string path, byte[]? content)
    {
        if (content is null)
        {
            File.Delete(path);
        }
        else
        {
            await File.WriteAllBytesAsync(path, content, Ct);
        }
    }

    private async Task ReadWholeAsync(long step) =>
        await (await _catalog.OpenAsync(step, Ct)).LoadAsync(_ => null, Ct);

    /// <summary>Fails every put after some.</summary>
    private sealed class FailingStore(IObjectStore inner, int allowed) : IObjectStore
    {
        private int _left = allowed;

        public string Location => inner.Location;

        public Task PutAsync(string key, Func<Stream, CancellationToken, Task> write, CancellationToken ct) =>
            Interlocked.Decrement(ref _left) < 0
                ? Task.FromException(new IOException("the power is gone"))
                : inner.PutAsync(key, write, ct);

        public Task<Stream> OpenReadAsync(string key, CancellationToken ct) => inner.OpenReadAsync(key, ct);

        public Task<StoredObject?> FindAsync(string key, CancellationToken ct) => inner.FindAsync(key, ct);

        public IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken ct) =>
            inner.ListAsync(prefix, ct);

        public Task DeleteAsync(string key, CancellationToken ct) => inner.DeleteAsync(key, ct);

        public Task DeleteLeftoversAsync(string prefix, CancellationToken ct) => inner.DeleteLeftoversAsync(prefix, ct);

        public void Dispose()
        {
            // The inner store is the test's.
        }
    }
}

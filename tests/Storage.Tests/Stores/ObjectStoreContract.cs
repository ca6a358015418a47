using System.Text;
using Colony.Testing;

namespace Colony.Storage.Tests;

/// <summary>What every store must do; run against a directory and against a real S3 server.</summary>
public abstract class ObjectStoreContract : IAsyncLifetime
{
    protected static CancellationToken Ct => TestContext.Current.CancellationToken;

    protected TemporaryFolder Folder { get; } = new();

    private protected IObjectStore Store { get; private set; } = null!;

    public async ValueTask InitializeAsync() => Store = await OpenAsync();

    public ValueTask DisposeAsync()
    {
        Store?.Dispose();
        Folder.Dispose();
        GC.SuppressFinalize(this);
        return ValueTask.CompletedTask;
    }

    [Fact]
    public async Task What_is_put_can_be_read_found_listed_and_deleted()
    {
        await Store.PutAsync("a/b.txt", Text("hello"), Ct);
        Assert.Equal("hello", Encoding.UTF8.GetString(await Store.ReadAllAsync("a/b.txt", 100, Ct)));
        Assert.Equal(new StoredObject("a/b.txt", 5), await Store.FindAsync("a/b.txt", Ct));
        Assert.True(await Store.ExistsAsync("a/b.txt", Ct));
        Assert.Equal([new StoredObject("a/b.txt", 5)], await List("a/"));

        await Store.DeleteAsync("a/b.txt", Ct);
        await Store.DeleteAsync("a/b.txt", Ct);
        Assert.False(await Store.ExistsAsync("a/b.txt", Ct));
        Assert.Empty(await List(""));
        var e = await Assert.ThrowsAsync<ObjectNotFoundException>(() => Store.OpenReadAsync("a/b.txt", Ct));
        Assert.Equal("a/b.txt", e.Key);
        Assert.Contains(Store.Location, e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_second_put_replaces_the_first_and_an_empty_one_is_an_object_too()
    {
        await Store.PutAsync("x", Text("long enough"), Ct);
        await Store.PutAsync("x", new MemoryStream(), Ct);
        Assert.Equal(0, (await Store.FindAsync("x", Ct))!.Bytes);
        Assert.Empty(await Store.ReadAllAsync("x", 0, Ct));
    }

    [Fact]
    public async Task A_listing_is_by_prefix()
    {
        string[] keys = ["s/10", "s/2", "s/B", "s/a", "s-2/x", "t", "s/größe 語"];
        foreach (var key in keys)
        {
            await Store.PutAsync(key, Text(key), Ct);
        }

        Assert.Equal(
            ["s/10", "s/2", "s/B", "s/a", "s/größe 語"],
            (await List("s/")).Select(o => o.Key).Order(StringComparer.Ordinal));
        Assert.Equal(["s/10"], (await List("s/1")).Select(o => o.Key));
        Assert.Equal(
            keys.Order(StringComparer.Ordinal), (await List("")).Select(o => o.Key).Order(StringComparer.Ordinal));
        Assert.Empty(await List("nothing/"));
    }

    [Fact]
    public async Task A_put_that_fails_on_the_way_leaves_the_old_object_and_nothing_else()
    {
        await Store.PutAsync("x", Text("old"), Ct);
        await Assert.ThrowsAsync<InvalidDataException>(() => Store.PutAsync(
            "x",
            async (stream, ct) =>
            {
                await stream.WriteAsync(new byte[3 * PartBytes + 7], ct);
                throw new InvalidDataException();
            },
            Ct));
        using var cancelled = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.PutAsync(
            "x",
            async (stream, ct) =>
            {
                await stream.WriteAsync(new byte[2 * PartBytes], ct);
                await cancelled.CancelAsync();
                ct.ThrowIfCancellationRequested();
            },
            cancelled.Token));
        Assert.Equal([new StoredObject("x", 3)], await List(""));
        Assert.Equal("old", Encoding.UTF8.GetString(await Store.ReadAllAsync("x", 3, Ct)));
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(0)]
    [InlineData(1)]
    public async Task Long_objects_come_back_whole_around_the_size_of_a_part(int more)
    {
        foreach (var parts in new[] { 1, 2 })
        {
            var content = new byte[(parts * PartBytes) + more];
            new Random(parts).NextBytes(content);
            await Store.PutAsync("long", new MemoryStream(content), Ct);
            Assert.Equal(content, await Store.ReadAllAsync("long", content.Length, Ct));
        }
    }

    [Fact]
    public async Task An_object_longer_than_allowed_is_not_taken()
    {
        await Store.PutAsync("x", Text("hello"), Ct);
        var e = await Assert.ThrowsAsync<StorageException>(() => Store.ReadAllAsync("x", 4, Ct));
        Assert.Contains("longer than the 4 bytes", e.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/etc/passwd")]
    [InlineData("../x")]
    [InlineData("a/../../x")]
    [InlineData("a//b")]
    [InlineData("a/")]
    [InlineData(".")]
    [InlineData("a\\b")]
    [InlineData("a\nb")]
    [InlineData(".tmp-x")]
    public async Task A_key_that_could_lead_elsewhere_is_refused(string key)
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.PutAsync(key, Text(""), Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.OpenReadAsync(key, Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.FindAsync(key, Ct));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.DeleteAsync(key, Ct));
    }

    protected const int PartBytes = 5 * 1024 * 1024;

    protected static ReadOnlyMemory<byte> Text(string text) => Encoding.UTF8.GetBytes(text);

    private protected async Task<List<StoredObject>> List(string prefix) =>
        await Store.ListAsync(prefix, Ct).ToListAsync(Ct);

    private protected abstract Task<IObjectStore> OpenAsync();
}

using Colony.Testing;

namespace Colony.Storage.Tests;

public sealed class S3StoreTests(S3Server server) : ObjectStoreContract, IClassFixture<S3Server>
{
    private readonly string _prefix = "runs/" + Guid.NewGuid().ToString("N");

    private protected override Task<IObjectStore> OpenAsync() =>
        Task.FromResult<IObjectStore>(new S3Store(S3Server.Bucket, _prefix, server.Options(), PartBytes));

    [Fact]
    public async Task An_address_opens_a_bucket_and_a_checkpoint_goes_through_it_whole()
    {
        using var store = ObjectStores.Open($"s3://{S3Server.Bucket}/{_prefix}", server.Options());
        var catalog = new CheckpointCatalog(store);
        foreach (var step in new[] { 10, 20, 30 })
        {
            await Checkpoints.CommitAsync(store, step, parts: 2);
        }

        Assert.Equal(30, (await catalog.LatestAsync(Ct))!.Step);
        await catalog.VerifyAsync(30, Ct);
        var reader = await catalog.OpenAsync(20, Ct);
        var tensors = await reader.ReadAsync(_ => true, Ct);
        Assert.Equal(
            Checkpoints.TensorsOf(20).Select(t => t.Name).Order(StringComparer.Ordinal), tensors.Select(t => t.Name));
        Assert.Equal([10, 20], await catalog.RetainAsync(1, 0, Ct));
        Assert.All(
            await List("checkpoints/step-"), o => Assert.Contains("step-00000030/", o.Key, StringComparison.Ordinal));
    }

    [Fact]
    public async Task Two_prefixes_of_one_bucket_do_not_see_each_other()
    {
        using var other = new S3Store(S3Server.Bucket, _prefix + "-b", server.Options());
        await Store.PutAsync("x", Text("a"), Ct);
        await other.PutAsync("x", Text("bb"), Ct);
        Assert.Equal([new StoredObject("x", 1)], await List(""));
        Assert.Equal(2, (await other.FindAsync("x", Ct))!.Bytes);
    }

    [Fact]
    public async Task More_objects_than_a_page_are_all_listed()
    {
        string[] keys = [.. Enumerable.Range(0, 23).Select(i => $"many/{i:D4}")];
        await Parallel.ForEachAsync(keys, Ct, async (key, ct) => await Store.PutAsync(key, Text("x"), ct));
        using var paged = new S3Store(S3Server.Bucket, _prefix, server.Options(), PartBytes, pageKeys: 5);
        var listed = await paged.ListAsync("many/", Ct).ToListAsync(Ct);
        Assert.Equal(keys, listed.Select(o => o.Key).Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task A_missing_bucket_is_told_with_its_cure()
    {
        using var store = new S3Store("no-such-bucket", "", server.Options());
        await Told(() => store.PutAsync("x", Text("x"), Ct));
        await Told(() => store.OpenReadAsync("x", Ct));
        await Told(() => store.FindAsync("x", Ct));
        await Told(() => store.ListAsync("", Ct).ToListAsync(Ct).AsTask());

        static async Task Told(Func<Task> act) => Assert.Contains(
            "there is no bucket 'no-such-bucket' at http://127.0.0.1",
            (await Assert.ThrowsAsync<StorageException>(act)).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_unknown_key_is_told_with_its_cure()
    {
        using var store = new S3Store(S3Server.Bucket, _prefix, server.Options() with { S3AccessKey = "nobody" });
        var e = await Assert.ThrowsAsync<StorageException>(() => store.PutAsync("x", Text("x"), Ct));
        Assert.Contains("AWS_ACCESS_KEY_ID", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public async Task A_server_that_is_not_there_is_told_with_its_cure()
    {
        // Port 1 is nobody's: the connection is refused at once.
        var options = server.Options() with { S3Endpoint = new Uri("http://127.0.0.1:1") };
        using var store = new S3Store(S3Server.Bucket, _prefix, options);
        var e = await Assert.ThrowsAsync<StorageException>(() => store.OpenReadAsync("x", Ct));
        Assert.Contains("http://127.0.0.1:1 cannot be reached", e.Message, StringComparison.Ordinal);
        Assert.Contains("COLONY_S3_ENDPOINT", e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Fact]
    public async Task Sweeping_leftovers_asks_a_server_that_cannot_and_goes_on() =>
        await Store.DeleteLeftoversAsync("checkpoints/", Ct);
}

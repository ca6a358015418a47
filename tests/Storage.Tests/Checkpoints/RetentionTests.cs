using Colony.Testing;

namespace Colony.Storage.Tests;

public sealed class RetentionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly IObjectStore _store;
    private readonly CheckpointCatalog _catalog;

    public RetentionTests()
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
    public async Task The_last_and_the_best_stay_and_the_rest_goes()
    {
        double[] rsums = [100, 500, 200, 400, 300, 50];
        for (var i = 0; i < rsums.Length; i++)
        {
            await Checkpoints.CommitAsync(_store, i + 1, 2);
            await _catalog.MarkBestAsync(i + 1, Checkpoints.Evaluation(rsums[i]), Ct);
        }

        Assert.Equal([1, 3], await _catalog.RetainAsync(keepLast: 2, keepBest: 2, Ct));
        Assert.Equal([2, 4, 5, 6], (await _catalog.ListAsync(Ct)).Select(e => e.Step));
        Assert.Equal([4, 5], await _catalog.RetainAsync(keepLast: 1, keepBest: 0, Ct)); // best is pointed to
        Assert.Equal([2, 6], Folders());
        Assert.Equal(2, (await _catalog.BestAsync(Ct))!.Step);
        Assert.Equal(6, (await _catalog.LatestAsync(Ct))!.Step);
        Assert.Empty(await _catalog.RetainAsync(1, 0, Ct));
    }

    [Fact]
    public async Task What_was_never_committed_goes_when_two_newer_ones_are_whole()
    {
        await Checkpoints.WritePartsAsync(_store, 5, 2);
        await Checkpoints.CommitAsync(_store, 10, 2);
        await Checkpoints.WritePartsAsync(_store, 15, 2);
        await File.WriteAllTextAsync(_folder["checkpoints", "step-00000005", ".tmp-abc"], "half", Ct);

        // A part of the first may still be on its way while the second is complete, but hardly for one more.
        Assert.Empty(await _catalog.RetainAsync(1, 0, Ct));
        await Checkpoints.CommitAsync(_store, 20, 2);
        Assert.Equal([5, 10], await _catalog.RetainAsync(1, 0, Ct));
        Assert.Equal([15, 20], Folders());
    }

    [Fact]
    public async Task The_only_good_one_stays_though_newer_ones_look_whole()
    {
        foreach (var step in new[] { 1, 2, 3, 4 })
        {
            await Checkpoints.CommitAsync(_store, step, 1);
        }

        // Same sizes, other bytes, in all but the second.
        foreach (var step in new[] { 1, 3, 4 })
        {
            var path = _folder["checkpoints", $"step-{step:D8}", "part-0-of-1.safetensors"];
            var bytes = await File.ReadAllBytesAsync(path, Ct);
            bytes[^1] ^= 1;
            await File.WriteAllBytesAsync(path, bytes, Ct);
        }

        var gone = await _catalog.RetainAsync(1, 0, Ct);
        Assert.DoesNotContain(2, gone);
        await _catalog.VerifyAsync(2, Ct);

        // And when none is good, nothing goes.
        var last = _folder["checkpoints", "step-00000002", "part-0-of-1.safetensors"];
        File.Delete(last);
        Assert.Empty(await new CheckpointCatalog(_store).RetainAsync(1, 0, Ct));
    }

    [Fact]
    public async Task Random_histories_never_lose_the_pointed_or_the_last_good()
    {
        var random = new Random(7);
        for (var round = 0; round < 5; round++)
        {
            using var folder = new TemporaryFolder();
            using var store = ObjectStores.Open(folder.Path, new ObjectStoreOptions());
            var catalog = new CheckpointCatalog(store);
            for (var step = 1; step < 12; step++)
            {
                await Checkpoints.WritePartsAsync(store, step, 1);
                if (random.Next(3) == 0)
                {
                    continue; // never committed
                }

                await Checkpoints.CommitAsync(store, step, 1);
                if (random.Next(2) == 0)
                {
                    await catalog.MarkBestAsync(step, Checkpoints.Evaluation(random.Next(5)), Ct);
                }

                var best = await catalog.BestAsync(Ct);
                await catalog.RetainAsync(random.Next(1, 4), random.Next(0, 3), Ct);
                Assert.Equal(step, (await catalog.LatestAsync(Ct))!.Step);
                Assert.Equal(best?.Step, (await catalog.BestAsync(Ct))?.Step);
                Assert.All(await catalog.ListAsync(Ct), entry => Assert.Null(entry.Problem));
            }
        }
    }

    private IEnumerable<int> Folders() => Directory.GetDirectories(_folder["checkpoints"])
        .Select(
            d => int.Parse(Path.GetFileName(d)["step-".Length..], System.Globalization.CultureInfo.InvariantCulture))
        .Order();
}

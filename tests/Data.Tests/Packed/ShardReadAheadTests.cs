namespace Colony.Data.Tests;

public sealed class ShardReadAheadTests : IDisposable
{
    private readonly PackedWorld _world = new();

    public void Dispose() => _world.Dispose();

    [Fact]
    public void Shards_are_fetched_once_an_epoch_in_the_order_in_which_they_are_told_of()
    {
        var fetched = new List<int>();
        var ahead = Ahead((shard, _) => fetched.Add(shard));
        int[] epoch = [4, 0, 5, 1, 4, 0, 1, 5, 2, 3, 3, 2];
        foreach (var image in epoch.Concat(epoch.Reverse()))
        {
            ahead.Expect(image);
        }

        Await(ahead);
        ahead.Dispose();
        Assert.Equal([2, 0, 1, 1, 2, 0], fetched);
    }

    [Fact]
    public void An_epoch_of_which_this_process_had_a_part_is_followed_by_another()
    {
        var fetched = new List<int>();
        using var ahead = Ahead((shard, _) => fetched.Add(shard));
        foreach (var image in (int[])[0, 0, 1, /* the other caption of 1 was somebody else's */ 0, 0, 1, 1])
        {
            ahead.Expect(image);
        }

        Await(ahead);
        Assert.Equal([0, 0], fetched);
    }

    [Fact]
    public async Task Who_reads_a_shard_on_its_way_waits_for_it_and_can_let_go()
    {
        using var come = new ManualResetEventSlim();
        var arrived = false;
        using var ahead = Ahead((_, end) =>
        {
            come.Wait(end);
            arrived = true;
        });
        ahead.Expect(0);
        ahead.Await(2, TestContext.Current.CancellationToken);
        Assert.Throws<TaskCanceledException>(() => ahead.Await(0, new CancellationToken(canceled: true)));
        var waiting = Task.Run(() => ahead.Await(0, CancellationToken.None), TestContext.Current.CancellationToken);
        Assert.False(waiting.IsCompleted);
        come.Set();
        await waiting;
        Assert.True(arrived);
    }

    [Fact]
    public void What_cannot_be_fetched_is_no_error_before_it_is_read_and_does_not_keep_the_next_from_coming()
    {
        var fetched = new List<int>();
        using var ahead = Ahead((shard, _) =>
        {
            if (shard == 0)
            {
                throw new DataException("gone");
            }

            fetched.Add(shard);
        });
        ahead.Expect(0);
        ahead.Expect(2);
        Await(ahead);
        Assert.Equal([1], fetched);
    }

    [Fact]
    public void Disposing_ends_the_fetch_that_runs_and_drops_those_that_wait()
    {
        var fetched = new List<int>();
        using var begun = new ManualResetEventSlim();
        var ahead = Ahead((shard, end) =>
        {
            fetched.Add(shard);
            begun.Set();
            end.WaitHandle.WaitOne();
        });
        ahead.Expect(0);
        ahead.Expect(2);
        ahead.Expect(4);
        begun.Wait(TestContext.Current.CancellationToken);
        ahead.Dispose();
        ahead.Expect(1);
        ahead.Dispose();
        Assert.Equal([0], fetched);
    }

    [Fact]
    public async Task A_folder_by_shards_gives_what_the_source_gives_and_names_a_shard_that_went_away()
    {
        var source = _world.Precomp();
        var packed = await _world.PackAsync(source, perShard: 1) with { Order = "sharded" };
        using (var data = Datasets.Open(packed, "train"))
        {
            Assert.False(data.IsAtHand);
            data.Expect([.. Enumerable.Range(0, data.Samples)]);
            data.Expect([.. Enumerable.Range(0, data.Samples).Reverse()]);
            PackedWorld.AssertSame(source, packed, "train");
            using var one = Datasets.Open(source, "train");
            int[] samples = [7, 0, 3, 7];
            using var expected = one.Load(samples, TestContext.Current.CancellationToken);
            using var stored = data.Load(samples, TestContext.Current.CancellationToken);
            using var loaded = stored.To(default);
            Assert.True(expected["features"].bytes().Span.SequenceEqual(loaded["features"].bytes().Span));
        }

        using var other = Datasets.Open(packed, "train");
        File.Delete(Path.Combine(_world.PackPath, "train-00000.safetensors"));
        other.Expect([0]);
        var error = Assert.Throws<DataException>(() => other.Load([0], TestContext.Current.CancellationToken));
        Assert.Contains("train-00000.safetensors", error.Message, StringComparison.Ordinal);
    }

    // Three shards of two images with two captions each.
    private static ShardReadAhead Ahead(Action<int, CancellationToken> fetch)
        => new(fetch, new PackedRows([1, 1, 1, 1, 1, 1], [2, 2, 2]), [2, 2, 2], captionsPerImage: 2);

    private static void Await(ShardReadAhead ahead)
    {
        for (var shard = 0; shard < 3; shard++)
        {
            ahead.Await(shard, TestContext.Current.CancellationToken);
        }
    }
}

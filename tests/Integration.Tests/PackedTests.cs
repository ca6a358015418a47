using System.Text.Json;
using Colony.Testing;

namespace Colony.Integration.Tests;

/// <summary>Data packed into shards: the same weights as from its source, from a folder and from a real S3
/// server.</summary>
public sealed class PackedTests(SmallWorld world, S3Server server) : IClassFixture<S3Server>
{
    private const long CacheBytes = 300_000;

    /// <summary>Exit code of a role that cannot reach what it needs.</summary>
    private const int Unreachable = 3;

    [Fact]
    public async Task A_packed_folder_trains_to_the_weights_of_its_source()
    {
        string pack = world.Fresh();
        Ended packed = await ColonyProcess.RunAsync(
            "data", "pack", world.Job, "--out", pack, "--images-per-shard", "8");
        Assert.True(packed.Code == 0, packed.Error);
        Assert.Contains("3 splits, 200 images, 1000 captions in 26 shards", packed.Out, StringComparison.Ordinal);
        Ended whole = await ColonyProcess.RunAsync("data", "verify", pack);
        Assert.True(whole.Code == 0, whole.Error);

        RunFiles run = await TrainAsync(null, "2", pack);
        Assert.Equal(new RunFiles(await world.ReferenceAsync()).Sha, run.Sha);

        // By shards it is another order, which is the same for any number of workers, and every sample is used once.
        RunFiles two = await TrainAsync(null, "2", pack, "data.order=sharded", "data.window_shards=2");
        RunFiles three = await TrainAsync(null, "3", pack, "data.order=sharded", "data.window_shards=2");
        Assert.Equal(two.Sha, three.Sha);
        Assert.NotEqual(run.Sha, two.Sha);
        Assert.All(
            two.Report().GetProperty("ledger").EnumerateArray(),
            epoch => Assert.Equal(
                (SmallWorld.Samples, SmallWorld.Samples, 0, 0),
                (epoch.GetProperty("expected").GetInt32(), epoch.GetProperty("consumed").GetInt32(),
                    epoch.GetProperty("duplicates").GetInt32(), epoch.GetProperty("missing").GetInt32())));

        Ended again = await ColonyProcess.RunAsync("data", "pack", world.Job, "--out", pack);
        Refusal.IsOneLine(again, pack, "holds a finished pack", "--force");
        File.Delete(Path.Combine(pack, "index.json"));
        Refusal.IsOneLine(
            await ColonyProcess.RunAsync(
                "train", world.Job, "--out", world.Fresh(), "--set", "data.format=packed", "--set",
                $"data.path={pack}"),
            "index.json: there is no such file, so this is no finished pack");
    }

    [Fact]
    public async Task A_pack_in_a_bucket_trains_through_a_small_shared_cache_to_the_same_weights()
    {
        Dictionary<string, string> environment = Environment();
        string pack = await PackIntoBucketAsync("small", environment);
        string cache = world.Fresh();
        string[] bounded = [$"data.cache={cache}", $"data.cache_bytes={CacheBytes}"];

        RunFiles run = await TrainAsync(environment, "2", pack, bounded);

        Assert.Equal(new RunFiles(await world.ReferenceAsync()).Sha, run.Sha);
        long held = new DirectoryInfo(cache).EnumerateFiles().Sum(f => f.Length);
        Assert.InRange(held, 1, CacheBytes);

        Ended small = await ColonyProcess.RunAsync(
            environment, "train", world.Job, "--out", world.Fresh(), "--set", "data.format=packed", "--set",
            $"data.path={pack}", "--set", $"data.cache={cache}", "--set", "data.cache_bytes=1000");
        Refusal.IsOneLine(small, "data: cache_bytes is 1000, and the largest file of", pack);
    }

    [Fact]
    public async Task A_run_waits_for_a_server_that_is_away_and_ends_with_the_same_weights()
    {
        Dictionary<string, string> environment = Environment();
        string pack = await PackIntoBucketAsync("away", environment);
        var run = new RunFiles(world.Fresh());
        await using ColonyProcess training = ColonyProcess.Start(
            [
                "train", world.Job, "--out", run.Folder, "--set", "data.format=packed", "--set", $"data.path={pack}",
                "--set", $"data.cache={world.Fresh()}", "--set", $"data.cache_bytes={CacheBytes}",
            ],
            environment);
        await run.StepAsync(5, training);

        // Those who step wait for their shards; one that starts again finds no data at all.
        await server.StopAsync();
        try
        {
            JsonElement started = await run.EventAsync("process_started", e => Is(e, "process", "worker-1"), training);
            Signals.Send(started.GetProperty("pid").GetInt32(), Signals.Kill);
            JsonElement ended = await run.EventAsync(
                "process_ended",
                e => Is(e, "process", "worker-1") && e.GetProperty("exit_code").GetInt32() == Unreachable,
                training);
            Assert.Contains("cannot be reached", ended.GetProperty("reason").GetString(), StringComparison.Ordinal);
        }
        finally
        {
            await server.RestartAsync(TestContext.Current.CancellationToken);
        }

        Ended whole = await training.EndAsync();
        Assert.True(whole.Code == 0, whole.Error + whole.Out);
        Assert.Equal(new RunFiles(await world.ReferenceAsync()).Sha, run.Sha);
    }

    private static bool Is(JsonElement e, string key, string value) => e.GetProperty(key).GetString() == value;

    private Dictionary<string, string> Environment() => new(StringComparer.Ordinal)
    {
        ["COLONY_S3_ENDPOINT"] = server.Endpoint.AbsoluteUri,
        ["AWS_ACCESS_KEY_ID"] = S3Server.Key,
        ["AWS_SECRET_ACCESS_KEY"] = S3Server.Key,
    };

    private async Task<string> PackIntoBucketAsync(string name, Dictionary<string, string> environment)
    {
        string pack = $"s3://{S3Server.Bucket}/packs/{name}";
        Ended packed = await ColonyProcess.RunAsync(
            environment, "data", "pack", world.Job, "--out", pack, "--images-per-shard", "8");
        Assert.True(packed.Code == 0, packed.Error);
        return pack;
    }

    private async Task<RunFiles> TrainAsync(
        IReadOnlyDictionary<string, string>? environment, string workers, string pack, params string[] sets)
    {
        var run = new RunFiles(world.Fresh());
        string[] arguments =
        [
            "train", world.Job, "--out", run.Folder, "--workers", workers, "--set", "data.format=packed", "--set",
            $"data.path={pack}", .. sets.SelectMany(set => new[] { "--set", set }),
        ];
        Ended ended = await ColonyProcess.RunAsync(
            environment ?? new Dictionary<string, string>(StringComparer.Ordinal), arguments);
        Assert.True(ended.Code == 0, ended.Error + ended.Out);
        return run;
    }
}

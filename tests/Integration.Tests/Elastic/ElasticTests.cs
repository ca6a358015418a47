using System.Text.Json;

namespace Colony.Integration.Tests;

/// <summary>Real processes that come, go, hang and die: one SHA-256, an exact ledger.</summary>
public sealed class ElasticTests(SmallWorld world)
{
    private const int Epochs = 16;
    private const long FinalStep = Epochs * SmallWorld.Steps / 2;

    private static string[] Longer(string job, params string[] overrides) =>
    [
        job, "--set", $"train.epochs={Epochs}", "--set", "workers.rejoin_ms=5000",
        .. overrides.SelectMany(o => new[] { "--set", o }),
    ];

    [Fact]
    public async Task Scaled_up_and_down_killed_and_hung_and_its_coordinator_killed_three_times()
    {
        string reference = await ReferenceAsync();
        await using var crew = new Crew(Longer(world.Job, "workers.count=2"), world.Fresh());
        crew.Add("a");
        crew.Add("b");
        await StepAsync(crew, 10);
        crew.Add("c");
        crew.Add("d");
        crew.Add("e");
        await WorkersAsync(crew, 5);

        await crew.ReplaceCoordinatorAsync();
        long step = await MoreAsync(crew, 5);
        crew.Remove("a", Signals.Kill);
        crew.Remove("b", Signals.Terminate);
        await WorkersAsync(crew, 3);

        await crew.ReplaceCoordinatorAsync();
        await MoreAsync(crew, 5);
        crew.Signal("c", Signals.Stop);
        await WorkersAsync(crew, 2);
        crew.Signal("c", Signals.Continue);
        await WorkersAsync(crew, 3);
        crew.Remove("d", Signals.Kill);
        crew.Remove("e", Signals.Kill);
        await WorkersAsync(crew, 1);

        crew.Add("f");
        crew.Add("g");
        crew.Add("h");
        await WorkersAsync(crew, 4);
        await crew.ReplaceCoordinatorAsync();
        await crew.EndAsync();

        Assert.Equal(reference, crew.Run.Sha);
        JsonElement report = crew.Run.Report();
        Assert.Equal(FinalStep, report.GetProperty("steps").GetInt64());
        Assert.Equal(Epochs, report.GetProperty("ledger").GetArrayLength());
        Assert.All(report.GetProperty("ledger").EnumerateArray(), e =>
        {
            Assert.Equal(SmallWorld.Samples, e.GetProperty("consumed").GetInt32());
            Assert.Equal(0, e.GetProperty("duplicates").GetInt32());
            Assert.Equal(0, e.GetProperty("missing").GetInt32());
        });
        Assert.True(step > 10);
    }

    [Fact]
    public async Task A_worker_whose_bits_flip_is_named_and_set_aside_and_the_weights_are_right()
    {
        string reference = await ReferenceAsync();
        await using var crew = new Crew(Longer(world.Job, "workers.count=3"), world.Fresh());
        crew.Add("a");
        crew.Add("b");
        crew.Add("bad", new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["COLONY_FAULT"] = "flip@optimizer:step=20",
        });
        JsonElement named = await crew.Run.EventAsync("digest_differs", null, crew.Coordinator);
        Assert.Equal("bad", named.GetProperty("worker").GetString());
        Assert.Equal(20, named.GetProperty("step").GetInt64());
        ColonyProcess bad = crew.Take("bad");
        Ended set = await bad.EndAsync();
        Assert.Equal(4, set.Code);
        Assert.Contains("set aside", set.Error, StringComparison.Ordinal);
        await crew.EndAsync();
        Assert.Equal(reference, crew.Run.Sha);
    }

    [Fact]
    public async Task Five_who_join_at_once_wait_their_turn_at_the_one_that_has_the_state()
    {
        string slow = string.Join(',', Enumerable.Range(5, 60).Select(
            step => FormattableString.Invariant($"delay=500@state_transfer:step={step}")));
        await using var crew = new Crew(Longer(world.Job, "workers.count=1"), world.Fresh());
        crew.Add("a", Armed.With(slow));
        await StepAsync(crew, 5);
        foreach (string name in new[] { "b", "c", "d", "e", "f" })
        {
            crew.Add(name);
        }

        await crew.EndAsync();
        Assert.Equal(await ReferenceAsync(), crew.Run.Sha);
        Assert.DoesNotContain(
            crew.Run.Events(), e => e.GetRawText().Contains("sending its state", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_second_coordinator_on_the_same_journal_is_refused()
    {
        await using var crew = new Crew(Longer(world.Job, "workers.count=1"), world.Fresh());
        crew.Add("a");
        await StepAsync(crew, 3);
        Ended second = await ColonyProcess.RunAsync(
            "coordinator", world.Job, "--set", $"train.epochs={Epochs}", "--out", crew.Run.Folder, "--resume");
        Assert.Equal(2, second.Code);
        Assert.Contains("another coordinator holds", Assert.Single(second.ErrorLines), StringComparison.Ordinal);
    }

    private async Task<string> ReferenceAsync()
    {
        var run = new RunFiles(world.Fresh());
        Ended ended = await ColonyProcess.RunAsync(
            ["train", .. Longer(world.Job), "--out", run.Folder, "--workers", "1"]);
        Assert.True(ended.Code == 0, ended.Error + ended.Out);
        return run.Sha;
    }

    private static Task<JsonElement> StepAsync(Crew crew, long step) => crew.Run.StepAsync(step, crew.Coordinator);

    // So many steps more than are committed now.
    private static async Task<long> MoreAsync(Crew crew, int steps)
    {
        long now = crew.Run.Events().Where(e => Is(e, "step")).Max(e => e.GetProperty("step").GetInt64());
        await StepAsync(crew, now + steps);
        return now + steps;
    }

    // A generation of so many workers is running, the newest that there is.
    private static Task<JsonElement> WorkersAsync(Crew crew, int count) => crew.Run.UntilAsync(
        () => crew.Run.Events().LastOrDefault(e => Is(e, "decision")) is { ValueKind: JsonValueKind.Object } last
            && last.GetProperty("reason").GetString()!.Contains($": {count} workers from", StringComparison.Ordinal)
                ? last
                : (JsonElement?)null,
        $"generation of {count} workers",
        crew.Coordinator);

    private static bool Is(JsonElement e, string name) =>
        string.Equals(e.GetProperty("event").GetString(), name, StringComparison.Ordinal);
}

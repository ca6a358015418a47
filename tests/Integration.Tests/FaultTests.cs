using System.Text.Json;

namespace Colony.Integration.Tests;

/// <summary>
/// Runs that are interrupted, resumed or robbed of a worker end with the bits of one that was left alone.
/// </summary>
public sealed class FaultTests(SmallWorld world)
{
    private const int Middle = 10;

    [Fact]
    public async Task An_interrupted_run_drains_and_resumes_to_the_same_weights()
    {
        string reference = new RunFiles(await world.ReferenceAsync()).Sha;
        var run = new RunFiles(world.Fresh());
        ColonyProcess train = ColonyProcess.Start(["train", world.Job, "--out", run.Folder]);
        await using (train)
        {
            await run.StepAsync(Middle, train);
            Signals.Send(train.Id, Signals.Interrupt);
            Ended drained = await train.EndAsync();
            Assert.True(drained.Code == 0, drained.Error + drained.Out);
        }

        Assert.Equal("drained", run.Report().GetProperty("outcome").GetString());
        Assert.InRange(run.Report().GetProperty("steps").GetInt32(), Middle, SmallWorld.Steps - 1);
        Ended verified = await ColonyProcess.RunAsync("checkpoint", "verify", run.Folder);
        Assert.True(verified.Code == 0, verified.Error);
        Assert.Contains($"step {run.Report().GetProperty("steps")}: whole", verified.Out, StringComparison.Ordinal);

        Ended refused = await ColonyProcess.RunAsync("train", world.Job, "--out", run.Folder);
        Assert.Equal(2, refused.Code);
        Assert.Contains("--resume", Assert.Single(refused.ErrorLines), StringComparison.Ordinal);

        // Resumed with another number of workers than it was left with.
        Ended resumed = await ColonyProcess.RunAsync(
            "train", world.Job, "--out", run.Folder, "--resume", "--workers", "1");
        Assert.True(resumed.Code == 0, resumed.Error + resumed.Out);
        Assert.Equal(reference, run.Sha);
        Assert.All(
            run.Report().GetProperty("ledger").EnumerateArray(),
            e => Assert.Equal(SmallWorld.Samples, e.GetProperty("consumed").GetInt32()));
        string page = await File.ReadAllTextAsync(
            Path.Combine(run.Folder, "report.html"), TestContext.Current.CancellationToken);
        Assert.Equal(("Loss", SmallWorld.Steps), Figures.Of(page).Select(f => (f.Title, f.Points[0])).First());
    }

    [Fact]
    public async Task A_killed_worker_is_replaced_and_the_weights_are_the_same()
    {
        string reference = new RunFiles(await world.ReferenceAsync()).Sha;
        var run = new RunFiles(world.Fresh());
        await using ColonyProcess train = ColonyProcess.Start(["train", world.Job, "--out", run.Folder]);
        await run.StepAsync(Middle, train);
        JsonElement started = await run.EventAsync(
            "process_started",
            e => string.Equals(e.GetProperty("process").GetString(), "worker-1", StringComparison.Ordinal),
            train);

        Signals.Send(started.GetProperty("pid").GetInt32(), Signals.Kill);
        Ended ended = await train.EndAsync();

        Assert.True(ended.Code == 0, ended.Error + ended.Out);
        Assert.Equal(reference, run.Sha);
        JsonElement recovery = run.Report().GetProperty("recoveries").EnumerateArray()
            .First(r => string.Equals(r.GetProperty("cause").GetString(), "death", StringComparison.Ordinal));
        Assert.True(recovery.GetProperty("step").GetInt32() >= Middle);
        Assert.True(recovery.GetProperty("seconds").GetDouble() > 0);
    }
}

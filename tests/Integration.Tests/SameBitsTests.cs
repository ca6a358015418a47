using System.Text.Json;

namespace Colony.Integration.Tests;

/// <summary>One job, one SHA-256, whoever computed it.</summary>
public sealed class SameBitsTests(SmallWorld world)
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task Every_number_of_workers_ends_with_the_same_weights(int workers)
    {
        string reference = new RunFiles(await world.ReferenceAsync()).Sha;
        var run = new RunFiles(world.Fresh());

        Ended ended = await ColonyProcess.RunAsync(
            "train", world.Job, "--out", run.Folder, "--workers", workers.ToString(
                System.Globalization.CultureInfo.InvariantCulture));

        Assert.True(ended.Code == 0, ended.Error + ended.Out);
        Assert.Equal(reference, run.Sha);
        Assert.Equal(workers, run.Report().GetProperty("workers").GetInt32());
        Assert.Contains($"consumed {SmallWorld.Samples}, duplicates 0, missing 0", ended.Out, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_report_has_every_field_and_an_exact_ledger()
    {
        JsonElement report = new RunFiles(await world.ReferenceAsync()).Report();

        Assert.Equal("small", report.GetProperty("job").GetString());
        Assert.Equal("completed", report.GetProperty("outcome").GetString());
        Assert.Equal(SmallWorld.Steps, report.GetProperty("steps").GetInt32());
        Assert.Equal(2, report.GetProperty("epochs").GetInt32());
        Assert.True(report.GetProperty("samples_per_second").GetDouble() > 0);
        Assert.True(report.GetProperty("wall_seconds").GetDouble() > 0);
        Assert.Matches("^[0-9a-f]{64}$", report.GetProperty("weights_sha256").GetString());
        Assert.Equal(0, report.GetProperty("recoveries").GetArrayLength());
        Assert.Equal(2, report.GetProperty("ledger").GetArrayLength());
        int epoch = 0;
        foreach (JsonElement account in report.GetProperty("ledger").EnumerateArray())
        {
            Assert.Equal(epoch++, account.GetProperty("epoch").GetInt32());
            Assert.Equal(SmallWorld.Samples, account.GetProperty("expected").GetInt32());
            Assert.Equal(SmallWorld.Samples, account.GetProperty("consumed").GetInt32());
            Assert.Equal(0, account.GetProperty("duplicates").GetInt32());
            Assert.Equal(0, account.GetProperty("missing").GetInt32());
        }
    }

    [Fact]
    public async Task Recall_in_the_report_adds_up()
    {
        JsonElement recall = new RunFiles(await world.ReferenceAsync()).Report().GetProperty("recall");

        double sum = 0;
        foreach (string direction in new[] { "i2t", "t2i" })
        {
            JsonElement d = recall.GetProperty(direction);
            double[] at = [.. new[] { "r1", "r5", "r10" }.Select(k => d.GetProperty(k).GetDouble())];
            Assert.True(at[0] <= at[1] && at[1] <= at[2] && at[2] <= 100, d.ToString());
            Assert.True(d.GetProperty("medr").GetDouble() >= 1);
            Assert.True(d.GetProperty("meanr").GetDouble() >= 1);
            sum += at.Sum();
        }

        Assert.Equal(sum, recall.GetProperty("rsum").GetDouble(), 6);
    }

    [Fact]
    public async Task The_last_step_is_measured_on_both_splits_and_dev_alone_says_which_checkpoint_is_best()
    {
        var files = new RunFiles(await world.ReferenceAsync());
        (long Step, string Split, double Rsum)[] judged =
        [
            .. files.Events().Where(e => e.GetProperty("event").GetString() == "evaluation").Select(e => (
                e.GetProperty("step").GetInt64(), e.GetProperty("split").GetString()!,
                e.GetProperty("rsum").GetDouble())),
        ];
        Assert.Equal(["dev", "test"], judged.Where(j => j.Step == SmallWorld.Steps).Select(j => j.Split));
        Assert.Single(judged, j => j.Split == "test");
        Assert.Equal(judged[^1].Rsum, files.Report().GetProperty("recall").GetProperty("rsum").GetDouble());

        // Steps between checkpoints are judged too, and cannot be pulled.
        (long Step, string Split, double Rsum) best = judged
            .Where(j => j.Split == "dev" && (j.Step % 8 == 0 || j.Step == SmallWorld.Steps)).MaxBy(j => j.Rsum);
        using JsonDocument pointer = JsonDocument.Parse(
            await File.ReadAllTextAsync(
                Path.Combine(files.Checkpoints, "best"), TestContext.Current.CancellationToken));
        Assert.Equal(best.Step, pointer.RootElement.GetProperty("step").GetInt64());
        Assert.Equal(best.Rsum, pointer.RootElement.GetProperty("rsum").GetDouble());
        Assert.DoesNotContain(files.Events(), e => e.GetProperty("event").GetString() == "best_failed");
    }
}

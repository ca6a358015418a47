using System.Globalization;
using System.Text.RegularExpressions;

namespace Colony.Integration.Tests;

/// <summary>A worker of many steps holds no more at its end than near its beginning.</summary>
public sealed partial class LeakTests(SmallWorld world)
{
    private const int Early = 500;
    private const int Late = 1950;
    private const double MayGrow = 1.10;

    [Fact]
    public async Task Two_thousand_steps_keep_tensors_and_memory()
    {
        Assert.SkipUnless(
            string.Equals(Environment.GetEnvironmentVariable("COLONY_SLOW"), "1", StringComparison.Ordinal),
            "Takes minutes; run with COLONY_SLOW=1.");
        var run = new RunFiles(world.Fresh());
        string[] sets =
        [
            "train.epochs=100", "train.max_steps=2000", "batch.size=8", "model.embed_size=16", "model.word_dim=8",
            "model.feedforward=16", "checkpoint.every_steps=400", "evaluate.every_steps=400",
        ];
        await using ColonyProcess train = ColonyProcess.Start(
            ["train", world.Job, "--out", run.Folder, "--workers", "1", .. sets.SelectMany(s => new[] { "--set", s })]);
        await run.StepAsync(Early, train);
        (double tensors, double bytes) = await ScrapeAsync(run);
        await run.StepAsync(Late, train);
        (double tensorsLate, double bytesLate) = await ScrapeAsync(run);
        Ended ended = await train.EndAsync();

        Assert.True(ended.Code == 0, ended.Error);
        TestContext.Current.TestOutputHelper?.WriteLine(FormattableString.Invariant(
            $"tensors {tensors} then {tensorsLate}, resident {bytes / 1e6:0.0} MB then {bytesLate / 1e6:0.0} MB"));
        Assert.True(bytesLate < bytes * MayGrow, $"memory grew from {bytes} to {bytesLate} bytes");
        Assert.Equal(tensors, tensorsLate);
    }

    // A step in flight holds tensors of its own, so the least of some scrapes is what is held between steps.
    private static async Task<(double Tensors, double Bytes)> ScrapeAsync(RunFiles run)
    {
        const int Scrapes = 60;
        string configuration = await File.ReadAllTextAsync(
            Path.Combine(run.Folder, "prometheus.yml"), TestContext.Current.CancellationToken);
        string address = Target().Match(configuration).Groups[1].Value;
        using var client = new HttpClient();
        double tensors = double.MaxValue;
        double bytes = 0;
        for (int i = 0; i < Scrapes; i++)
        {
            string text = await client.GetStringAsync(
                new Uri($"http://{address}/metrics"), TestContext.Current.CancellationToken);
            tensors = Math.Min(tensors, Value(text, "colony_worker_live_tensors"));
            bytes = Value(text, "process_resident_memory_bytes");
        }

        return (tensors, bytes);
    }

    private static double Value(string text, string metric) => double.Parse(
        text.Split('\n').First(l => l.StartsWith(metric, StringComparison.Ordinal)).Split(' ')[^1],
        CultureInfo.InvariantCulture);

    [GeneratedRegex(@"targets: \['([^']+)'\]\n +labels: \{role: 'worker-0'\}", RegexOptions.None, 5000)]
    private static partial Regex Target();
}

using System.Globalization;
using System.Text.RegularExpressions;

namespace Colony.Integration.Tests;

/// <summary>A worker of many steps holds no more at its end than near its beginning.</summary>
public sealed partial class LeakTests(SmallWorld world)
{
    // The evaluator has fetched two snapshots by then, as many as a worker keeps.
    private const int Early = 900;
    private const int Late = 1950;
    private const double MayGrow = 1.05;

    // The pool grows and shrinks with what a moment needs, and a checkpoint or a scrape opens files for a while.
    private const int SpareThreads = 4;
    private const int SpareFiles = 8;

    [Fact]
    public async Task Two_thousand_steps_keep_tensors_and_memory()
    {
        Assert.SkipUnless(ColonyProcess.Slow, "Takes minutes; run with COLONY_SLOW=1.");
        var run = new RunFiles(world.Fresh());
        string[] sets =
        [
            "train.epochs=100", "train.max_steps=2000", "batch.size=8", "model.embed_size=16", "model.word_dim=8",
            "model.feedforward=16", "checkpoint.every_steps=400", "evaluate.every_steps=400",
        ];
        await using ColonyProcess train = ColonyProcess.Start(
            ["train", world.Job, "--out", run.Folder, "--workers", "1", .. sets.SelectMany(s => new[] { "--set", s })]);
        await run.StepAsync(Early, train);
        Held early = await ScrapeAsync(run);
        await run.StepAsync(Late, train);
        Held late = await ScrapeAsync(run);
        Ended ended = await train.EndAsync();

        Assert.True(ended.Code == 0, ended.Error);
        TestContext.Current.TestOutputHelper?.WriteLine($"after step {Early}: {early}; after step {Late}: {late}");
        Assert.True(late.Bytes < early.Bytes * MayGrow, $"memory grew from {early.Bytes} to {late.Bytes} bytes");
        Assert.Equal(early.Tensors, late.Tensors);
        Assert.True(late.Threads <= early.Threads + SpareThreads, $"threads: {early.Threads}, then {late.Threads}");
        Assert.True(late.Files <= early.Files + SpareFiles, $"open files: {early.Files}, then {late.Files}");
    }

    // The least of some scrapes: what was held for a moment alone does not count.
    private static async Task<Held> ScrapeAsync(RunFiles run)
    {
        const int Scrapes = 60;
        string configuration = await File.ReadAllTextAsync(
            Path.Combine(run.Folder, "prometheus.yml"), TestContext.Current.CancellationToken);
        string address = Target().Match(configuration).Groups[1].Value;
        using var client = new HttpClient();
        var least = new Held(double.MaxValue, double.MaxValue, double.MaxValue, double.MaxValue);
        for (int i = 0; i < Scrapes; i++)
        {
            string text = await client.GetStringAsync(
                new Uri($"http://{address}/metrics"), TestContext.Current.CancellationToken);
            least = new Held(
                Math.Min(least.Tensors, Value(text, "colony_worker_held_tensors")),
                Math.Min(least.Bytes, Value(text, "process_resident_memory_bytes")),
                Math.Min(least.Threads, Value(text, "process_threads")),
                Math.Min(least.Files, Value(text, "process_open_fds")));
        }

        return least;
    }

    private static double Value(string text, string metric) => double.Parse(
        text.Split('\n').First(l => l.StartsWith(metric, StringComparison.Ordinal)).Split(' ')[^1],
        CultureInfo.InvariantCulture);

    private sealed record Held(double Tensors, double Bytes, double Threads, double Files);

    [GeneratedRegex(@"targets: \['([^']+)'\]\n +labels: \{role: 'worker-0'\}", RegexOptions.None, 5000)]
    private static partial Regex Target();
}

using Colony.Testing;

namespace Colony.Integration.Tests;

/// <summary>A real Prometheus scrapes a live run with the configuration that the run writes.</summary>
public sealed class PrometheusTests(SmallWorld world)
{
    private const int Targets = 4;

    private static readonly string[] Metrics =
    [
        "colony_steps_committed_total", "colony_worker_steps_applied_total", "colony_eval_recall_ratio",
        "colony_build_info", "process_resident_memory_bytes", "rate(colony_steps_committed_total[30s])",
    ];

    /// <summary>Queries of the dashboard that have no data before something goes wrong.</summary>
    private static readonly string[] QuietWhenWell = [];

    [Fact]
    public async Task Every_process_is_scraped_and_every_panel_has_data()
    {
        string program = Tools.Find("prometheus", "apt-get install prometheus");
        var run = new RunFiles(world.Fresh());
        await using ColonyProcess train = ColonyProcess.Start(
            ["train", world.Job, "--out", run.Folder, "--set", "train.epochs=10000"]);
        string configuration = Path.Combine(run.Folder, "prometheus.yml");
        await run.UntilAsync<int>(
            () => File.Exists(configuration) && File.ReadAllText(configuration).Split("targets:").Length == Targets + 1
                ? Targets
                : null,
            "a configuration with every process",
            train);
        await using Scraper scraper = await Scraper.StartAsync(program, configuration);

        // Every committed step is an occasion to look again.
        await run.UntilAsync<int>(
            async () => (
                await scraper.QueryAsync("up == 1")).Count == Targets ? Targets : null, "up == 1 of all", train);
        string? dashboard = SharedFolder.RepositoryRoot is { } root
            ? Path.Combine(root, "deploy", "grafana", "colony.json")
            : null;
        string[] queries = dashboard is not null && File.Exists(dashboard)
            ? [.. Metrics, .. Dashboard.Queries(dashboard).Except(QuietWhenWell, StringComparer.Ordinal)]
            : Metrics;
        foreach (string query in queries)
        {
            await run.UntilAsync<int>(
                async () => (await scraper.QueryAsync(query)).Count is > 0 and var series ? series : null,
                $"data for {query}",
                train);
        }

        Assert.Empty(await scraper.QueryAsync("up == 0"));
        Signals.Send(train.Id, Signals.Interrupt);
        Ended ended = await train.EndAsync();
        Assert.True(ended.Code == 0, ended.Error);
    }
}

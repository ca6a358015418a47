using System.Globalization;
using Colony.Actors.Simulation;

namespace Colony.Simulation.Tests;

public sealed class ElasticTrainingTests
{
    /// <summary>Seeds of the daily run; COLONY_SEEDS asks for more of them.</summary>
    private static long Seeds { get; } =
        long.TryParse(Environment.GetEnvironmentVariable("COLONY_SEEDS"), CultureInfo.InvariantCulture, out var seeds)
            ? seeds
            : 4000;

    private static string Explain(CampaignReport report) => report.Failure is not { } failure
        ? string.Empty
        : string.Join(
            Environment.NewLine,
            [$"seed {failure.Seed}: {failure.Invariant}: {failure.Detail}", .. failure.Schedule, .. failure.Trace]);

    private static async Task<CampaignReport> HoldsAsync(CampaignOptions options)
    {
        var report = await SimulationCampaign.RunAsync(options, null, TestContext.Current.CancellationToken);
        Assert.True(report.Failure is null, Explain(report));
        Assert.Equal(options.Seeds, report.Schedules);
        return report;
    }

    [Fact]
    public async Task Without_faults_every_size_ends_with_the_expected_state() =>
        await HoldsAsync(new CampaignOptions { Seeds = 200, Faults = FaultSet.None });

    [Fact]
    public async Task Whatever_happens_to_workers_and_links_the_run_ends_with_the_same_bits()
    {
        var report = await HoldsAsync(new CampaignOptions { Seeds = Seeds, Faults = FaultSet.Workers });
        Assert.All(
            FaultSet.Workers.Faults.Kinds,
            k => Assert.True(report.Injected.GetValueOrDefault(k.Kind.ToString()) >= Seeds / 10, $"{k}"));
        string[] onTheWire = ["MessageDelayed", "ChunkLost", "ChunkDuplicated", "ChunkReordered"];
        Assert.All(onTheWire, k => Assert.True(report.Injected.GetValueOrDefault(k) >= Seeds, k));
        Assert.Equal(
            ["death", "hang", "join", "leave", "link"],
            report.Recoveries.Where(static r => r.Count >= 20).Select(static r => r.Cause));
    }

    [Fact]
    public async Task Many_workers_keep_the_same_promises() =>
        await HoldsAsync(new CampaignOptions { Seeds = 20, Workers = 64, Faults = FaultSet.Default });

    [Fact]
    public void A_seed_replays_the_whole_run()
    {
        var options = new CampaignOptions { Seeds = 1, Faults = FaultSet.Workers };
        for (ulong seed = 0; seed < 10; seed++)
        {
            var (first, again) = (Run(seed), Run(seed));
            Assert.Equal((first.TraceHash, first.Events), (again.TraceHash, again.Events));
        }

        SimulationResult Run(ulong seed) => SimulationCampaign.RunSeed(seed, options).Result;
    }

    [Fact]
    public async Task A_coordinator_that_dies_and_comes_back_takes_up_where_its_workers_are()
    {
        var report = await HoldsAsync(new CampaignOptions { Seeds = Seeds, Faults = FaultSet.Default });
        Assert.True(report.Recoveries.Single(static r => r.Cause == "coordinator").Count >= Seeds / 20);
        Assert.True(report.Injected["TornFile"] >= Seeds / 100, $"{report.Injected["TornFile"]} torn journals");
    }

    [Fact]
    public async Task A_worker_that_computes_wrongly_is_set_aside_and_its_work_done_again()
    {
        var report = await HoldsAsync(new CampaignOptions { Seeds = Seeds / 4, Faults = FaultSet.BitFlips });
        Assert.True(report.Injected["BitFlip"] >= Seeds / 8, $"{report.Injected["BitFlip"]} flips");
        Assert.True(report.Recoveries.Single(static r => r.Cause == "digest").Count >= Seeds / 8);
    }
}

using System.Globalization;
using System.Text.Json;
using Colony.Simulation;

namespace Colony.Integration.Tests;

/// <summary>
/// What <c>colony simulate --predict</c> says of a step, beside real workers on throttled networks. Put in: the bytes
/// of the model, the rate of the cables, and the seconds that the workers of the same run computed. Predicted: the
/// exchange, and with it the step.
/// </summary>
public sealed class PredictedTests(SmallWorld world)
{
    private const int FirstMeasured = 5;
    private const int LastMeasured = 16;

    // Of hops through three namespaces on one machine.
    private const double LatencyMs = 0.1;
    private const int LogicalRanks = 12;

    // A prediction is a bound from below; a step that takes twice as long, at its fastest, is not what it is of.
    private const double MaySlack = 1.1;
    private const double MayTake = 2;

    private static readonly string[] Names = ["a", "b", "c", "d"];
    private static readonly string[] Computing = ["load", "forward", "objective", "backward", "optimizer"];

    [Theory]
    [InlineData(2, 50)]
    [InlineData(3, 50)]
    [InlineData(4, 50)]
    [InlineData(2, 200)]
    [InlineData(3, 200)]
    [InlineData(4, 200)]
    public async Task A_step_on_a_throttled_network_takes_as_long_as_predicted(int workers, int megabits)
    {
        Assert.SkipUnless(
            string.Equals(Environment.GetEnvironmentVariable("COLONY_SLOW"), "1", StringComparison.Ordinal),
            "Takes minutes; run with COLONY_SLOW=1.");
        await using Network network = await Network.OpenAsync();
        string[] names = Names[..workers];
        await using Crew crew = await Crew.OnAsync(
            network,
            Armed.Job(
                world, $"workers.count={workers}", $"batch.logical_ranks={LogicalRanks}",
                $"train.max_steps={LastMeasured}", "train.epochs=20", "model.word_dim=64",
                "model.embed_size=256", "model.feedforward=512",
                "workers.lost_ms=10000", "checkpoint.every_steps=0", "evaluate.every_steps=0"),
            world.Fresh(),
            names);
        foreach (string name in names)
        {
            await network.ThrottleAsync(name, megabits);
            crew.Add(name);
        }

        await crew.EndAsync();
        JsonElement[] steps = [.. crew.Run.Events()
            .Where(e => string.Equals(e.GetProperty("event").GetString(), "step", StringComparison.Ordinal))
            .Where(e => e.GetProperty("step").GetInt64() >= FirstMeasured - 1)];
        double step = Median(steps.Zip(steps.Skip(1), (before, after) => (At(after) - At(before)).TotalSeconds));
        double compute = Median(steps.Skip(1).Select(s => Seconds(s, Computing)));
        double[] exchanges = [.. steps.Skip(1).Select(s => Seconds(s, ["gather", "reduce"]))];
        var model = new ClusterModel
        {
            ModelBytes = ModelBytes(crew.Run),
            GatherBytes = 32 * 2 * 256 * sizeof(float),
            NetworkMbps = megabits,
            LatencyMs = LatencyMs,
            MtbfHours = 1,
            ComputeSeconds = compute * LogicalRanks / ((LogicalRanks + workers - 1) / workers),
            LogicalRanks = LogicalRanks,
        };
        TestContext.Current.TestOutputHelper?.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"| {workers} | {megabits} | {model.ModelBytes / 1e6:0.00} | {compute:0.000} "
            + $"| {model.Exchange(workers):0.000} "
            + $"| {exchanges.Min():0.000} | {Median(exchanges):0.000} "
            + $"| {model.Step(workers):0.000} | {step:0.000} | {(model.Step(workers) / step) - 1:+0 %;-0 %} |"));

        // The fastest one waited least: for a slower worker, or for a processor.
        Assert.InRange(exchanges.Min() / model.Exchange(workers), 1 / MaySlack, MayTake);
    }

    // Parameters, and as much again for each of Adam's two moments.
    private static double ModelBytes(RunFiles run) => Directory
        .EnumerateFiles(run.Checkpoints, "*.safetensors", SearchOption.AllDirectories)
        .Sum(f => new FileInfo(f).Length) / 3.0;

    private static DateTimeOffset At(JsonElement e) => e.GetProperty("time").GetDateTimeOffset();

    private static double Seconds(JsonElement step, string[] phases) => phases.Sum(
        p => step.GetProperty("seconds").TryGetProperty(p, out JsonElement seconds) ? seconds.GetDouble() : 0);

    private static double Median(IEnumerable<double> values)
    {
        double[] sorted = [.. values.Order()];
        return sorted[sorted.Length / 2];
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using Colony.Simulation;

namespace Colony.Integration.Tests;

/// <summary>How long a run stands still for a worker that is killed and for one that joins. By hand: minutes.</summary>
public sealed class KillTests(SmallWorld world)
{
    private const int Kills = 50;
    private const int StepsBetween = 12;
    private const int Workers = 3;

    // Of the measured hop between processes of one machine; the cables of the prediction are never full.
    private const double LatencyMs = 0.1;
    private const double NetworkMbps = 1e5;

    // What is predicted bounds the goodput from above, and half of it would be the prediction of another system.
    private const double MayExceed = 1.02;
    private const double MayFallTo = 0.5;

    [Fact]
    public async Task Fifty_kills_and_joins_cost_less_than_a_second_each()
    {
        Assert.SkipUnless(ColonyProcess.Slow, "Takes minutes; run with COLONY_SLOW=1.");
        await using var crew = new Crew(
            [
                world.Job, "--set", "train.epochs=100000", "--set",
                FormattableString.Invariant($"workers.count={Workers}"),
            ],
            world.Fresh());
        var events = new EventTail(crew.Run);
        foreach (string name in new[] { "a", "b", "c" })
        {
            crew.Add(name);
        }

        await events.MoreStepsAsync(4 * StepsBetween, crew.Coordinator);
        var killed = new List<double>();
        var joined = new List<double>();
        for (int i = 0; i < Kills; i++)
        {
            string victim = crew.Workers.First();
            DateTimeOffset at = TimeProvider.System.GetUtcNow();
            crew.Remove(victim, Signals.Kill);
            killed.Add((await RecoveredAsync(events, crew, "death", at) - at).TotalSeconds);

            int before = events.Steps.Count;
            at = TimeProvider.System.GetUtcNow();
            crew.Add(FormattableString.Invariant($"w{i}"));
            DateTimeOffset back = await RecoveredAsync(events, crew, "join", at);
            await events.MoreStepsAsync(StepsBetween, crew.Coordinator);
            joined.Add(LongestGap(events, before, back));
        }

        double step = Quantile([.. Gaps(events, 0)], 0.5);
        var text = new StringBuilder();
        Row(text, "step to step", [.. Gaps(events, 0)]);
        Row(text, "kill to next committed step", killed);
        Row(text, "longest gap between steps at a join", joined);
        Signals.Send(crew.Coordinator.Id, Signals.Interrupt);
        await crew.Coordinator.EndAsync();
        (double measured, double seconds) = Goodput(crew.Run.Report().GetProperty("goodput"));
        double predicted = Predicted(step, seconds);
        text.AppendLine(
            CultureInfo.InvariantCulture,
            $"goodput over {seconds:0} s, a kill every {seconds / Kills:0.0} s: measured {measured:0.000}, "
                + $"predicted {predicted:0.000}");
        TestContext.Current.TestOutputHelper?.WriteLine(text.ToString());

        Assert.All(
            crew.Run.Report().GetProperty("ledger").EnumerateArray(),
            e => Assert.Equal(0, e.GetProperty("duplicates").GetInt32() + e.GetProperty("missing").GetInt32()));
        Assert.True(Quantile(killed, 0.95) < step + 1, text.ToString());
        Assert.True(Quantile(joined, 0.95) < step + 1, text.ToString());
        Assert.InRange(measured, MayFallTo * predicted, MayExceed * predicted);
    }

    // Without the time before the first step, which is nobody's failure.
    private static (double Ratio, double Seconds) Goodput(JsonElement goodput)
    {
        double useful = goodput.GetProperty("useful_seconds").GetDouble();
        double lost = goodput.GetProperty("lost_seconds").EnumerateObject()
            .Where(cause => !string.Equals(cause.Name, "start", StringComparison.Ordinal))
            .Sum(cause => cause.Value.GetDouble());
        return (useful / (useful + lost), useful + lost);
    }

    private static double Predicted(double step, double seconds)
    {
        RegroupCost cost = RecoverySimulation.Measure(
            Workers, TimeSpan.FromMilliseconds(LatencyMs), runs: 20, TestContext.Current.CancellationToken);
        var model = new ClusterModel
        {
            ModelBytes = 0,
            NetworkMbps = NetworkMbps,
            LatencyMs = LatencyMs,
            MtbfHours = seconds * Workers / Kills / 3600,
            ComputeSeconds = step * Workers,
            LogicalRanks = Workers,
        };
        return model.Goodput(Workers, cost.DeathSeconds + cost.JoinSeconds);
    }

    // The commit that ends the interruption, not one of a step that had been under way.
    private static Task<DateTimeOffset> RecoveredAsync(
        EventTail events, Crew crew, string cause, DateTimeOffset after) => events.UntilAsync(
            () => events.Others.Where(e => EventTail.Is(e, "recovery") && EventTail.At(e) > after
                    && string.Equals(e.GetProperty("cause").GetString(), cause, StringComparison.Ordinal))
                .Select(e => (DateTimeOffset?)EventTail.At(e)).FirstOrDefault(),
            $"recovery from a {cause}",
            crew.Coordinator);

    private static double LongestGap(EventTail events, int from, DateTimeOffset until) =>
        Gaps(events, Math.Max(0, from - 1), until).DefaultIfEmpty(0).Max();

    private static IEnumerable<double> Gaps(EventTail events, int from, DateTimeOffset? until = null) =>
        events.Steps.Skip(from).Zip(events.Steps.Skip(from + 1))
            .Where(pair => until is null || pair.First.At <= until)
            .Select(pair => (pair.Second.At - pair.First.At).TotalSeconds);

    private static double Quantile(IReadOnlyList<double> values, double q) =>
        values.Order().ElementAt((int)Math.Ceiling(q * values.Count) - 1);

    private static void Row(StringBuilder text, string what, IReadOnlyList<double> seconds) => text.AppendLine(
        CultureInfo.InvariantCulture,
        $"{what,-38} n {seconds.Count,5}  p50 {Quantile(seconds, 0.5):0.000} s  p95 {Quantile(seconds, 0.95):0.000} s"
            + $"  max {seconds.Max():0.000} s");
}

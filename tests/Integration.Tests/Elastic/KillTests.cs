using System.Globalization;
using System.Text;

namespace Colony.Integration.Tests;

/// <summary>How long a run stands still for a worker that is killed and for one that joins. By hand: minutes.</summary>
public sealed class KillTests(SmallWorld world)
{
    private const int Kills = 50;
    private const int StepsBetween = 12;

    [Fact]
    public async Task Fifty_kills_and_joins_cost_less_than_a_second_each()
    {
        Assert.SkipUnless(ColonyProcess.Slow, "Takes minutes; run with COLONY_SLOW=1.");
        await using var crew = new Crew(
            [world.Job, "--set", "train.epochs=100000", "--set", "workers.count=3"], world.Fresh());
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
        TestContext.Current.TestOutputHelper?.WriteLine(text.ToString());
        Signals.Send(crew.Coordinator.Id, Signals.Interrupt);
        await crew.Coordinator.EndAsync();

        Assert.All(
            crew.Run.Report().GetProperty("ledger").EnumerateArray(),
            e => Assert.Equal(0, e.GetProperty("duplicates").GetInt32() + e.GetProperty("missing").GetInt32()));
        Assert.True(Quantile(killed, 0.95) < step + 1, text.ToString());
        Assert.True(Quantile(joined, 0.95) < step + 1, text.ToString());
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

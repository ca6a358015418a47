using System.Globalization;
using System.Text.Json;

namespace Colony.Integration.Tests;

/// <summary>
/// A worker dies, hangs or is late at each place of a step: the run ends with the bits of an undisturbed one.
/// </summary>
public sealed class WorkerFaultTests(SmallWorld world)
{
    // A checkpoint is due after it.
    private const int Step = 8;
    private const int DelayMs = 400;

    private static readonly string[] Phases =
    [
        "load", "forward", "gather", "objective", "backward", "reduce", "reduce_scatter", "all_gather", "optimizer",
    ];

    public static TheoryData<string> Places => [.. Phases, "checkpoint"];

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Killed_there_the_others_go_on(string place)
    {
        await using var crew = new Crew(Armed.Job(world), world.Fresh());
        crew.Add("a");
        crew.Add("b", Armed.With($"kill@{place}:step={Step}"));
        Armed.Fell(await crew.Take("b").EndAsync(), place, Step);
        await crew.EndAsync();

        await Armed.SameAsync(world, crew.Run);
        JsonElement recovery = crew.Run.Report().GetProperty("recoveries").EnumerateArray().First(
            r => r.GetProperty("cause").GetString() is "death" or "link");
        Assert.InRange(recovery.GetProperty("step").GetInt64(), Step - 2, Step);
    }

    [Theory]
    [MemberData(nameof(Places))]
    public async Task Stopped_there_it_is_left_out_and_taken_in_again(string place)
    {
        await using var crew = new Crew(
            Armed.Job(world, "workers.minimum=2", "workers.lost_ms=1500"), world.Fresh());
        crew.Add("a");
        crew.Add("b", Armed.With($"stop@{place}:step={Step}"));
        JsonElement held = await Armed.DecisionAsync(crew, "1 of at least 2 workers are here");
        Assert.Contains("worker 'b' is gone (not heard of", held.GetProperty("reason").GetString());
        Assert.InRange(held.GetProperty("step").GetInt64(), Step - 2, Step);

        crew.Signal("b", Signals.Continue);
        ColonyProcess stopped = crew.Take("b");
        await crew.EndAsync();
        Ended back = await stopped.EndAsync();

        Assert.True(back.Code == 0, back.Error);
        Assert.Contains($"fault: stop@{place} at step {Step}\n", back.Error, StringComparison.Ordinal);
        await Armed.SameAsync(world, crew.Run);
    }

    [Fact]
    public async Task Late_at_every_place_nobody_is_lost()
    {
        string faults = string.Join(',', Phases.Select((phase, i) => string.Create(
            CultureInfo.InvariantCulture, $"delay={DelayMs}@{phase}:step={LateAt(i)}")));
        await using var crew = new Crew(Armed.Job(world), world.Fresh());
        crew.Add("a");
        crew.Add("b", Armed.With($"{faults},delay={DelayMs}@checkpoint:step={Step}"));
        ColonyProcess late = crew.Take("b");
        await crew.EndAsync();
        Ended ended = await late.EndAsync();

        await Armed.SameAsync(world, crew.Run);
        Assert.Empty(crew.Run.Report().GetProperty("recoveries").EnumerateArray());
        Assert.Contains($"fault: delay={DelayMs}@checkpoint at step {Step}\n", ended.Error, StringComparison.Ordinal);
        for (int i = 0; i < Phases.Length; i++)
        {
            Assert.Contains(
                $"fault: delay={DelayMs}@{Phases[i]} at step {LateAt(i)}\n", ended.Error, StringComparison.Ordinal);

            // Who is late with the last of a step is waited for in the next one. Whose report comes first commits a
            // step, so no worker's own seconds tell; the coordinator's clock does, but for how late it was told.
            TimeSpan waited = Committed(crew, LateAt(i) + 1) - Committed(crew, LateAt(i) - 1);
            Assert.True(
                waited.TotalMilliseconds >= DelayMs / 2, $"nobody waited for the delay at {Phases[i]}: {waited}");
        }
    }

    [Theory]
    [InlineData("kill", "donor")]
    [InlineData("kill", "joiner")]
    [InlineData("stop", "donor")]
    [InlineData("stop", "joiner")]
    [InlineData("delay=1000", "donor")]
    [InlineData("delay=1000", "joiner")]
    public async Task A_state_transfer_that_breaks_off_is_begun_again(string action, string who)
    {
        Dictionary<string, string> fault = Armed.With($"{action}@state_transfer");
        bool donor = string.Equals(who, "donor", StringComparison.Ordinal);
        await using var crew = new Crew(
            Armed.Job(world, "workers.minimum=2", "workers.lost_ms=1500"), world.Fresh());
        crew.Add("a", donor ? fault : null);
        crew.Add("b", Armed.With("kill@forward:step=12"));
        Armed.Fell(await crew.Take("b").EndAsync(), "forward", 12);
        crew.Add("c", donor ? null : fault);

        string name = donor ? "a" : "c";
        ColonyProcess faulty = crew.Take(name);
        switch (action)
        {
            case "kill":
                // Its step is the donor's; with the donor the run's newest state dies, and a checkpoint remains.
                Armed.Fell(await faulty.EndAsync(), "state_transfer");
                crew.Add("d");
                break;
            case "stop":
                await Armed.DecisionAsync(crew, $"waiting (worker '{name}' is gone (not heard of");
                Signals.Send(faulty.Id, Signals.Continue);
                break;
            default:
                break;
        }

        await crew.EndAsync();
        Ended ended = await faulty.EndAsync();
        Assert.Contains($"fault: {action}@state_transfer", ended.Error, StringComparison.Ordinal);
        await Armed.SameAsync(world, crew.Run);
    }

    private static int LateAt(int phase) => Step + 1 + (2 * phase);

    private static DateTimeOffset Committed(Crew crew, long step) => crew.Run.Events()
        .Where(e => string.Equals(e.GetProperty("event").GetString(), "step", StringComparison.Ordinal))
        .First(e => e.GetProperty("step").GetInt64() == step)
        .GetProperty("time").GetDateTimeOffset();
}

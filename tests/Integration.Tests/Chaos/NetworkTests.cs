using System.Text.Json;
using System.Text.RegularExpressions;

namespace Colony.Integration.Tests;

/// <summary>
/// Coordinator and workers on hosts of their own, and what happens to the cables between them: the bits are those of an
/// undisturbed run.
/// </summary>
public sealed partial class NetworkTests(SmallWorld world)
{
    private const int Step = 8;

    [Fact]
    public async Task A_worker_that_is_cut_off_for_good_is_done_without()
    {
        await using Network network = await Network.OpenAsync();
        await using Crew crew = await Crew.OnAsync(
            network, Armed.Job(world, "workers.lost_ms=1500"), world.Fresh(), "a", "b");
        crew.Add("a", Armed.Pacing(Step + 1, Step + 1, 3000));
        crew.Add("b");
        await crew.Run.StepAsync(Step, crew.Coordinator);
        await network.CutAsync("b");
        ColonyProcess cut = crew.Take("b");
        await crew.EndAsync();

        await Armed.SameAsync(world, crew.Run);
        Assert.False(cut.HasExited);
        JsonElement gone = await Armed.DecisionAsync(crew, "worker 'b' is gone (not heard of for");
        Assert.InRange(gone.GetProperty("step").GetInt64(), Step, Step + 1);
    }

    [Fact]
    public async Task A_worker_that_was_cut_off_comes_back_and_its_old_generation_is_refused()
    {
        await using Network network = await Network.OpenAsync();
        await using Crew crew = await Crew.OnAsync(
            network, Armed.Job(world, "workers.lost_ms=1500"), world.Fresh(), "a", "b");
        crew.Add("a", Armed.Pacing(Step + 1, SmallWorld.Steps, 500));
        crew.Add("b");
        await crew.Run.StepAsync(Step, crew.Coordinator);
        await network.CutAsync("b");
        await Armed.DecisionAsync(crew, "generation 2: 1 workers from");
        await network.RestoreAsync("b");
        await Armed.DecisionAsync(crew, "generation 3: 2 workers from");
        ColonyProcess back = crew.Take("b");
        await crew.EndAsync();
        Ended ended = await back.EndAsync();

        Assert.True(ended.Code == 0, ended.Error);

        // What it was in the middle of came to nothing: it took the others' steps over instead.
        Assert.Contains("\ncopying ", ended.Error, StringComparison.Ordinal);
        await Armed.SameAsync(world, crew.Run);
    }

    [Fact]
    public async Task A_throttled_worker_is_called_slow_and_waited_for()
    {
        await using Network network = await Network.OpenAsync();
        await using Crew crew = await Crew.OnAsync(network, Armed.Job(world), world.Fresh(), "a", "b");
        crew.Add("a", Armed.Pacing(Step + 1, Step + 1, 2000));
        crew.Add("b");
        await crew.Run.StepAsync(Step, crew.Coordinator);

        // Half of the gradients takes more than a second, and more than that is a stall.
        await network.ThrottleAsync("b", 0.5);
        await crew.Run.StepAsync(Step + 2, crew.Coordinator);
        await network.UnthrottleAsync("b");
        ColonyProcess a = crew.Take("a"), b = crew.Take("b");
        await crew.EndAsync();
        Ended[] ended = [await a.EndAsync(), await b.EndAsync()];

        await Armed.SameAsync(world, crew.Run);
        Assert.All(ended, e => Assert.True(e.Code == 0, e.Error));
        Assert.Empty(crew.Run.Report().GetProperty("recoveries").EnumerateArray());
        Assert.Matches(Slow(), ended[0].Error + ended[1].Error);
    }

    [Theory]
    [InlineData("a", "b", "c")]
    [InlineData("a", "b")]
    public async Task Two_who_reach_the_coordinator_and_not_each_other_are_not_put_together_for_ever(
        params string[] workers)
    {
        await using Network network = await Network.OpenAsync();
        await using Crew crew = await Crew.OnAsync(
            network, Armed.Job(world, $"workers.count={workers.Length}"), world.Fresh(), workers);
        crew.Add("a", Armed.Pacing(Step + 1, SmallWorld.Steps, 300));
        foreach (string other in workers.Skip(1))
        {
            crew.Add(other);
        }

        await crew.Run.StepAsync(Step, crew.Coordinator);
        await network.DropAsync("a", "b");
        JsonElement left = await Armed.DecisionAsync(crew, "the link does not come back");
        Assert.Matches(LeftOut(), left.GetProperty("reason").GetString()!);

        // Whoever is left out at the end has nobody to say goodbye to, or is said goodbye to: both are right.
        foreach (string worker in workers)
        {
            crew.Take(worker);
        }

        await crew.EndAsync();
        await Armed.SameAsync(world, crew.Run);
        Assert.Contains(
            crew.Run.Report().GetProperty("recoveries").EnumerateArray(),
            r => string.Equals(r.GetProperty("cause").GetString(), "link", StringComparison.Ordinal));
    }

    [GeneratedRegex(
        @"stall: step \d+ waited \d+\.\d s in \w+ for worker '[ab]', which (sent|took) nothing",
        RegexOptions.None,
        5000)]
    private static partial Regex Slow();

    [GeneratedRegex(
        @"worker '\w' cannot reach '\w' \(.*\); the link does not come back, '[ab]' is left out for \d+ s",
        RegexOptions.None,
        5000)]
    private static partial Regex LeftOut();
}

using System.Text.Json;

namespace Colony.Integration.Tests;

/// <summary>
/// Coordinator and workers on hosts of their own, and what happens to the cables between them: the bits are those of an
/// undisturbed run.
/// </summary>
public sealed class NetworkTests(SmallWorld world)
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
}

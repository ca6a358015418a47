namespace Colony.Integration.Tests;

/// <summary>
/// The coordinator is killed in each of its states, on the spot and after its words went out: the next one takes up
/// where its workers are.
/// </summary>
public sealed class CoordinatorFaultTests(SmallWorld world)
{
    // A member dies here, so that every state is come to with steps behind it.
    private const string MemberDies = "kill@backward:step=12";

    public static TheoryData<string, int> Places => new()
    {
        { "gathering", 0 },
        { "gathering", 5 },
        { "preparing", 0 },
        { "preparing", 5 },
        { "running", 0 },
        { "running", 5 },
        { "manifest", 8 },
        { "manifest_written", 8 },
        { "finishing", 26 },
        { "manifest", 26 },
        { "manifest_written", 26 },
        { "ended", 26 },
    };

    public static TheoryData<string, int> Told => new()
    {
        { "gathering", 5 },
        { "preparing", 5 },
        { "running", 0 },
        { "finishing", 26 },
        { "ended", 26 },
    };

    [Theory]
    [MemberData(nameof(Places))]
    public Task Killed_on_the_spot(string place, int step) => KillAsync(place, $"kill@{place}{After(step)}");

    [Theory]
    [MemberData(nameof(Told))]
    public Task Killed_when_its_words_are_out(string place, int step) =>
        KillAsync(place, $"delay=300@{place}{After(step)},kill@{place}{After(step)}");

    [Theory]
    [InlineData("kill@recovering")]
    [InlineData("delay=300@recovering,kill@recovering")]
    public async Task Killed_again_while_it_recovers(string fault)
    {
        await using var crew = new Crew(
            Armed.Job(world, "workers.minimum=2"), world.Fresh(), Armed.With("kill@running:step=5"));
        crew.Add("a");
        crew.Add("b");
        Armed.Fell(await crew.SucceedCoordinatorAsync(Armed.With(fault)), "running");
        Armed.Fell(await crew.SucceedCoordinatorAsync(), "recovering");
        await crew.EndAsync();
        await Armed.SameAsync(world, crew.Run);
    }

    /// <summary>The manifest of step 8 is late, the workers pause behind it, and the evaluator is done with the step
    /// when the coordinator dies: only the evaluator knows of its judgement then.</summary>
    [Fact]
    public async Task Killed_between_a_judgement_and_the_checkpoint_that_it_is_of()
    {
        await using var crew = new Crew(
            Armed.Job(world, "workers.count=1", "evaluate.every_steps=8", "checkpoint.keep_last=10"),
            world.Fresh(),
            Armed.With("delay=5000@manifest:step=8,kill@manifest:step=8"),
            judged: true);
        crew.Add("a", Armed.Pacing(9, 15, 1000));
        Armed.Fell(await crew.SucceedCoordinatorAsync(), "manifest", 8);
        string step = Path.Combine(crew.Run.Checkpoints, "step-00000008");
        Assert.Contains(
            crew.Run.Events(),
            e => e.GetProperty("event").ValueEquals("evaluation") && e.GetProperty("step").GetInt64() == 8);
        Assert.False(File.Exists(Path.Combine(step, "evaluation.json")));
        await crew.EndAsync();
        await Armed.SameAsync(world, crew.Run);
        Assert.True(File.Exists(Path.Combine(step, "manifest.json")));
        Assert.True(File.Exists(Path.Combine(step, "evaluation.json")));
    }

    private static string After(int step) => step == 0 ? string.Empty : FormattableString.Invariant($":step={step}");

    private async Task KillAsync(string place, string faults)
    {
        await using var crew = new Crew(Armed.Job(world, "workers.minimum=2"), world.Fresh(), Armed.With(faults));
        crew.Add("a");
        crew.Add("b", Armed.With(MemberDies));
        ColonyProcess dies = crew.Take("b");
        Task<Ended> coordinator = crew.SucceedCoordinatorAsync();
        Armed.Fell(await dies.EndAsync(), "backward", 12);
        crew.Add("c");
        Armed.Fell(await coordinator, place);
        await crew.EndAsync();
        await Armed.SameAsync(world, crew.Run);
    }
}

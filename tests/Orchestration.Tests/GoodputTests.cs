namespace Colony.Orchestration.Tests;

public sealed class GoodputTests
{
    private static readonly StepSeconds Step = new(Compute: 0.8, Own: 1, Data: 0.1, Checkpoint: 0.2, Evaluation: 0.3);

    private static Goodput Begun() => new Goodput().BegunAt(TimeSpan.FromSeconds(10));

    [Fact]
    public void Committed_WithoutInterruption_KeepsAllButWhatWasWaitedFor()
    {
        Goodput account = Begun().Committed(TimeSpan.FromSeconds(12), 1, Step, null);

        Assert.Equal(1.4, account.Useful, 9);
        Assert.Equal(0.1, account.Lost[Goodput.Data], 9);
        Assert.Equal(0.2, account.Lost[Goodput.Checkpoint], 9);
        Assert.Equal(0.3, account.Lost[Goodput.Evaluation], 9);
        Assert.Equal(0.7, account.Ratio, 9);
    }

    [Fact]
    public void Committed_AfterAnInterruption_BelongsToItBeyondTheStepsOwnTime()
    {
        Goodput account = Begun().Committed(TimeSpan.FromSeconds(15), 1, Step, "death");

        Assert.Equal(0.9, account.Useful, 9);
        Assert.Equal(5 - 0.9 - 0.6, account.Lost["death"], 9);
    }

    [Fact]
    public void Committed_OfAStepThatWasCommittedBefore_IsLostToRedoing()
    {
        Goodput account = Begun().Committed(TimeSpan.FromSeconds(11), 7, default, null)
            .Committed(TimeSpan.FromSeconds(12), 6, Step, null)
            .Committed(TimeSpan.FromSeconds(13), 7, Step, "death")
            .Committed(TimeSpan.FromSeconds(14), 8, default, null);

        Assert.Equal(2, account.Useful, 9);
        Assert.Equal(2, account.Lost[Goodput.Redo], 9);
        Assert.DoesNotContain("death", account.Lost.Keys);
    }

    [Fact]
    public void Committed_WithWaitsLongerThanTheTimeThatPassed_TakesNoMoreThanThat()
    {
        var longer = new StepSeconds(Compute: 9, Own: 9, Data: 0.5, Checkpoint: 9, Evaluation: 9);

        Goodput account = Begun().Committed(TimeSpan.FromSeconds(11), 1, longer, "join");

        Assert.Equal(0, account.Useful, 9);
        Assert.Equal(1, account.Lost.Values.Sum(), 9);
        Assert.Equal(0.5, account.Lost[Goodput.Checkpoint], 9);
    }

    [Fact]
    public void Stall_AtAWorkerThatWasSlowToPrepare_NamesIt()
    {
        CoordinatorOptions options = new()
        {
            LogicalRanks = 4, BatchSize = 8, Epochs = 1, JobHash = "job", ExpectedWorkers = 2,
        };
        CoordinatorState state = CoordinatorState.Initial(options);
        var effects = new List<CoordinatorEffect>();
        void At(double second, CoordinatorEvent happened)
        {
            Decision<CoordinatorState, CoordinatorEffect> decision = CoordinatorCore.Decide(
                state, happened, TimeSpan.FromSeconds(second));
            state = decision.State;
            effects.AddRange(decision.Effects);
        }

        foreach (string worker in new[] { "quick", "late" })
        {
            At(0.1, new WorkerJoined(worker, $"{worker}:1", "job", 0, null, 50, false, 0));
            At(0.2, new WorkerReady(worker, 0, 7));
        }

        At(0.3, new WorkerPrepared("quick", state.Announced, 0, 7));
        At(3.3, new WorkerPrepared("late", state.Announced, 0, 7));

        RunStalled stall = Assert.Single(effects.OfType<RunStalled>());
        Assert.Equal((RunPhase.Preparing, "late"), (stall.Phase, stall.For));
        Assert.InRange(stall.Waited.TotalSeconds, 3.0, 3.2);
    }
}

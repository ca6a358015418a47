namespace Colony.Orchestration.Tests;

/// <summary>A coordinator that died at the very end has told nobody yet.</summary>
public sealed class EndTests
{
    private static readonly RunGeometry Geometry = new(Samples: 8, BatchSize: 8, LogicalRanks: 2, Epochs: 1, null);
    private static readonly TimeSpan Start = TimeSpan.FromSeconds(1);

    private readonly CoordinatorOptions _options = new Cluster(1, Geometry, 2).State.Options;

    [Fact]
    public void Members_WhoComeBackToARunThatIsOver_AreToldBeforeItEnds()
    {
        Decision<CoordinatorState, CoordinatorEffect> back = Back();
        Assert.Equal(RunPhase.Ended, back.State.Phase);
        Assert.Empty(back.Effects.OfType<EndRun>());

        Decision<CoordinatorState, CoordinatorEffect> first = Join(back.State, "a");
        Assert.Equal(("a", 0), Told(first));
        Assert.Empty(first.Effects.OfType<EndRun>());
        Decision<CoordinatorState, CoordinatorEffect> second = Join(first.State, "b");
        Assert.Equal(("b", 0), Told(second));
        Assert.Equal(RunOutcome.Completed, Assert.Single(second.Effects.OfType<EndRun>()).Outcome);
        Assert.Equal("sha", second.State.WeightsSha256);
        Assert.Empty(Tick(second.State, TimeSpan.FromMinutes(1)).Effects);
    }

    [Fact]
    public void Members_WhoDoNotComeBack_AreWaitedForNoLongerThanForAnyReturn()
    {
        CoordinatorState state = Join(Back().State, "a").State;
        Assert.Empty(Tick(state, Start + _options.RejoinWait).Effects);
        Decision<CoordinatorState, CoordinatorEffect> late = Tick(
            state, Start + _options.RejoinWait + TimeSpan.FromMilliseconds(1));
        Assert.IsType<EndRun>(Assert.Single(late.Effects));
        Assert.Empty(Tick(late.State, TimeSpan.FromMinutes(1)).Effects);
    }

    [Fact]
    public void Workers_OfARunThatFails_DoNotExitAsIfAllWereWell()
    {
        CoordinatorState joined = Join(CoordinatorState.Initial(_options), "a").State;
        Decision<CoordinatorState, CoordinatorEffect> failed =
            CoordinatorCore.Decide(joined, new HostFailed("the disk is gone"), Start);
        Assert.Equal(("a", WorkerCore.ExitRunFailed), Told(failed));
        Assert.Equal(("b", WorkerCore.ExitRunFailed), Told(Join(failed.State, "b")));
    }

    private static Decision<CoordinatorState, CoordinatorEffect> Tick(CoordinatorState state, TimeSpan now) =>
        CoordinatorCore.Decide(state, new Ticked(), now);

    private static (string Worker, int Code) Told(Decision<CoordinatorState, CoordinatorEffect> decision)
    {
        SendGoodbye goodbye = Assert.Single(decision.Effects.OfType<SendGoodbye>());
        return (goodbye.Worker, goodbye.ExitCode);
    }

    private static Decision<CoordinatorState, CoordinatorEffect> Join(CoordinatorState state, string worker) =>
        CoordinatorCore.Decide(
            state, new WorkerJoined(worker, "address", "job", 1, 7, Geometry.Samples, true, 1), Start);

    private Decision<CoordinatorState, CoordinatorEffect> Back()
    {
        JournalEntry[] entries =
        [
            new RunBegan(Geometry, SampleLedger.Empty(Geometry)),
            new GenerationAnnounced(1),
            new GenerationStarted(1, [new Member("a", "x", [0]), new Member("b", "y", [1])], 0, 1),
            new StepCounted(1, [0, 1, 2, 3, 4, 5, 6, 7], 7, true),
            new CheckpointKept(1),
            new RunEnded(RunOutcome.Completed, "done", "sha"),
        ];
        JournalState journal = entries.Aggregate(JournalState.Empty, (s, e) => s.Apply(e));
        return CoordinatorCore.Decide(CoordinatorState.Initial(_options), new RunRestored(journal, null), Start);
    }
}

namespace Colony.Orchestration.Tests;

/// <summary>What goes wrong beside the steps must not cost more than itself.</summary>
public sealed class SetbackTests
{
    private static readonly RunGeometry Geometry = new(
        Samples: 50, BatchSize: 8, LogicalRanks: 4, Epochs: 3, null);

    private TimeSpan _now;
    private CoordinatorState _state = CoordinatorState.Initial(
        new Cluster(1, Geometry, 1).State.Options with { CheckpointEvery = 2 });

    [Fact]
    public void Decide_PartThatCannotBeWritten_CostsOneCheckpoint()
    {
        Steps(4);
        IReadOnlyList<CoordinatorEffect> effects = Tell(new WorkerLostPart("w", 2, "no space left"));
        Assert.Empty(effects.OfType<EndRun>());
        Assert.Empty(effects.OfType<CutSession>());
        Assert.Equal(RunPhase.Running, _state.Phase);
        Assert.Contains("'w': no space left", _state.Why, StringComparison.Ordinal);
        Assert.Equal([4L], Tell(Part(4)).OfType<CommitCheckpoint>().Select(c => c.Step));
    }

    [Fact]
    public void Decide_PartLostAfterItsCheckpointIsComplete_ChangesNothing()
    {
        Steps(4);
        Tell(Part(4));
        Tell(new WorkerLostPart("w", 4, "no space left"));
        Assert.True(_state.Parts[4].Committing);
        Tell(new CheckpointCommitted(4));
        CoordinatorState before = _state;
        Tell(new WorkerLostPart("w", 4, "no space left"));
        Assert.Equal(before.Why, _state.Why);
    }

    [Fact]
    public void Decide_EvaluatorThatComesBack_IsGivenItsSnapshotAgain()
    {
        Steps(4);
        Tell(new EvaluatorJoined());
        Assert.Equal([2L], Announced(new WorkerHasSnapshot("w", 2)));
        Tell(new EvaluatorGone("connection closed"));
        Assert.Equal([2L], Announced(new EvaluatorJoined()));
        Assert.Empty(Announced(new WorkerHasSnapshot("w", 4)));
        Assert.Empty(Announced(new WorkerHasSnapshot("w", 3)));
        Tell(new EvaluatorGone("connection closed"));
        Assert.Equal([4L], Announced(new EvaluatorJoined()));
    }

    [Fact]
    public void Decide_EvaluatorThatComesBackWithItsJudgement_IsNotGivenTheSnapshotAgain()
    {
        Steps(4);
        Tell(new EvaluatorJoined());
        Tell(new WorkerHasSnapshot("w", 2));
        Tell(new EvaluatorGone("the coordinator's connection closed"));
        Tell(new EvaluatorJudged(2, Decides: true, More: false));
        Assert.Empty(Announced(new EvaluatorJoined()));
        Assert.Equal([4L], Announced(new WorkerHasSnapshot("w", 4)));
    }

    [Fact]
    public void Decide_EvaluatorThatDiesOfASnapshot_IsGivenItTwice()
    {
        Steps(4);
        Tell(new EvaluatorJoined());
        Tell(new WorkerHasSnapshot("w", 2));
        Tell(new EvaluatorGone("killed"));
        Assert.Equal([2L], Announced(new EvaluatorJoined()));
        Tell(new EvaluatorGone("killed"));
        Assert.Empty(Announced(new EvaluatorJoined()));
        Assert.Equal([4L], Announced(new WorkerHasSnapshot("w", 4)));
    }

    [Fact]
    public void Decide_AccountOfACheckpointThatIsBeingWritten_OutlivesARollBack()
    {
        Steps(4);
        Tell(Part(4));
        Tell(new WorkerGone("w", "killed"));
        Tell(new WorkerJoined("new", "a", "job", 0, 0, 50, true, 0));
        for (int seconds = 0; seconds < 60 && _state.WentBackAt == 0; seconds++)
        {
            _now += TimeSpan.FromSeconds(1);
            Tell(new WorkerBeat("new"));
            Tell(new Ticked());
        }

        Assert.Equal(0, _state.Committed);
        Assert.Equal(4, _state.LedgerAt[4].Step);
        Assert.Empty(Tell(Part(2)).OfType<CommitCheckpoint>());
    }

    [Fact]
    public void Apply_RunThatWentBack_HasNoMembers()
    {
        SampleLedger empty = SampleLedger.Empty(Geometry);
        JournalState journal = new JournalEntry[]
        {
            new RunBegan(Geometry, empty),
            new GenerationAnnounced(1),
            new GenerationStarted(1, [new Member("w", "a", [0])], 0, 8),
            new RunWentBack(empty),
        }.Aggregate(JournalState.Empty, (state, entry) => state.Apply(entry));
        Assert.Empty(journal.Members);
        Assert.Equal(1UL, journal.Generation);
    }

    private static WorkerWrotePart Part(long step) => new("w", 1, step, new WrittenPart(0, 1, "part", 1, "00"));

    private void Steps(long last)
    {
        Tell(new WorkerJoined("w", "a", "job", 0, 0, 50, true, 0));
        Tell(new WorkerPrepared("w", 1, 0, 0));
        for (long step = 1; step <= last; step++)
        {
            Tell(new WorkerApplied("w", 1, step, [.. Cluster.SamplesOf(Geometry, step)], 1, 7, false, default));
        }
    }

    private IEnumerable<long> Announced(CoordinatorEvent e) =>
        Tell(e).OfType<AnnounceSnapshot>().Select(a => a.Snapshot.Step);

    private IReadOnlyList<CoordinatorEffect> Tell(CoordinatorEvent e)
    {
        Decision<CoordinatorState, CoordinatorEffect> decision = CoordinatorCore.Decide(_state, e, _now);
        _state = decision.State;
        return decision.Effects;
    }
}

namespace Colony.Orchestration.Tests;

public sealed class RunTests
{
    private const int MaxDeliveries = 200_000;
    private static readonly RunGeometry Geometry = new(Samples: 50, BatchSize: 8, LogicalRanks: 4, Epochs: 3, null);

    private static Cluster Run(int seed, int workers, Action<Cluster, int>? meddle = null, RunGeometry? geometry = null)
    {
        var cluster = new Cluster(seed, geometry ?? Geometry, workers);
        cluster.EvaluatorJoins();
        for (int i = 0; i < workers; i++)
        {
            cluster.AddWorker($"worker-{i}");
        }

        int deliveries = 0;
        while (cluster.Next())
        {
            Assert.True(
                deliveries++ < MaxDeliveries, $"seed {seed}: no end; {cluster.State.Phase}: {cluster.State.Why}");
            meddle?.Invoke(cluster, deliveries);
        }

        return cluster;
    }

    private static void AssertExact(Cluster cluster, RunGeometry geometry)
    {
        Assert.Equal(RunOutcome.Completed, cluster.End!.Outcome);
        Assert.Equal(geometry.FinalStep, cluster.State.Committed);
        Assert.Equal($"{cluster.Expected(geometry.FinalStep):x}", cluster.State.WeightsSha256);
        Assert.Equal(geometry.FinalStep, cluster.State.LastCheckpoint);
        Assert.All(cluster.State.Ledger!.Epochs, e => Assert.True(e.Exact, $"{e}"));
        Assert.Equal(geometry.Epochs, cluster.State.Ledger.Epochs.Length);
        AssertEverySecondAccountedFor(cluster.State);
    }

    private static void AssertEverySecondAccountedFor(CoordinatorState state)
    {
        Goodput goodput = state.Goodput;
        double passed = (state.PhaseSince - goodput.Since!.Value).TotalSeconds;
        Assert.Equal(passed, goodput.Useful + goodput.Lost.Values.Sum(), 6);
        Assert.All(goodput.Lost, lost => Assert.True(
            lost.Value > 0 && Goodput.Causes.Contains(lost.Key), $"{lost.Key} lost {lost.Value} s"));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(6)]
    public void Run_WithoutFaults_CommitsEveryStepOnceForAnyNumberOfWorkers(int workers)
    {
        for (int seed = 0; seed < 20; seed++)
        {
            Cluster cluster = Run(seed, workers);
            AssertExact(cluster, Geometry);
            Assert.Equal(Enumerable.Range(1, (int)Geometry.FinalStep).Select(i => (long)i), cluster.CommittedSteps);
        }
    }

    [Fact]
    public void Run_WithRandomDeathsJoinsAndLeaves_EndsWithTheSameState()
    {
        int completed = 0, recoveries = 0;
        for (int seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed * 7919);
            int born = 3;
            Cluster cluster = Run(seed, 3, (c, n) =>
            {
                string[] live = [.. c.Live];
                if (n < 2000 && random.Next(25) == 0)
                {
                    switch (random.Next(3))
                    {
                        case 0 when live.Length > 1: c.Kill(live[random.Next(live.Length)]); break;
                        case 1 when live.Length > 2: c.Leave(live[random.Next(live.Length)]); break;
                        default:
                            if (live.Length < 6)
                            {
                                c.AddWorker($"worker-{born++}");
                            }

                            break;
                    }
                }

                if (live.Length == 0 && c.End is null)
                {
                    c.AddWorker($"worker-{born++}");
                }
            });
            recoveries += cluster.State.Recoveries.Length;
            if (cluster.End!.Outcome == RunOutcome.Completed)
            {
                completed++;
                AssertExact(cluster, Geometry);
            }
            else
            {
                Assert.Equal(RunOutcome.Drained, cluster.End.Outcome);
            }
        }

        // The schedules do hurt: without these a run that was never disturbed would pass as well.
        Assert.True(completed > 300, $"{completed} of 400 runs completed");
        Assert.True(recoveries > 1000, $"{recoveries} recoveries");
    }

    [Fact]
    public void Run_WhenEveryWorkerDiesAtOnce_GoesOnFromTheLastCheckpointAndCountsEachSampleOnce()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            bool killed = false;
            Cluster cluster = Run(seed, 2, (c, n) =>
            {
                if (!killed && c.State.Committed >= 7)
                {
                    killed = true;
                    foreach (string name in c.Live.ToArray())
                    {
                        c.Kill(name);
                    }

                    c.AddWorker("worker-8");
                    c.AddWorker("worker-9");
                }
            });
            AssertExact(cluster, Geometry);
        }
    }

    [Fact]
    public void Run_WhoseCoordinatorIsRestartedAtAnyTime_EndsWithTheSameStateAndAnExactLedger()
    {
        int adopted = 0, restarts = 0;
        for (int seed = 0; seed < 400; seed++)
        {
            var random = new Random(seed * 104729);
            int born = 3;
            Cluster cluster = Run(seed, 3, (c, n) =>
            {
                if (n < 2000 && c.End is null && random.Next(60) == 0)
                {
                    c.RestartCoordinator();
                    restarts++;
                }

                string[] live = [.. c.Live];
                if (seed % 2 == 1 && n < 2000 && random.Next(60) == 0 && live.Length > 1)
                {
                    c.Kill(live[random.Next(live.Length)]);
                }

                if (live.Length < 2 && c.End is null)
                {
                    c.AddWorker($"worker-{born++}");
                }
            });
            AssertExact(cluster, Geometry);
            adopted += cluster.Reasons.Count(r => r.Contains("has gone on", StringComparison.Ordinal));
        }

        Assert.True(restarts > 1000, $"{restarts} restarts");
        Assert.True(adopted > 200, $"{adopted} times a generation went on");
    }

    [Fact]
    public void Join_WhileOthersStep_CopiesTheStateFirst()
    {
        int copied = 0;
        for (int seed = 0; seed < 50; seed++)
        {
            bool joined = false;
            Cluster cluster = Run(seed, 2, (c, _) =>
            {
                if (!joined && c.State.Committed >= 6)
                {
                    joined = true;
                    c.AddWorker("worker-9");
                }
            });
            AssertExact(cluster, Geometry);
            copied += cluster.CatchUps;
        }

        Assert.True(copied >= 40, $"{copied} copies in 50 runs");
    }

    [Theory]
    [InlineData(3)]
    [InlineData(2)]
    public void Digests_ThatDiffer_SetTheWrongOneAsideAndTheRunEndsWithTheRightBits(int workers)
    {
        int named = 0;
        for (int seed = 0; seed < 50; seed++)
        {
            bool corrupted = false;
            Cluster cluster = Run(seed, workers, (c, _) =>
            {
                if (!corrupted && c.State.Committed >= 5 && c.Live.Contains("worker-1"))
                {
                    corrupted = true;
                    c.Corrupt("worker-1");
                }
                else if (c.Live.Count() < workers && c.End is null)
                {
                    c.AddWorker("worker-1");
                }
            });
            AssertExact(cluster, Geometry);
            named += cluster.SetAside.Count(d => d.Worker == "worker-1");
            Assert.DoesNotContain(cluster.SetAside, d => d.Worker != "worker-1");
        }

        Assert.True(named >= 40, $"named {named} times in 50 runs");
    }

    [Fact]
    public void Drain_InTheMiddle_EndsWithACheckpointOfTheLastCommittedStep()
    {
        for (int seed = 0; seed < 100; seed++)
        {
            bool asked = false;
            Cluster cluster = Run(seed, 2, (c, _) =>
            {
                if (!asked && c.State.Committed >= 5)
                {
                    asked = true;
                    c.Drain();
                }
            });
            Assert.Equal(RunOutcome.Drained, cluster.End!.Outcome);
            Assert.Equal(cluster.State.Committed, cluster.State.LastCheckpoint);
            Assert.Equal($"{cluster.Expected(cluster.State.Committed):x}", cluster.State.WeightsSha256);
        }
    }

    [Fact]
    public void Decide_AWorkerWithAnotherJob_IsRefusedWithTheReason()
    {
        var cluster = new Cluster(1, Geometry, 1);
        Decision<CoordinatorState, CoordinatorEffect> d = CoordinatorCore.Decide(
            cluster.State, new WorkerJoined("w", "a", "other", 0, 0, 50, true, 0), TimeSpan.Zero);
        SendGoodbye goodbye = Assert.IsType<SendGoodbye>(Assert.Single(d.Effects));
        Assert.Contains("another job", goodbye.Reason, StringComparison.Ordinal);
        Assert.Equal(2, goodbye.ExitCode);
        Assert.Empty(d.State.Workers);
    }

    [Fact]
    public void Decide_AStepThatDoesNotEnd_IsLetGoBeforeAnybodyIsLost()
    {
        CoordinatorState state = new Cluster(1, Geometry, 2).State;
        string[] workers = ["a", "b"];
        CoordinatorEvent[] begun =
        [
            .. workers.Select(w => new WorkerJoined(w, w, "job", 0, 0, 50, true, 0)),
            .. workers.Select(w => new WorkerPrepared(w, 1, 0, 0)),
            new WorkerLeft("a", "SIGTERM"),
        ];
        state = begun.Aggregate(state, (s, e) => CoordinatorCore.Decide(s, e, TimeSpan.Zero).State);
        Assert.Equal(RunPhase.Running, state.Phase);

        // Both beat all the time, and their step waits for its samples.
        var told = new List<(int Ms, string Worker, long StopAfter)>();
        int late = (int)state.Options.FinishTimeout.TotalMilliseconds;
        for (int ms = 100; ms < late + 5000; ms += 100)
        {
            var now = TimeSpan.FromMilliseconds(ms);
            state = workers.Aggregate(state, (s, w) => CoordinatorCore.Decide(s, new WorkerBeat(w), now).State);
            Decision<CoordinatorState, CoordinatorEffect> ticked = CoordinatorCore.Decide(state, new Ticked(), now);
            told.AddRange(ticked.Effects.OfType<SendPrepare>().Select(p => (ms, p.Worker, p.StopAfter)));
            state = ticked.State;
        }

        Assert.Equal([("a", 1L), ("b", 1L), ("a", 0L), ("b", 0L)], told.Select(t => (t.Worker, t.StopAfter)));
        Assert.All(told[2..], t => Assert.InRange(t.Ms, late, late + 1000));
        Assert.Equal(workers, state.Workers.Keys);
    }

    [Theory]
    [InlineData(false, 30_000)]
    [InlineData(true, 1000)]
    public void Decide_ASilentWorker_IsLostAfterTheLimitAndNotBefore(bool prepared, int limit)
    {
        CoordinatorState state = new Cluster(1, Geometry, 1).State;
        state = CoordinatorCore.Decide(
            state, new WorkerJoined("w", "a", "job", 0, 0, 50, true, 0), TimeSpan.Zero).State;
        if (prepared)
        {
            state = CoordinatorCore.Decide(state, new WorkerPrepared("w", 1, 0, 0), TimeSpan.Zero).State;
        }

        for (int ms = 100; ms <= limit; ms += 100)
        {
            state = CoordinatorCore.Decide(state, new Ticked(), TimeSpan.FromMilliseconds(ms)).State;
        }

        Assert.Single(state.Workers);
        state = CoordinatorCore.Decide(state, new Ticked(), TimeSpan.FromMilliseconds(limit + 100)).State;
        Assert.Empty(state.Workers);
    }

    [Fact]
    public void Decide_ALateTick_BlamesNobodyForTheCoordinatorsOwnPause()
    {
        CoordinatorState state = new Cluster(1, Geometry, 1).State;
        state = CoordinatorCore.Decide(
            state, new WorkerJoined("w", "a", "job", 0, 0, 50, true, 0), TimeSpan.FromSeconds(1)).State;
        state = CoordinatorCore.Decide(state, new Ticked(), TimeSpan.FromSeconds(1.1)).State;
        state = CoordinatorCore.Decide(state, new Ticked(), TimeSpan.FromSeconds(30)).State;
        Assert.Single(state.Workers);
    }

    [Fact]
    public void Decide_PartsThatArriveAfterLaterSteps_StillMakeACheckpoint()
    {
        CoordinatorOptions options = new Cluster(1, Geometry, 1).State.Options with { CheckpointEvery = 2 };
        CoordinatorState state = CoordinatorState.Initial(options);
        void Tell(CoordinatorEvent e) => state = CoordinatorCore.Decide(state, e, TimeSpan.Zero).State;
        Tell(new WorkerJoined("w", "a", "job", 0, 0, 50, true, 0));
        Tell(new WorkerPrepared("w", 1, 0, 0));
        for (long step = 1; step <= 5; step++)
        {
            Tell(new WorkerApplied("w", 1, step, [.. Cluster.SamplesOf(Geometry, step)], 1, 7, false, default));
        }

        Decision<CoordinatorState, CoordinatorEffect> late = CoordinatorCore.Decide(
            state, new WorkerWrotePart("w", 1, 2, new WrittenPart(0, 1, "part", 1, "00")), TimeSpan.Zero);
        CommitCheckpoint commit = Assert.Single(late.Effects.OfType<CommitCheckpoint>());
        Assert.Equal((2L, 2L), (commit.Step, commit.Ledger.Step));
    }

    /// <summary>Evaluations come more often than checkpoints here, and the last one measures a second split.</summary>
    [Fact]
    public void Decide_Evaluations_MarkCheckpointsOnceTheyAreComplete()
    {
        CoordinatorOptions options = new Cluster(1, Geometry, 1).State.Options with { CheckpointEvery = 2 };
        CoordinatorState state = CoordinatorState.Initial(options);
        Tell(new WorkerJoined("w", "a", "job", 0, 0, 50, true, 0));
        Tell(new WorkerPrepared("w", 1, 0, 0));
        for (long step = 1; step <= 4; step++)
        {
            Tell(new WorkerApplied("w", 1, step, [.. Cluster.SamplesOf(Geometry, step)], 1, 7, false, default));
        }

        Assert.Empty(Tell(new EvaluatorJudged(1, Decides: true, More: false)).OfType<MarkBest>());
        Assert.Empty(Tell(new EvaluatorJudged(2, Decides: true, More: false)).OfType<MarkBest>());
        Assert.Equal([new MarkBest(2)], Tell(new CheckpointCommitted(2)).OfType<MarkBest>());
        Assert.Empty(Tell(new EvaluatorJudged(4, Decides: true, More: true)).OfType<MarkBest>());
        Assert.Equal(2, state.Evaluator.LastStep);
        Tell(new CheckpointFailed(4, "the store is full"));
        Assert.Empty(Tell(new CheckpointCommitted(4)).OfType<MarkBest>());
        Assert.Equal(
            [new MarkBest(4)], Tell(new EvaluatorJudged(4, Decides: true, More: true)).OfType<MarkBest>());
        Assert.Empty(Tell(new EvaluatorJudged(4, Decides: false, More: false)).OfType<MarkBest>());
        Assert.Equal(4, state.Evaluator.LastStep);

        IReadOnlyList<CoordinatorEffect> Tell(CoordinatorEvent e)
        {
            Decision<CoordinatorState, CoordinatorEffect> decision = CoordinatorCore.Decide(state, e, TimeSpan.Zero);
            state = decision.State;
            return decision.Effects;
        }
    }
}

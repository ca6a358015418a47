namespace Colony.Orchestration.Tests;

/// <summary>Workers that reach the coordinator and not each other, for good.</summary>
public sealed class LinkTests
{
    private const int MaxDeliveries = 100_000;
    private const long CutAfter = 5;
    private static readonly RunGeometry Geometry = new(Samples: 50, BatchSize: 8, LogicalRanks: 4, Epochs: 3, null);

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(5)]
    public void Two_WhoCannotReachEachOther_AreNotPutTogetherForEver(int workers)
    {
        for (int seed = 0; seed < 50; seed++)
        {
            Cluster cluster = Run(seed, workers, c => c.Cut("worker-0", "worker-1"));
            Assert.Contains(cluster.Reasons, r => r.Contains("the link does not come back", StringComparison.Ordinal));
            Assert.DoesNotContain(cluster.Reasons, r => r.Contains("nobody holds", StringComparison.Ordinal));
        }
    }

    [Fact]
    public void One_WhoReachesNobody_IsTheOneLeftOut()
    {
        int without = 0;
        for (int seed = 0; seed < 50; seed++)
        {
            Cluster cluster = Run(seed, 4, c =>
            {
                c.Cut("worker-2", "worker-0");
                c.Cut("worker-2", "worker-1");
                c.Cut("worker-2", "worker-3");
            });
            without += cluster.State.Members.Any(m => m.Worker == "worker-2") ? 0 : 1;
        }

        Assert.True(without >= 45, $"left out at the end of {without} of 50 runs");
    }

    [Fact]
    public void One_WhoComesAndReachesNobody_DoesNotCostTheStateOfTheOthers()
    {
        for (int seed = 0; seed < 50; seed++)
        {
            Cluster cluster = Run(seed, 2, c =>
            {
                c.Cut("worker-9", "worker-0");
                c.Cut("worker-9", "worker-1");
                c.AddWorker("worker-9");
            });
            Assert.DoesNotContain(cluster.Reasons, r => r.Contains("going on from", StringComparison.Ordinal));
        }
    }

    [Theory]
    [InlineData(1, false, new string[0])]
    [InlineData(2, false, new[] { "b" })]
    [InlineData(2, true, new string[0])]
    public void Link_ThatBreaksInGenerationsInARow_LeavesItsEndOutUnlessItIsHearsay(
        int generations, bool secondHand, string[] leftOut)
    {
        CoordinatorState state = new Cluster(1, Geometry, 2).State;
        var now = TimeSpan.FromSeconds(1);
        void Tell(CoordinatorEvent e) => state = CoordinatorCore.Decide(state, e, now).State;
        Tell(new WorkerJoined("a", "x", "job", 0, 0, 50, true, 0));
        Tell(new WorkerJoined("b", "y", "job", 0, 0, 50, true, 0));
        for (ulong generation = 1; generation <= (ulong)generations; generation++)
        {
            Tell(new WorkerPrepared("a", generation, 0, 0));
            Tell(new WorkerPrepared("b", generation, 0, 0));
            Assert.Equal(generation, state.Generation);
            Tell(new WorkerLostLink("a", generation, "b", "reset", secondHand));
            Tell(new WorkerLostLink("b", generation, "a", "reset", secondHand));
            now += state.Options.GatherTime;
            Tell(new Ticked());
            Assert.Equal(RunPhase.Preparing, state.Phase);
        }

        Assert.Equal(leftOut, state.Flaps.Keys);
        Assert.Equal(leftOut, new[] { "a", "b" }.Except(state.Asked, StringComparer.Ordinal));
    }

    private static Cluster Run(int seed, int workers, Action<Cluster> meddle)
    {
        var cluster = new Cluster(seed, Geometry, workers);
        cluster.EvaluatorJoins();
        for (int i = 0; i < workers; i++)
        {
            cluster.AddWorker($"worker-{i}");
        }

        bool done = false;
        for (int deliveries = 0; cluster.Next(); deliveries++)
        {
            Assert.True(
                deliveries < MaxDeliveries, $"seed {seed}: no end; {cluster.State.Phase}: {cluster.State.Why}");
            if (!done && cluster.State.Committed >= CutAfter)
            {
                done = true;
                meddle(cluster);
            }
        }

        Assert.Equal(RunOutcome.Completed, cluster.End!.Outcome);
        Assert.Equal($"{cluster.Expected(Geometry.FinalStep):x}", cluster.State.WeightsSha256);
        Assert.All(cluster.State.Ledger!.Epochs, e => Assert.True(e.Exact, $"{e}"));
        return cluster;
    }
}

namespace Colony.Simulation.Tests;

public sealed class PredictionTests
{
    /// <summary>Of 1514 bytes 1448 are payload, and half of an answer of 66 goes with each.</summary>
    private const double Wire = 1547.0 / 1448;

    private static readonly ClusterModel Model = new()
    {
        ModelBytes = 1e8,
        GatherBytes = 0,
        NetworkMbps = 8000,
        LatencyMs = 1,
        MtbfHours = 1,
        ComputeSeconds = 8,
        LogicalRanks = 8,
    };

    /// <summary>By hand: 10^9 bytes a second; 2(W-1)/W of 10^8 bytes, and 4(W-1) hops of a millisecond.</summary>
    [Theory]
    [InlineData(1, 8, 0)]
    [InlineData(2, 4, (0.1 * Wire) + 0.004)]
    [InlineData(3, 3, (0.2 * Wire * 2 / 3) + 0.008)]
    [InlineData(8, 1, (0.175 * Wire) + 0.028)]
    [InlineData(16, 1, (0.1875 * Wire) + 0.060)]
    public void A_step_is_its_computing_and_the_ring(int workers, double compute, double exchange)
    {
        Assert.Equal(compute, Model.Compute(workers), 9);
        Assert.Equal(exchange, Model.Exchange(workers), 9);
        Assert.Equal(compute + exchange, Model.Step(workers), 9);
    }

    [Fact]
    public void Gathered_bytes_go_around_once()
    {
        var gathers = Model with { GatherBytes = 4e8 };
        Assert.Equal(0.2 * Wire, gathers.Exchange(2) - Model.Exchange(2), 9);
    }

    [Fact]
    public void Goodput_loses_half_a_step_and_the_regroups_a_failure()
    {
        // Two workers fail 2/3600 times a second; each costs 0.148 s of regroups and half of a step.
        Assert.Equal(1 / (1 + (2 / 3600.0 * (0.148 + ((4.004 + (0.1 * Wire)) / 2)))), Model.Goodput(2, 0.148), 9);
    }

    [Fact]
    public void What_a_crash_costs_beside_its_step_is_far_below_a_second_and_grows_with_the_latency()
    {
        var near = Measure(0.1);
        var far = Measure(20);
        Assert.InRange(near.DeathSeconds, 0.01, 0.3);
        Assert.InRange(near.JoinSeconds, 0.01, 0.5);
        Assert.True(far.DeathSeconds > near.DeathSeconds + 0.02, $"{far} is no more than {near}");

        static RegroupCost Measure(double latencyMs) => RecoverySimulation.Measure(
            workers: 4, TimeSpan.FromMilliseconds(latencyMs), runs: 5, TestContext.Current.CancellationToken);
    }
}

using Colony.Actors.Simulation;
using Colony.Orchestration;

namespace Colony.Simulation;

/// <summary>What an interruption costs beside the step that is done again, from simulated crashes.</summary>
/// <param name="DeathSeconds">Mean, from when a worker's death is known to the next committed step.</param>
/// <param name="JoinSeconds">Mean, from a worker's hello to the next committed step.</param>
public sealed record RegroupCost(double DeathSeconds, double JoinSeconds);

/// <summary>Crashes one worker in each of some runs of so many workers and takes the mean of what follows.</summary>
public static class RecoverySimulation
{
    /// <summary>More are as good as this many: the regroup's messages go to all at once.</summary>
    public const int MaxSimulated = 64;

    /// <summary>With more, heartbeats come too late to be trusted, and no worker would stay.</summary>
    public static readonly TimeSpan MaxLatency = TimeSpan.FromMilliseconds(100);

    private const int FewestSteps = 8;

    // All have booted after two seconds, and have far to go after three.
    private static readonly TimeSpan s_crashAfter = TimeSpan.FromSeconds(3);
    private static readonly TimeSpan s_downFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan s_timeLimit = TimeSpan.FromHours(1);

    /// <summary>Measures in virtual time.</summary>
    /// <param name="workers">W, at least 2.</param>
    /// <param name="latency">One hop.</param>
    /// <param name="runs">How many crashes.</param>
    /// <param name="cancellationToken">Stops it between two runs.</param>
    /// <returns>The means.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of its range.</exception>
    /// <exception cref="InvalidOperationException">A run broke a promise; the message is its report.</exception>
    public static RegroupCost Measure(int workers, TimeSpan latency, int runs, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(workers, 2);
        ArgumentOutOfRangeException.ThrowIfLessThan(runs, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(latency, MaxLatency);
        var simulated = Math.Min(workers, MaxSimulated);
        var step = WorldPlan.DefaultComputeTime + (2 * (simulated - 1) * latency);
        var steps = FewestSteps + (int)((s_crashAfter + s_downFor) / step);
        var geometry = new RunGeometry(steps * simulated, simulated, simulated, Epochs: 1, MaxSteps: null);
        geometry = geometry.Samples % StandIn.Stride == 0 ? geometry with { Samples = geometry.Samples + 1 } : geometry;
        var plan = new WorldPlan(geometry, simulated, CheckpointEvery: 0, Datagrams: false, null, TimeSpan.Zero);
        var (deaths, joins) = (new List<double>(), new List<double>());
        for (var run = 0; run < runs; run++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            foreach (var (cause, seconds) in Crash((ulong)run, plan, latency, step))
            {
                (cause == "join" ? joins : deaths).Add(Math.Max(0, seconds - step.TotalSeconds));
            }
        }

        return new RegroupCost(deaths.DefaultIfEmpty(0).Average(), joins.DefaultIfEmpty(0).Average());
    }

    private static IEnumerable<(string Cause, double Seconds)> Crash(
        ulong seed, WorldPlan plan, TimeSpan latency, TimeSpan step)
    {
        var draw = new SeededRandom(seed, "crash");
        var at = s_crashAfter + (step * draw.NextDouble());
        var crash = new Fault(at, FaultKind.Crash, $"worker-{draw.Next(plan.Workers)}", null, s_downFor, 1);
        ColonyWorld? world = null;
        var result = SimulationRun.Run(
            seed,
            new SimulationOptions
            {
                TimeLimit = s_timeLimit,
                Network = new NetworkProfile
                {
                    MinDelay = latency * 0.9, MeanExtraDelay = latency * 0.1, HiccupProbability = 0,
                },
            },
            stage => world = new ColonyWorld(stage, plan, Flaw.None),
            [crash]);
        return result.Violation is null
            ? world!.Figures.Recoveries
            : throw new InvalidOperationException(result.Report());
    }
}

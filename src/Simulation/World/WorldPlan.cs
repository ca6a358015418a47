using Colony.Actors.Simulation;
using Colony.Orchestration;

namespace Colony.Simulation;

/// <summary>What a seed draws before anything happens: the size of everything, and who is asked to leave.</summary>
internal sealed record WorldPlan(
    RunGeometry Geometry, int Workers, long CheckpointEvery, bool Datagrams, int? Leaver, TimeSpan LeavesAt)
{
    /// <summary>Above this many the run is short: its size is the point.</summary>
    private const int ManyWorkers = 256;

    /// <summary>How long a step's computation takes on a healthy worker.</summary>
    public static readonly TimeSpan DefaultComputeTime = TimeSpan.FromMilliseconds(60);

    /// <summary>As <see cref="DefaultComputeTime"/>, here.</summary>
    public TimeSpan ComputeTime { get; init; } = DefaultComputeTime;

    /// <summary>Draws a plan.</summary>
    /// <param name="seed">Seed 0 takes all workers, any other draws how many, few more often than many.</param>
    /// <param name="maxWorkers">The most workers.</param>
    public static WorldPlan Draw(ulong seed, int maxWorkers)
    {
        var draw = new SeededRandom(seed, "world");
        var share = draw.NextDouble();
        var workers = seed == 0 ? maxWorkers : 1 + (int)(maxWorkers * (maxWorkers > 8 ? share * share : share));
        var ranks = workers <= 8
            ? 1 + draw.Next(8)
            : Math.Max(8, (int)(workers * (0.75 + (draw.NextDouble() / 2))));
        var batch = Math.Max(8 + draw.Next(8), ranks);
        long samples = (batch * 3L) + 8 + draw.Next(batch);
        samples += samples % StandIn.Stride == 0 ? 1 : 0;
        var epochs = workers > ManyWorkers ? 1 : 2 + draw.Next(3);
        var geometry = new RunGeometry(samples, batch, ranks, epochs, MaxSteps: null);
        return new WorldPlan(
            geometry,
            workers,
            CheckpointEvery: 1 + draw.Next(7),
            Datagrams: draw.Chance(0.5),
            Leaver: workers > 1 && draw.Chance(0.4) ? draw.Next(workers) : null,
            LeavesAt: draw.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8)));
    }
}

namespace Colony.Actors.Simulation;

/// <summary>Something that must never be, and was.</summary>
/// <param name="Invariant">Which promise was broken.</param>
/// <param name="Detail">How.</param>
public sealed record Violation(string Invariant, string Detail);

/// <summary>What is simulated: nodes with processes on them, and what must always hold.</summary>
public interface ISimulatedWorld
{
    /// <summary>Each is asked after each event; the first answer ends the run.</summary>
    IReadOnlyList<Func<Violation?>> Invariants { get; }

    /// <summary>Whether everything that was to be done is done; the run ends.</summary>
    bool IsFinished { get; }

    /// <summary>Where the world stands, in a few words; for the report of a run that does not end.</summary>
    string Status { get; }

    /// <summary>Asked once at the end: whether the outcome is right.</summary>
    /// <returns>What is wrong, or null.</returns>
    Violation? CheckOutcome();
}

/// <summary>What the builder of a world gets.</summary>
/// <param name="Scheduler">Time and nodes.</param>
/// <param name="Network">Links.</param>
public sealed record SimulationStage(SimulatedScheduler Scheduler, SimulatedNetwork Network);

/// <summary>Bounds and surroundings of a run.</summary>
public sealed record SimulationOptions
{
    /// <summary>Virtual time by which the world must be finished: the liveness that is promised.</summary>
    public required TimeSpan TimeLimit { get; init; }

    /// <summary>Events by which it must be.</summary>
    public long MaxEvents { get; init; } = 5_000_000;

    /// <summary>The network.</summary>
    public NetworkProfile Network { get; init; } = new();

    /// <summary>What goes wrong.</summary>
    public FaultProfile Faults { get; init; } = FaultProfile.None;

    /// <summary>Gets everything that is traced, as it happens; null for the last things alone.</summary>
    public Action<TraceEntry>? OnTraced { get; init; }
}

/// <summary>What became of a run.</summary>
/// <param name="Seed">The number that replays it.</param>
/// <param name="Events">How many events happened.</param>
/// <param name="VirtualDuration">How long it took in virtual time.</param>
/// <param name="TraceHash">Equal for equal runs.</param>
/// <param name="Faults">The schedule; give it back to replay the run, or a part of it to cut it down.</param>
/// <param name="FaultsByKind">Faults that struck.</param>
/// <param name="Violation">What must never be, and was; null for a good run.</param>
/// <param name="TraceTail">What happened last; empty for a good run.</param>
public sealed record SimulationResult(
    ulong Seed,
    long Events,
    TimeSpan VirtualDuration,
    ulong TraceHash,
    IReadOnlyList<Fault> Faults,
    IReadOnlyDictionary<FaultKind, int> FaultsByKind,
    Violation? Violation,
    IReadOnlyList<string> TraceTail)
{
    /// <summary>The run for a person: seed, violation, schedule and the end of the trace.</summary>
    /// <returns>Several lines.</returns>
    public string Report() => string.Join(
        Environment.NewLine,
        [
            $"seed {Seed}: {Violation?.Invariant ?? "good"} after {Events} events, "
                + $"{VirtualDuration.TotalSeconds:0.###} s",
            Violation?.Detail ?? string.Empty,
            .. Faults.Select(FaultText.Format),
            .. TraceTail,
        ]);
}

/// <summary>Runs a world from a seed to its end.</summary>
public static class SimulationRun
{
    /// <summary>Trace entries in the report of a violation.</summary>
    public const int ReportedTrace = 60;

    /// <summary>Runs a world.</summary>
    /// <param name="seed">What decides everything.</param>
    /// <param name="options">Bounds and surroundings.</param>
    /// <param name="build">Makes the world's nodes and starts their processes.</param>
    /// <param name="faults">The schedule of faults; null draws one from the seed.</param>
    /// <returns>What became of it. An exception out of the world is a violation too.</returns>
    public static SimulationResult Run(
        ulong seed,
        SimulationOptions options,
        Func<SimulationStage, ISimulatedWorld> build,
        IReadOnlyList<Fault>? faults = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(build);
        var scheduler = new SimulatedScheduler(seed) { OnTraced = options.OnTraced };
        var network = new SimulatedNetwork(scheduler, options.Network);
        var world = build(new SimulationStage(scheduler, network));
        faults ??= options.Faults.Draw([.. scheduler.Nodes.Select(static n => n.Name)], scheduler.Random("faults"));
        var injector = new FaultInjector(scheduler, network, faults);
        var violation = Watch(scheduler, options, world);
        IReadOnlyList<string> tail = violation is null
            ? []
            : [.. scheduler.TraceTail.TakeLast(ReportedTrace).Select(static e => e.ToString())];
        return new SimulationResult(
            seed, scheduler.Events, scheduler.Now, scheduler.TraceHash, faults, injector.Counts, violation, tail);
    }

    private static Violation? Watch(SimulatedScheduler scheduler, SimulationOptions options, ISimulatedWorld world)
    {
        Violation? violation = null;
        var invariants = world.Invariants;
        try
        {
            var stop = scheduler.Run(options.TimeLimit, options.MaxEvents, () =>
            {
                for (var i = 0; i < invariants.Count && violation is null; i++)
                {
                    violation = invariants[i]();
                }

                return violation is not null || world.IsFinished;
            });
            return violation ?? (world.IsFinished
                ? world.CheckOutcome()
                : new Violation("it ends", $"not finished ({stop}): {world.Status}"));
        }
        catch (Exception failure)
        {
            return new Violation("nothing is thrown", failure.ToString());
        }
    }
}

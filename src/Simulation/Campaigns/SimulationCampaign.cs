using Colony.Actors.Simulation;

namespace Colony.Simulation;

/// <summary>Runs seed after seed on all cores, gathers what they show, and cuts failures down.</summary>
public sealed class SimulationCampaign
{
    /// <summary>Lines of a failure's trace.</summary>
    private const int TraceLines = 60;

    private static readonly TimeSpan s_timeLimit = TimeSpan.FromMinutes(10);

    private readonly CampaignOptions _options;
    private readonly IProgress<CampaignProgress>? _progress;
    private readonly Lock _lock = new();
    private readonly CampaignFigures _figures = new();
    private readonly SortedDictionary<ulong, SimulationResult> _failed = [];
    private long _next;

    private SimulationCampaign(CampaignOptions options, IProgress<CampaignProgress>? progress)
    {
        _options = options;
        _progress = progress;
    }

    /// <summary>Runs a campaign.</summary>
    /// <param name="options">What to run.</param>
    /// <param name="progress">Told after each schedule, on the thread that ran it.</param>
    /// <param name="cancellationToken">Stops it between two schedules.</param>
    /// <returns>What it showed; a broken promise is in the report, not an exception.</returns>
    /// <exception cref="ArgumentOutOfRangeException">A number of the options is out of its range.</exception>
    public static async Task<CampaignReport> RunAsync(
        CampaignOptions options, IProgress<CampaignProgress>? progress, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Seeds, 1, nameof(options.Seeds));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.Seeds, CampaignOptions.MaxSeeds, nameof(options.Seeds));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Workers, 1, nameof(options.Workers));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(
            options.Workers, CampaignOptions.MaxWorkers, nameof(options.Workers));
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Threads, 1, nameof(options.Threads));
        var campaign = new SimulationCampaign(options, progress);
        var threads = (int)Math.Min(options.Threads, options.Seeds);
        await Task.WhenAll(Enumerable.Range(0, threads)
            .Select(_ => Task.Run(() => campaign.RunSeeds(cancellationToken), cancellationToken)))
            .ConfigureAwait(false);
        return campaign._figures.Report(
            [.. campaign._failed.Keys],
            await Task.Run(campaign.Shortest, cancellationToken).ConfigureAwait(false));
    }

    /// <summary>Runs one seed, with its own schedule of faults or another.</summary>
    internal static (SimulationResult Result, ColonyWorld World) RunSeed(
        ulong seed, CampaignOptions options, IReadOnlyList<Fault>? faults = null, ControlPlaneMeter? meter = null)
    {
        var plan = WorldPlan.Draw(seed, options.Workers);
        plan = options.Faults.NobodyLeaves ? plan with { Leaver = null } : plan;
        ColonyWorld? world = null;
        var result = SimulationRun.Run(
            seed,
            new SimulationOptions
            {
                TimeLimit = s_timeLimit,
                MaxEvents = 300_000 + (100_000L * plan.Workers),
                Network = options.Faults.Network,
                Faults = options.Faults.Faults,
                OnTraced = options.OnTraced,
            },
            stage => world = new ColonyWorld(stage, plan, options.Flaw, meter),
            faults ?? options.Faults.Schedule);
        return (result, world!);
    }

    private void RunSeeds(CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var index = Interlocked.Increment(ref _next) - 1;
            if (index >= _options.Seeds)
            {
                return;
            }

            var meter = _options.MeasureWith is { } clock ? new ControlPlaneMeter(clock) : null;
            var (result, world) = RunSeed(_options.FirstSeed + (ulong)index, _options, null, meter);
            var bytes = meter is null ? 0 : GC.GetTotalMemory(forceFullCollection: true);
            lock (_lock)
            {
                _figures.Add(result, world, meter, bytes);
                if (result.Violation is not null)
                {
                    _failed[result.Seed] = result;
                    if (_failed.Count >= _options.StopAfterViolations)
                    {
                        Interlocked.Exchange(ref _next, _options.Seeds);
                    }
                }

                _progress?.Report(new CampaignProgress(_figures.Schedules, _figures.Events, _failed.Count));
            }
        }
    }

    /// <summary>Of the first failures, the one with the fewest faults after cutting down.</summary>
    private CampaignFailure? Shortest() => _failed.Values.Take(_options.ViolationsToCut)
        .Select(CutDown)
        .OrderBy(static f => f.Schedule.Count).ThenBy(static f => f.Trace.Count)
        .FirstOrDefault();

    private CampaignFailure CutDown(SimulationResult failed)
    {
        var quietly = _options with { OnTraced = null };
        bool Fails(IReadOnlyList<Fault> faults) =>
            RunSeed(failed.Seed, quietly, faults).Result.Violation?.Invariant == failed.Violation!.Invariant;
        var few = ScheduleMinimizer.Shorten(ScheduleMinimizer.Minimize(failed.Faults, Fails), Fails);

        // What the processes said, without each message: that is in the file that a trace can be written to.
        var said = new Queue<string>();
        var told = _options with
        {
            OnTraced = entry =>
            {
                if (entry.What is string or Fault)
                {
                    said.Enqueue(entry.ToString());
                    if (said.Count > TraceLines)
                    {
                        said.Dequeue();
                    }
                }
            },
        };
        var last = RunSeed(failed.Seed, told, few).Result;
        return new CampaignFailure(
            failed.Seed,
            last.Violation!.Invariant,
            last.Violation.Detail,
            [.. last.Faults.Select(FaultText.Format)],
            [.. said]);
    }
}

using Colony.Actors.Simulation;

namespace Colony.Simulation;

/// <summary>Sums over the schedules of a campaign. Not thread-safe.</summary>
internal sealed class CampaignFigures
{
    private readonly SortedDictionary<string, long> _injected = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, List<double>> _recoveries = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _received = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _sent = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, DecideCost> _decide = new(StringComparer.Ordinal);
    private readonly List<double> _regroups = [];
    private TimeSpan _virtual;
    private long _steps;
    private long _generations;
    private long _membersTold;
    private long _bytes;

    public long Schedules { get; private set; }

    public long Events { get; private set; }

    public void Add(SimulationResult result, ColonyWorld world, ControlPlaneMeter? meter, long bytes)
    {
        Schedules++;
        Events += result.Events;
        _virtual += result.VirtualDuration;
        foreach (var (kind, count) in result.FaultsByKind)
        {
            Count(_injected, kind.ToString(), count);
        }

        var network = world.Network;
        Count(_injected, "MessageDelayed", network.Hiccups);
        Count(_injected, "ChunkLost", network.DatagramsLost);
        Count(_injected, "ChunkDuplicated", network.DatagramsDuplicated);
        Count(_injected, "ChunkReordered", network.DatagramsReordered);
        Count(_injected, "TornFile", world.Scheduler.Nodes.Sum(static n => (long)n.Disk.TornFiles));
        var figures = world.Figures;
        foreach (var (cause, seconds) in figures.Recoveries)
        {
            if (!_recoveries.TryGetValue(cause, out var all))
            {
                _recoveries[cause] = all = [];
            }

            all.Add(seconds);
        }

        Add(_received, figures.Received);
        Add(_sent, figures.Sent);
        _steps += figures.Committed;
        _generations += figures.Generations;
        _membersTold += figures.MembersTold;
        _bytes = bytes;
        if (meter is not null)
        {
            _regroups.AddRange(meter.Regroups);
            foreach (var (kind, cost) in meter.ByEvent)
            {
                var before = _decide.GetValueOrDefault(kind, new DecideCost(0, 0));
                _decide[kind] = new DecideCost(before.Count + cost.Count, before.Seconds + cost.Seconds);
            }
        }
    }

    public CampaignReport Report(IReadOnlyList<ulong> failedSeeds, CampaignFailure? failure) => new(
        Schedules,
        Events,
        _virtual.TotalSeconds,
        _injected,
        [.. _recoveries.Select(static r => Recovery(r.Key, r.Value))],
        failedSeeds,
        failure,
        new ControlPlaneFigures(
            _steps, _generations, _received, _sent, _membersTold, [.. _regroups.Order()], _decide, _bytes));

    private static RecoveryFigures Recovery(string cause, List<double> seconds)
    {
        seconds.Sort();
        return new RecoveryFigures(cause, seconds.Count, Part(seconds, 0.5), Part(seconds, 0.95), seconds[^1]);
    }

    private static double Part(List<double> sorted, double share) =>
        sorted[Math.Clamp((int)Math.Ceiling(sorted.Count * share) - 1, 0, sorted.Count - 1)];

    private static void Add(SortedDictionary<string, long> sums, IReadOnlyDictionary<string, long> counts)
    {
        foreach (var (kind, count) in counts)
        {
            Count(sums, kind, count);
        }
    }

    private static void Count(SortedDictionary<string, long> counts, string kind, long count) =>
        counts[kind] = counts.GetValueOrDefault(kind) + count;
}

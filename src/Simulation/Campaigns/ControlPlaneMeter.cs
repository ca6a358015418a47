using Colony.Orchestration;

namespace Colony.Simulation;

/// <summary>
/// Real time that the coordinator's decisions take, from a real clock: for a person who asks what a size costs, never
/// for a test.
/// </summary>
/// <param name="clock">The real clock.</param>
internal sealed class ControlPlaneMeter(TimeProvider clock)
{
    private readonly List<double> _regroups = [];
    private readonly Dictionary<string, DecideCost> _byEvent = new(StringComparer.Ordinal);
    private double _open;

    /// <summary>Seconds of deciding for each regroup: from the announcement to the start, all events between.</summary>
    public IReadOnlyList<double> Regroups => _regroups;

    /// <summary>How many events of each kind there were, and how long the decisions on them took together.</summary>
    public IReadOnlyDictionary<string, DecideCost> ByEvent => _byEvent;

    public Decision<CoordinatorState, CoordinatorEffect> Measure(
        CoordinatorEvent happened, RunPhase before, Func<Decision<CoordinatorState, CoordinatorEffect>> decide)
    {
        var start = clock.GetTimestamp();
        var decision = decide();
        var seconds = clock.GetElapsedTime(start).TotalSeconds;
        var kind = happened.GetType().Name;
        var cost = _byEvent.GetValueOrDefault(kind, new DecideCost(0, 0));
        _byEvent[kind] = new DecideCost(cost.Count + 1, cost.Seconds + seconds);
        var after = decision.State.Phase;
        if (before == RunPhase.Preparing || after == RunPhase.Preparing)
        {
            _open += seconds;
            if (after != RunPhase.Preparing)
            {
                _regroups.Add(_open);
                _open = 0;
            }
        }

        return decision;
    }
}

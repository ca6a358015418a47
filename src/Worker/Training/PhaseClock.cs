using Colony.Faults;

namespace Colony.Worker;

/// <summary>Divides a step's time among its phases; a phase lasts until the next begins.</summary>
internal sealed class PhaseClock(TimeProvider time, Action<string> entered)
{
    public const string Load = WorkerPlaces.Load;
    public const string Forward = WorkerPlaces.Forward;
    public const string Gather = WorkerPlaces.Gather;
    public const string Objective = WorkerPlaces.Objective;
    public const string Backward = WorkerPlaces.Backward;
    public const string Reduce = WorkerPlaces.Reduce;
    public const string Optimizer = WorkerPlaces.Optimizer;

    /// <summary>Between steps: state is copied for a checkpoint, or the store is waited for.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>Between steps: weights are copied for the evaluator.</summary>
    public const string Evaluation = "evaluation";

    private readonly Dictionary<string, double> _seconds = new(StringComparer.Ordinal);
    private string? _phase;
    private long _since;

    public IReadOnlyDictionary<string, double> Seconds => _seconds;

    public void Enter(string phase)
    {
        Close();
        _phase = phase;
        _since = time.GetTimestamp();
        entered(phase);
    }

    /// <summary>What was measured here together with other phases; begins anew.</summary>
    public IReadOnlyDictionary<string, double> TakeWith(IReadOnlyDictionary<string, double> others)
    {
        var all = new Dictionary<string, double>(others, StringComparer.Ordinal);
        foreach ((string phase, double seconds) in _seconds)
        {
            all[phase] = seconds;
        }

        _seconds.Clear();
        return all;
    }

    public void Close()
    {
        if (_phase is not null)
        {
            _seconds[_phase] = _seconds.GetValueOrDefault(_phase) + time.GetElapsedTime(_since).TotalSeconds;
            _phase = null;
        }
    }
}

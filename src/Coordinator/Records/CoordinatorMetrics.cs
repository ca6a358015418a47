using System.Collections.Concurrent;
using System.Diagnostics;
using System.Diagnostics.Metrics;
using Colony.Orchestration;
using Colony.Telemetry;
using Proto = Colony.Protos.V1;

namespace Colony.Coordinator;

/// <summary>
/// What Prometheus sees of a run. Written by the coordinator actor, read by scrapes on other threads.
/// </summary>
internal sealed class CoordinatorMetrics : IDisposable
{
    private readonly PrometheusExposition _exposition;
    private readonly Meter _meter = Meters.Create("Coordinator");
    private readonly Counter<long> _steps;
    private readonly Counter<long> _samples;
    private readonly Counter<long> _skipped;
    private readonly Counter<long> _recoveries;
    private readonly Counter<long> _stalls;
    private readonly Counter<double> _stalled;
    private readonly Counter<long> _digests;
    private readonly Histogram<double> _recovery;
    private readonly Histogram<double> _phases;
    private readonly ConcurrentDictionary<string, string> _targets = new(StringComparer.Ordinal);
    private volatile Proto.Evaluation? _evaluation;
    private volatile CoordinatorState? _state;
    private double _loss = double.NaN;
    private double _speed;

    /// <param name="exposition">Where they are shown; loses the series of workers that are gone.</param>
    public CoordinatorMetrics(PrometheusExposition exposition)
    {
        _exposition = exposition;
        _steps = _meter.CreateCounter<long>("colony_steps_committed_total", description: "Steps held by every member.");
        _samples = _meter.CreateCounter<long>(
            "colony_samples_consumed_total", description: "Samples of committed steps.");
        _skipped = _meter.CreateCounter<long>(
            "colony_steps_skipped_total", description: "Steps without an update, because a gradient was not finite.");
        _recoveries = _meter.CreateCounter<long>(
            "colony_recoveries_total", description: "Interruptions that are over.");
        _stalls = _meter.CreateCounter<long>(
            "colony_stalls_total", description: "Times that the run stood still for longer than workers.stall_ms.");
        _stalled = _meter.CreateCounter<double>(
            "colony_stall_seconds_total", description: "Time of those, by phase and what was waited for.");
        _digests = _meter.CreateCounter<long>(
            "colony_digest_mismatches_total", description: "States whose bits differed from the others'.");
        _recovery = _meter.CreateHistogram<double>(
            "colony_recovery_duration_seconds", description: "From an interruption to the next committed step.");
        _phases = _meter.CreateHistogram<double>(
            "colony_step_duration_seconds", description: "Time of a step's phases, as the workers report them.");
        _steps.Add(0);
        _samples.Add(0);
        _skipped.Add(0);
        _digests.Add(0);
        foreach (string cause in Interruption.Causes)
        {
            _recoveries.Add(0, new KeyValuePair<string, object?>("cause", cause));
        }

        Gauge("colony_loss", "Loss of the last committed global batch.", () => Volatile.Read(ref _loss));
        Gauge("colony_samples_per_second", "Speed over the last steps.", () => Volatile.Read(ref _speed));
        Gauge("colony_step", "The last committed step.", () => _state?.Committed ?? 0);
        Gauge("colony_final_step", "The last step of the run.", () => _state?.FinalStep ?? 0);
        Gauge("colony_generation", "The newest generation.", () => _state?.Generation ?? 0);
        Gauge("colony_checkpoint_step", "The last committed checkpoint.", () => _state?.LastCheckpoint ?? 0);
        Gauge("colony_evaluation_step", "Step of the last evaluation.", () => _evaluation?.Step ?? 0);
        Gauge("colony_evaluation_rsum", "Sum of the six recalls in percent.", () => _evaluation?.Rsum ?? 0);
        Gauge("colony_ledger_expected", "Samples that the open epoch had to consume.", () => Account()?.Expected ?? 0);
        Gauge("colony_ledger_consumed", "Samples that the open epoch consumed.", () => Account()?.Consumed ?? 0);
        Gauge("colony_ledger_duplicates", "Samples consumed twice, in all epochs.", () => Sum(e => e.Duplicates));
        Gauge("colony_ledger_missing", "Samples due and not consumed, in all epochs.", () => Sum(e => e.Missing));
        Gauge("colony_goodput_ratio", "Useful part of the time since the coordinator began.", () => Time().Ratio);
        _meter.CreateObservableCounter(
            "colony_useful_seconds_total", () => Time().Useful, description: "Time that moved the run forward.");
        _meter.CreateObservableCounter(
            "colony_lost_seconds_total", LostSeconds, description: "Time that did not, by cause.");
        _meter.CreateObservableGauge("colony_workers", Workers, description: "Workers by state.");
        _meter.CreateObservableGauge("colony_evaluation_recall_ratio", Recalls, description: "Recall, 0 to 1.");
    }

    /// <summary>Raised by the coordinator actor when a process to scrape has come or gone.</summary>
    public event Action? TargetsChanged;

    /// <summary>Where Prometheus finds the metrics of each worker that is here, and of the evaluator.</summary>
    public IReadOnlyDictionary<string, string> Targets => _targets;

    public void Target(string worker, string address)
    {
        if (address.Length > 0)
        {
            _targets[worker] = address;
            TargetsChanged?.Invoke();
        }
    }

    /// <summary>A worker is gone. In a run of weeks thousands may come and go, each under a name of its own.</summary>
    public void Gone(string worker)
    {
        _exposition.Forget(_phases.Name, "worker", worker);
        _exposition.Forget(_stalls.Name, "for", worker);
        _exposition.Forget(_stalled.Name, "for", worker);
        if (_targets.TryRemove(worker, out _))
        {
            TargetsChanged?.Invoke();
        }
    }

    public void Observe(CoordinatorState state) => _state = state;

    public void Committed(StepCommitted committed, double speed)
    {
        _steps.Add(1);
        _samples.Add(committed.Applied.Samples.Length);
        _skipped.Add(committed.Applied.Skipped ? 1 : 0);
        Volatile.Write(ref _loss, committed.Applied.Loss);
        Volatile.Write(ref _speed, speed);
    }

    public void StepReported(string worker, Proto.StepApplied applied)
    {
        foreach ((string phase, double seconds) in applied.Seconds)
        {
            _phases.Record(seconds, new KeyValuePair<string, object?>("worker", worker), new("phase", phase));
        }
    }

    public void Judged(Proto.Evaluation evaluation) => _evaluation = evaluation;

    public void Recovered(Recovery recovery)
    {
        var cause = new KeyValuePair<string, object?>("cause", recovery.Cause);
        _recoveries.Add(1, cause);
        _recovery.Record(recovery.Seconds);
    }

    public void Stalled(string what, string phase, TimeSpan waited)
    {
        var labels = new TagList { { "phase", phase }, { "for", what } };
        _stalls.Add(1, labels);
        _stalled.Add(waited.TotalSeconds, labels);
    }

    public void DigestDiffered(string worker) =>
        _digests.Add(1, new KeyValuePair<string, object?>("worker", worker));

    public void Dispose() => _meter.Dispose();

    private void Gauge(string name, string description, Func<double> read) =>
        _meter.CreateObservableGauge(name, read, description: description);

    private Goodput Time() => _state?.Goodput ?? new Goodput();

    private IEnumerable<Measurement<double>> LostSeconds()
    {
        Goodput time = Time();
        return Goodput.Causes.Select(cause => new Measurement<double>(
            time.Lost.GetValueOrDefault(cause), new KeyValuePair<string, object?>("cause", cause)));
    }

    private EpochAccount? Account() => _state?.Ledger?.Epochs.LastOrDefault();

    private double Sum(Func<EpochAccount, long> field) => _state?.Ledger?.Epochs.Sum(field) ?? 0;

    private IEnumerable<Measurement<int>> Workers()
    {
        CoordinatorState? state = _state;
        int members = state?.Members.Count(m => state.Workers.ContainsKey(m.Worker)) ?? 0;
        int leaving = state?.Workers.Values.Count(w => w.Leaving) ?? 0;
        yield return new(members, new KeyValuePair<string, object?>("state", "member"));
        yield return new(leaving, new KeyValuePair<string, object?>("state", "leaving"));
        yield return new((state?.Workers.Count ?? 0) - members, new KeyValuePair<string, object?>("state", "waiting"));
    }

    private IEnumerable<Measurement<double>> Recalls()
    {
        if (_evaluation is not { } e)
        {
            yield break;
        }

        foreach ((string direction, Proto.DirectionRecall recall) in
            new[] { ("image_to_text", e.ImageToText), ("text_to_image", e.TextToImage) })
        {
            foreach ((string k, double percent) in new[] { ("1", recall.R1), ("5", recall.R5), ("10", recall.R10) })
            {
                yield return new(
                    percent / 100,
                    new KeyValuePair<string, object?>("direction", direction), new("k", k), new("split", e.Split));
            }
        }
    }
}

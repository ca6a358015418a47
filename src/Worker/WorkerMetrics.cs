using System.Diagnostics;
using System.Diagnostics.Metrics;
using Colony.Collective;
using Colony.Orchestration;
using Colony.Protos.V1;
using Colony.Telemetry;
using Colony.Torch;

namespace Colony.Worker;

/// <summary>What Prometheus sees of a worker.</summary>
internal sealed class WorkerMetrics : IDisposable
{
    private readonly Meter _meter = Meters.Create("Worker");
    private readonly Counter<long> _steps;
    private readonly Counter<long> _wide;
    private readonly Counter<double> _waits;
    private readonly Counter<long> _stalls;
    private readonly Counter<double> _stalled;
    private readonly Histogram<double> _phases;
    private volatile WorkerState? _state;
    private long _held;

    public WorkerMetrics()
    {
        _steps = _meter.CreateCounter<long>("colony_worker_steps_applied_total", description: "Steps applied.");
        _wide = _meter.CreateCounter<long>(
            "colony_worker_wide_blocks_total", description: "Gradient blocks that were wider than the job's width.");
        _waits = _meter.CreateCounter<double>(
            "colony_worker_wait_seconds_total",
            description: "Time spent waiting for a peer, by phase of the collective.");
        _stalls = _meter.CreateCounter<long>(
            "colony_worker_stalls_total", description: "Waits above the job's workers.stall_ms.");
        _stalled = _meter.CreateCounter<double>(
            "colony_worker_stall_seconds_total",
            description: "Time of those waits, by phase and the peer waited for; empty for data, store, evaluator.");
        _phases = _meter.CreateHistogram<double>(
            "colony_worker_phase_duration_seconds", description: "Time of each phase of a step.");
        _steps.Add(0);
        _wide.Add(0);
        _meter.CreateObservableGauge("colony_worker_step", () => _state?.Held ?? 0, description: "The last step held.");
        _meter.CreateObservableGauge(
            "colony_worker_generation", () => (long)(_state?.Generation ?? 0),
            description: "The generation worked in.");
        _meter.CreateObservableGauge(
            "colony_worker_held_tensors", () => Interlocked.Read(ref _held),
            description: "Tensors alive after the last step, in libtorch's binding.");
        _meter.CreateObservableGauge(
            "colony_worker_live_tensors", () => TensorCounters.Live,
            description: "Tensors alive in libtorch's binding.");
    }

    public void Observe(WorkerState state) => _state = state;

    /// <summary>Shows the bytes that gradients and gathered rows take on the wire, by phase of the step.</summary>
    public void Observe(CollectiveTraffic traffic)
    {
        Counter("colony_collective_sent_bytes_total", "Payload sent to other workers.", traffic.Sent);
        Counter("colony_collective_received_bytes_total", "Payload received from other workers.", traffic.Received);

        void Counter(string name, string description, Func<Phase, long> bytes) => _meter.CreateObservableCounter(
            name,
            () => CollectiveTraffic.Phases.Select(phase => new Measurement<long>(
                bytes(phase), new KeyValuePair<string, object?>("phase", phase.ToString()))),
            description: description);
    }

    public void Stepped(StepReport report)
    {
        _steps.Add(1);
        _wide.Add(report.WideBlocks);
        foreach ((string phase, double seconds) in report.Seconds)
        {
            _phases.Record(seconds, new KeyValuePair<string, object?>("phase", phase));
        }
    }

    public void Waited(WaitObserved wait) =>
        _waits.Add(wait.Elapsed.TotalSeconds, new KeyValuePair<string, object?>("phase", wait.Phase.ToString()));

    /// <summary>Called on the compute thread when a step is done and nothing else has begun there.</summary>
    public void BetweenSteps() => Interlocked.Exchange(ref _held, TensorCounters.Live);

    public void Stalled(string peer, string phase, TimeSpan elapsed)
    {
        var labels = new TagList { { "peer", peer }, { "phase", phase } };
        _stalls.Add(1, labels);
        _stalled.Add(elapsed.TotalSeconds, labels);
    }

    public void Dispose() => _meter.Dispose();
}

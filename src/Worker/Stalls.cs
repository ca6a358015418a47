using Colony.Collective;

namespace Colony.Worker;

/// <summary>
/// Tells in words of every wait above a threshold: who waited for whom, in which phase, how long. A worker that is
/// waited for says nothing itself, so its peers do. Thread-safe.
/// </summary>
internal sealed class Stalls(int thresholdMilliseconds, WorkerMetrics metrics, Action<string> log)
{
    private static readonly string[] Own = [PhaseClock.Load, PhaseClock.Checkpoint, PhaseClock.Evaluation];

    private readonly TimeSpan _threshold = TimeSpan.FromMilliseconds(thresholdMilliseconds);

    /// <summary>A wait for a peer is over.</summary>
    public void Waited(string peer, WaitObserved wait)
    {
        metrics.Waited(wait);
        if (wait.Elapsed > _threshold)
        {
            string complaint = wait.Sending ? "took nothing" : "sent nothing";
            Tell(wait.Step, peer, wait.Phase.ToString(), wait.Elapsed, $"worker '{peer}', which {complaint}");
        }
    }

    /// <summary>A step is done; its report says how long it waited for data, store and evaluator.</summary>
    public void Stepped(StepReport report)
    {
        foreach (string phase in Own)
        {
            var elapsed = TimeSpan.FromSeconds(report.Seconds.GetValueOrDefault(phase));
            if (elapsed > _threshold)
            {
                Tell(report.Step, string.Empty, phase, elapsed, phase switch
                {
                    PhaseClock.Load => "its samples",
                    PhaseClock.Checkpoint => "a checkpoint to be copied or stored",
                    _ => "weights to be copied for the evaluator",
                });
            }
        }
    }

    private void Tell(long step, string peer, string phase, TimeSpan elapsed, string what)
    {
        metrics.Stalled(peer, phase, elapsed);
        log(FormattableString.Invariant(
            $"stall: step {step} waited {elapsed.TotalSeconds:0.0} s in {phase} for ") + what);
    }
}

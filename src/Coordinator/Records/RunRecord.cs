using Colony.Orchestration;
using Proto = Colony.Protos.V1;

namespace Colony.Coordinator;

/// <summary>A committed step as the learning curve shows it.</summary>
/// <param name="Step">The step.</param>
/// <param name="Loss">Loss of the global batch.</param>
/// <param name="LearningRate">The rate that it was applied with.</param>
/// <param name="GradientNorm">Norm before clipping.</param>
/// <param name="Seconds">Time since the run began.</param>
public sealed record StepPoint(long Step, double Loss, double LearningRate, double GradientNorm, double Seconds);

/// <summary>What is told of a run beside what decisions need. Owned by the coordinator actor.</summary>
internal sealed class RunRecord(TimeProvider time)
{
    /// <summary>Points of the curve that are kept; beyond it every second one is dropped.</summary>
    private const int PointsKept = 20_000;

    /// <summary>Steps over which the speed is averaged.</summary>
    private const int SpeedWindow = 20;

    private readonly long _started = time.GetTimestamp();
    private readonly Dictionary<long, Proto.StepApplied> _reports = [];
    private readonly Queue<(long Samples, double At)> _recent = new();
    private long _samples;
    private double _firstStepAt = double.NaN;

    public List<StepPoint> Steps { get; } = [];

    public List<Proto.Evaluation> Evaluations { get; } = [];

    public Proto.Evaluation? Best { get; private set; }

    public double Elapsed => time.GetElapsedTime(_started).TotalSeconds;

    /// <summary>Samples a second over the last steps.</summary>
    public double Speed { get; private set; }

    /// <summary>Samples a second from the first committed step to the last.</summary>
    public double MeanSpeed { get; private set; }

    public void Reported(Proto.StepApplied applied)
    {
        if (_reports.Count < CoordinatorActor.MaxReportsKept)
        {
            _reports.TryAdd(applied.Step, applied);
        }
    }

    public Proto.StepApplied? Committed(long step, AppliedStep applied)
    {
        double at = Elapsed;
        _reports.TryGetValue(step, out Proto.StepApplied? report);
        ForgetUpTo(step);
        if (double.IsNaN(_firstStepAt))
        {
            _firstStepAt = at;
        }
        else
        {
            _samples += applied.Samples.Length;
            MeanSpeed = _samples / Math.Max(1e-9, at - _firstStepAt);
        }

        _recent.Enqueue((applied.Samples.Length, at));
        if (_recent.Count > SpeedWindow)
        {
            _recent.Dequeue();
        }

        (long _, double first) = _recent.Peek();
        Speed = _recent.Count < 2 ? 0 : _recent.Skip(1).Sum(r => r.Samples) / Math.Max(1e-9, at - first);
        Steps.Add(new StepPoint(step, applied.Loss, report?.LearningRate ?? 0, report?.GradientNorm ?? 0, at));
        if (Steps.Count > PointsKept)
        {
            int kept = 0;
            Steps.RemoveAll(_ => (kept++ & 1) == 1);
        }

        return report;
    }

    /// <summary>Whether the snapshot is known to be judged on that split: an evaluator tells of it again when it comes
    /// back, and judges it again where its report was lost.</summary>
    public bool Knows(Proto.Evaluation evaluation) => Evaluations.Exists(
        e => e.Step == evaluation.Step && string.Equals(e.Split, evaluation.Split, StringComparison.Ordinal));

    /// <summary>A snapshot was judged.</summary>
    /// <param name="evaluation">How.</param>
    /// <param name="decides">On the split that says which checkpoint is best.</param>
    public void Judged(Proto.Evaluation evaluation, bool decides)
    {
        Evaluations.Add(evaluation);
        if (decides && (Best is null || evaluation.Rsum > Best.Rsum))
        {
            Best = evaluation;
        }
    }

    // Also what workers told of older steps once more, which nobody asks for again.
    private void ForgetUpTo(long step)
    {
        foreach (long old in _reports.Keys.Where(s => s <= step).ToArray())
        {
            _reports.Remove(old);
        }
    }
}

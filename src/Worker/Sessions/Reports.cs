using Proto = Colony.Protos.V1;

namespace Colony.Worker;

/// <summary>
/// Reports as messages; the newest of those that a coordinator which was away must not miss are kept.
/// </summary>
/// <param name="kept">Steps whose reports are kept.</param>
internal sealed class Reports(int kept)
{
    /// <summary>Checkpoint parts, snapshots and ends that are kept.</summary>
    private const int OthersKept = 16;

    private readonly Queue<Proto.StepApplied> _applied = new();
    private readonly Queue<Proto.WorkerReport> _others = new();

    /// <summary>Keeps a step's report and gives it back as a message.</summary>
    public Proto.WorkerReport Applied(ulong generation, StepReport report)
    {
        var message = new Proto.StepApplied
        {
            Generation = generation,
            Step = report.Step,
            Loss = report.Loss,
            GradientNorm = report.GradientNorm,
            LearningRate = report.LearningRate,
            WideBlocks = (uint)report.WideBlocks,
            Skipped = report.Skipped,
        };
        if (report.Digest is { } digest)
        {
            message.Digest = digest;
        }

        message.Samples.AddRange(report.Samples);
        foreach ((string phase, double seconds) in report.Seconds)
        {
            message.Seconds.Add(phase, seconds);
        }

        _applied.Enqueue(message);
        if (_applied.Count > kept)
        {
            _applied.Dequeue();
        }

        return new Proto.WorkerReport { StepApplied = message };
    }

    /// <summary>Keeps another report that must not be missed, and gives it back.</summary>
    public Proto.WorkerReport Keep(Proto.WorkerReport report)
    {
        _others.Enqueue(report);
        if (_others.Count > OthersKept)
        {
            _others.Dequeue();
        }

        return report;
    }

    /// <summary>Every kept report, those of steps up to the one given left out.</summary>
    public IEnumerable<Proto.WorkerReport> After(long step) =>
        _applied.Where(a => a.Step > step).Select(a => new Proto.WorkerReport { StepApplied = a }).Concat(_others);
}

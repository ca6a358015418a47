using Proto = Colony.Protos.V1;

namespace Colony.Worker;

/// <summary>Reports as messages, and the newest steps' reports kept for a coordinator that missed them.</summary>
internal sealed class Reports(int kept)
{
    private readonly Queue<Proto.StepApplied> _applied = new();

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
            Digest = report.Digest ?? 0,
            WideBlocks = (uint)report.WideBlocks,
            Skipped = report.Skipped,
        };
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

    /// <summary>Every kept report of a later step.</summary>
    public IEnumerable<Proto.WorkerReport> After(long step) =>
        _applied.Where(a => a.Step > step).Select(a => new Proto.WorkerReport { StepApplied = a });
}

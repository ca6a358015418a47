namespace Colony.Worker;

/// <summary>What a worker tells of a step that it applied.</summary>
/// <param name="Step">The step, from 1.</param>
/// <param name="Samples">Ids that came with the gathered rows, in logical-rank order.</param>
/// <param name="Loss">Loss of the global batch.</param>
/// <param name="GradientNorm">Norm of the reduced gradient before clipping.</param>
/// <param name="LearningRate">Rate of the update.</param>
/// <param name="Digest">Digest of the state after the step; null at steps whose digests are not compared.</param>
/// <param name="WideBlocks">Blocks that travelled at 64 bits.</param>
/// <param name="Skipped">The update was left out because a gradient was not finite.</param>
/// <param name="Seconds">Time by phase.</param>
internal sealed record StepReport(
    long Step,
    uint[] Samples,
    double Loss,
    double GradientNorm,
    double LearningRate,
    ulong? Digest,
    int WideBlocks,
    bool Skipped,
    IReadOnlyDictionary<string, double> Seconds);

namespace Colony.Orchestration;

/// <summary>How long a worker took for a step, in seconds. Of several workers the longest counts.</summary>
/// <param name="Compute">Computing for its own logical ranks, waiting for nobody.</param>
/// <param name="Own">The step from its first phase to its last, what follows not counted.</param>
/// <param name="Data">Waiting for samples.</param>
/// <param name="Checkpoint">Copying state for a checkpoint, or waiting for the store.</param>
/// <param name="Evaluation">Copying weights for the evaluator.</param>
public readonly record struct StepSeconds(
    double Compute, double Own, double Data = 0, double Checkpoint = 0, double Evaluation = 0)
{
    /// <summary>Of two steps, one after the other.</summary>
    public static StepSeconds Sum(StepSeconds a, StepSeconds b) => new(
        a.Compute + b.Compute,
        a.Own + b.Own,
        a.Data + b.Data,
        a.Checkpoint + b.Checkpoint,
        a.Evaluation + b.Evaluation);

    /// <summary>The longest of each, which is what the others had to wait for.</summary>
    public static StepSeconds Longest(StepSeconds a, StepSeconds b) => new(
        Math.Max(a.Compute, b.Compute),
        Math.Max(a.Own, b.Own),
        Math.Max(a.Data, b.Data),
        Math.Max(a.Checkpoint, b.Checkpoint),
        Math.Max(a.Evaluation, b.Evaluation));
}

namespace Colony.Orchestration;

/// <summary>What the coordinator's decisions depend on beside the events; all of it comes from the job.</summary>
public sealed record CoordinatorOptions
{
    /// <summary>L; part of the job.</summary>
    public required int LogicalRanks { get; init; }

    /// <summary>B; part of the job.</summary>
    public required int BatchSize { get; init; }

    /// <summary>Passes over the data.</summary>
    public required int Epochs { get; init; }

    /// <summary>Upper bound on the steps; null for none.</summary>
    public long? MaxSteps { get; init; }

    /// <summary>SHA-256 of what determines the weights; a worker with another one is refused.</summary>
    public required string JobHash { get; init; }

    /// <summary>Workers that the first generation waits for, at most <see cref="JoinTimeout"/> long.</summary>
    public required int ExpectedWorkers { get; init; }

    /// <summary>Below this many the run waits.</summary>
    public int MinimumWorkers { get; init; } = 1;

    /// <summary>How long the first generation waits for <see cref="ExpectedWorkers"/>.</summary>
    public TimeSpan JoinTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long joins and losses are gathered before a new generation.</summary>
    public TimeSpan GatherTime { get; init; } = TimeSpan.FromMilliseconds(50);

    /// <summary>
    /// A worker that was not heard of for this long is lost. Several heartbeats, or a busy machine looks dead.
    /// </summary>
    public TimeSpan LostAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>
    /// The same for a worker that has not been in a generation yet: while it loads libraries and data, a busy machine
    /// keeps it silent, and nobody waits for its heartbeat.
    /// </summary>
    public TimeSpan LostWhileLoadingAfter { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a worker may take to let go of its step after Prepare before it is counted as lost.</summary>
    public TimeSpan PrepareTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// A checkpoint every so many steps; 0 for the last step alone. The account of such a step is kept until its parts
    /// are written, however slow the store is.
    /// </summary>
    public long CheckpointEvery { get; init; }

    /// <summary>A snapshot and an evaluation every so many steps; 0 for the last step alone.</summary>
    public long EvaluateEvery { get; init; }

    /// <summary>Whether the run waits for an evaluator's word on the last step.</summary>
    public bool ExpectEvaluator { get; init; } = true;

    /// <summary>How long the end of a run waits for the last evaluation.</summary>
    public TimeSpan FinalEvaluationWait { get; init; } = TimeSpan.FromMinutes(10);

    /// <summary>How long the end of a run waits for the last checkpoint's manifest.</summary>
    public TimeSpan FinalCheckpointWait { get; init; } = TimeSpan.FromMinutes(5);
}

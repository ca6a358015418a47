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

    /// <summary>Workers beyond this many wait until one is gone.</summary>
    public int MaximumWorkers { get; init; } = int.MaxValue;

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

    /// <summary>
    /// How long a planned regroup waits for the step in flight; then it is let go, since its data may not come.
    /// </summary>
    public TimeSpan FinishTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a worker may take to let go of its step after Prepare before it is counted as lost.</summary>
    public TimeSpan PrepareTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// A joiner that is behind the committed step by no more than this enters; one that is further behind catches up
    /// first, while the others go on.
    /// </summary>
    public long CatchUpLag { get; init; } = 2;

    /// <summary>How often a joiner may try to come close before it is taken in as it is: the others wait
    /// then.</summary>
    public int CatchUpRounds { get; init; } = 8;

    /// <summary>
    /// How long a restarted coordinator waits for the members of its generation, and how long a run waits for a lost
    /// holder of its newest state before it goes back to the last checkpoint.
    /// </summary>
    public TimeSpan RejoinWait { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Losses of a name, none further from the next than <see cref="FlapWindow"/>, that are taken as bad luck.
    /// </summary>
    public int FlapLimit { get; init; } = 5;

    /// <summary>A worker that lasted so long is trusted anew.</summary>
    public TimeSpan FlapWindow { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The first back-off of a flapping worker; each further loss doubles it.</summary>
    public TimeSpan FlapBackoff { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The longest back-off.</summary>
    public TimeSpan FlapBackoffLimit { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>
    /// A worker that takes this many times as long for a logical rank as the others' median is called slow.
    /// </summary>
    public double SlowFactor { get; init; } = 2;

    /// <summary>Whether a slow worker's logical ranks are moved to others.</summary>
    public bool MoveRanksFromSlow { get; init; }

    /// <summary>Time between two generations that are formed for a slow worker's sake.</summary>
    public TimeSpan SlowRegroupEvery { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Time that the run must stand still before it is told in words.</summary>
    public TimeSpan StallAfter { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Steps between two digests; a difference costs at most so many steps.</summary>
    public long DigestEvery { get; init; } = 1;

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

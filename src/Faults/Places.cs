namespace Colony.Faults;

/// <summary>Where a worker can be made to fail. Those of a step are its phases.</summary>
public static class WorkerPlaces
{
    /// <summary>The samples of a slice are about to be read.</summary>
    public const string Load = "load";

    /// <summary>A slice is about to be encoded.</summary>
    public const string Forward = "forward";

    /// <summary>Rows are about to be gathered.</summary>
    public const string Gather = "gather";

    /// <summary>The objective is about to be evaluated.</summary>
    public const string Objective = "objective";

    /// <summary>A slice is about to be back-propagated.</summary>
    public const string Backward = "backward";

    /// <summary>The sum of the gradients is about to begin.</summary>
    public const string Reduce = "reduce";

    /// <summary>Within the sum: the first gradients are on their way.</summary>
    public const string ReduceScatter = "reduce_scatter";

    /// <summary>Within the sum: this worker has its segment of it, others have not.</summary>
    public const string AllGather = "all_gather";

    /// <summary>The sum is there and about to be applied.</summary>
    public const string Optimizer = "optimizer";

    /// <summary>A checkpoint part is copied and about to be written.</summary>
    public const string Checkpoint = "checkpoint";

    /// <summary>A donor is about to send a part of its state, or a joiner has begun to receive one.</summary>
    public const string StateTransfer = "state_transfer";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
    [
        Load, Forward, Gather, Objective, Backward, Reduce, ReduceScatter, AllGather, Optimizer, Checkpoint,
        StateTransfer,
    ];
}

/// <summary>
/// Where the coordinator can be made to fail: its states, each reached when the decision that enters it, or commits a
/// step in it, has been carried out, and the commit of a checkpoint.
/// </summary>
public static class CoordinatorPlaces
{
    /// <summary>It came back and waits for its workers.</summary>
    public const string Recovering = "recovering";

    /// <summary>It waits for enough workers.</summary>
    public const string Gathering = "gathering";

    /// <summary>A generation is announced and not yet started.</summary>
    public const string Preparing = "preparing";

    /// <summary>The members step.</summary>
    public const string Running = "running";

    /// <summary>The last step is applied, its checkpoint is not committed.</summary>
    public const string Finishing = "finishing";

    /// <summary>The end is in the journal, and perhaps nobody knows.</summary>
    public const string Ended = "ended";

    /// <summary>Every part of a checkpoint is there and its manifest is about to be written.</summary>
    public const string Manifest = "manifest";

    /// <summary>The manifest is written, and the journal does not know.</summary>
    public const string ManifestWritten = "manifest_written";

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Recovering, Gathering, Preparing, Running, Finishing, Ended, Manifest, ManifestWritten];
}

using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>Where a run stands.</summary>
public enum RunPhase
{
    /// <summary>The coordinator came back and waits for the members of its generation, who go on stepping.</summary>
    Recovering,

    /// <summary>Waiting for enough workers.</summary>
    Gathering,

    /// <summary>A new generation was announced; its workers let go of their step.</summary>
    Preparing,

    /// <summary>The members of the generation step.</summary>
    Running,

    /// <summary>The last step is applied; its checkpoint and evaluation are awaited.</summary>
    Finishing,

    /// <summary>The run ended.</summary>
    Ended,
}

/// <summary>A worker with an open session.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Address">host:port of its gRPC server.</param>
/// <param name="Heard">When it was last heard of.</param>
public sealed record WorkerView(string Name, string Address, TimeSpan Heard)
{
    /// <summary>Whether it has a state to work with; one that is loading or catching up has none.</summary>
    public bool Ready { get; init; }

    /// <summary>The last step whose update it is known to hold.</summary>
    public long Held { get; init; }

    /// <summary>Digest of its state at <see cref="Held"/>; null when none was taken.</summary>
    public ulong? Digest { get; init; }

    /// <summary>The generation that it says it works in; 0 for none.</summary>
    public ulong Generation { get; init; }

    /// <summary>Logical ranks that it hosts in that generation.</summary>
    public int Ranks { get; init; }

    /// <summary>The generation that it last answered Prepare for.</summary>
    public ulong Prepared { get; init; }

    /// <summary>It asked to go.</summary>
    public bool Leaving { get; init; }

    /// <summary>The generation whose last step it reported as finished.</summary>
    public ulong FinishedGeneration { get; init; }

    /// <summary>Whom it copies its state from at present; null when it does not.</summary>
    public string? Donor { get; init; }

    /// <summary>How often it has tried to come close to the members.</summary>
    public int Rounds { get; init; }

    /// <summary>Seconds that it takes for a logical rank, smoothed; 0 before it is known.</summary>
    public double Pace { get; init; }

    /// <summary>Steps that <see cref="Pace"/> is made of.</summary>
    public long Paced { get; init; }

    /// <summary>It was called slow.</summary>
    public bool Slow { get; init; }
}

/// <summary>What the first report of an applied step said; it waits here until every member holds the step.</summary>
/// <param name="Samples">Sample ids in logical-rank order.</param>
/// <param name="Loss">Loss of the global batch.</param>
/// <param name="Digest">Digest after the step; null when none is due.</param>
/// <param name="Skipped">The update was left out because a gradient was not finite.</param>
/// <param name="Seconds">How long the slowest took, of those who have reported.</param>
public sealed record AppliedStep(
    ImmutableArray<int> Samples, double Loss, ulong? Digest, bool Skipped, StepSeconds Seconds);

/// <summary>An interruption of the run.</summary>
/// <param name="Cause">One of <see cref="Causes"/>.</param>
/// <param name="Step">The last committed step when it began.</param>
/// <param name="Since">When it began.</param>
public sealed record Interruption(string Cause, long Step, TimeSpan Since)
{
    /// <summary>Every cause.</summary>
    public static ImmutableArray<string> Causes { get; } =
        ["join", "leave", "death", "hang", "link", "digest", "slow", "coordinator"];
}

/// <summary>An interruption that is over.</summary>
/// <param name="Cause">As in <see cref="Interruption"/>.</param>
/// <param name="Step">The last committed step when it began.</param>
/// <param name="Seconds">From its beginning to the next committed step.</param>
public sealed record Recovery(string Cause, long Step, double Seconds);

/// <summary>A file of a checkpoint that a worker has written.</summary>
/// <param name="Part">Its index.</param>
/// <param name="Parts">How many there are in all.</param>
/// <param name="Name">File name within the checkpoint.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Sha256">Lower-case hexadecimal.</param>
public sealed record WrittenPart(int Part, int Parts, string Name, long Bytes, string Sha256);

/// <summary>The evaluator as the coordinator sees it.</summary>
/// <param name="Connected">Whether its session is open.</param>
/// <param name="Busy">The snapshot that it works on, or null.</param>
/// <param name="Waiting">The newest snapshot that it has not been told of, or null.</param>
/// <param name="LastStep">Step of the last evaluation, 0 before the first.</param>
/// <param name="Unmarked">Steps that were judged before their checkpoints were complete.</param>
/// <param name="Twice">Step of the snapshot that was given again last; 0: none was.</param>
public sealed record EvaluatorView(
    bool Connected, Snapshot? Busy, Snapshot? Waiting, long LastStep, ImmutableSortedSet<long> Unmarked,
    long Twice = 0);

/// <summary>Parameters at a step, held by a worker.</summary>
/// <param name="Step">The step.</param>
/// <param name="Worker">Who holds it.</param>
/// <param name="Address">Where it can be fetched.</param>
public sealed record Snapshot(long Step, string Worker, string Address);

/// <summary>Everything that the coordinator decides from. Immutable.</summary>
public sealed record CoordinatorState
{
    /// <summary>The options of the run.</summary>
    public required CoordinatorOptions Options { get; init; }

    /// <summary>Where the run stands.</summary>
    public RunPhase Phase { get; init; } = RunPhase.Gathering;

    /// <summary>The highest generation number that was taken; the newest Prepare's.</summary>
    public ulong Announced { get; init; }

    /// <summary>The highest generation announced when the run went back to a checkpoint; 0: it never did.</summary>
    public ulong WentBackAt { get; init; }

    /// <summary>The newest started generation; 0 before the first.</summary>
    public ulong Generation { get; init; }

    /// <summary>Members of the newest started generation.</summary>
    public ImmutableArray<Member> Members { get; init; } = [];

    /// <summary>Index of a member that was behind when it was last looked for; where to look first.</summary>
    public int Laggard { get; init; }

    /// <summary>Every worker with an open session.</summary>
    public ImmutableSortedDictionary<string, WorkerView> Workers { get; init; } =
        ImmutableSortedDictionary.Create<string, WorkerView>(StringComparer.Ordinal);

    /// <summary>Known from the first worker's hello on.</summary>
    public RunGeometry? Geometry { get; init; }

    /// <summary>The account; null until the geometry is known.</summary>
    public SampleLedger? Ledger { get; init; }

    /// <summary>The step of the checkpoint that the run was resumed from; 0 for a fresh run.</summary>
    public long ResumedStep { get; init; }

    /// <summary>The last committed step.</summary>
    public long Committed { get; init; }

    /// <summary>The last step that the current generation is to run.</summary>
    public long FinalStep { get; init; }

    /// <summary>Applied by some, not yet known to be held by all.</summary>
    public ImmutableSortedDictionary<long, AppliedStep> Applied { get; init; } =
        ImmutableSortedDictionary<long, AppliedStep>.Empty;

    /// <summary>When the regroup that joins and losses wait for is due; null when none is.</summary>
    public TimeSpan? RegroupAt { get; init; }

    /// <summary>The regroup cannot wait for the step in flight, since a member is gone.</summary>
    public bool Urgent { get; init; }

    /// <summary>
    /// Who was asked to prepare for the announced generation; after a return to a run that was over, who is still to be
    /// told.
    /// </summary>
    public ImmutableSortedSet<string> Asked { get; init; } =
        ImmutableSortedSet.Create<string>(StringComparer.Ordinal);

    /// <summary>The step up to which the step in flight may be finished before the announced generation.</summary>
    public long StopAfter { get; init; }

    /// <summary>Digests of steps that are not committed.</summary>
    public ImmutableSortedDictionary<long, StepDigests> Digests { get; init; } =
        ImmutableSortedDictionary<long, StepDigests>.Empty;

    /// <summary>The digests of a step that no majority could decide; whoever was wrong shows when it is done again.
    /// </summary>
    public (long Step, ImmutableSortedDictionary<string, ulong> Digests)? Tie { get; init; }

    /// <summary>Links that broke since a step was committed, the oldest first.</summary>
    public ImmutableArray<BrokenLink> BrokenLinks { get; init; } = [];

    /// <summary>Losses by worker name.</summary>
    public ImmutableSortedDictionary<string, FlapRecord> Flaps { get; init; } =
        ImmutableSortedDictionary.Create<string, FlapRecord>(StringComparer.Ordinal);

    /// <summary>When a generation was last formed for a slow worker's sake; null for never.</summary>
    public TimeSpan? SlowRegroup { get; init; }

    /// <summary>When the current phase began.</summary>
    public TimeSpan PhaseSince { get; init; }

    /// <summary>
    /// When the last tick came: a late tick means that this process was not running, not that workers died.
    /// </summary>
    public TimeSpan LastTick { get; init; }

    /// <summary>Why the run is being drained; null when it is not.</summary>
    public string? Drain { get; init; }

    /// <summary>Whether the run ended in failure.</summary>
    public bool Failed { get; init; }

    /// <summary>Interruptions that no committed step has ended yet.</summary>
    public ImmutableArray<Interruption> Interruptions { get; init; } = [];

    /// <summary>Where the time went.</summary>
    public Goodput Goodput { get; init; } = new();

    /// <summary>Interruptions that are over.</summary>
    public ImmutableArray<Recovery> Recoveries { get; init; } = [];

    /// <summary>Parts of checkpoints whose manifest is not written yet, by step.</summary>
    public ImmutableSortedDictionary<long, CheckpointParts> Parts { get; init; } =
        ImmutableSortedDictionary<long, CheckpointParts>.Empty;

    /// <summary>The last checkpoint whose manifest is written; 0 for none.</summary>
    public long LastCheckpoint { get; init; }

    /// <summary>Why the last step's checkpoint could not be written; null when it could or is awaited.</summary>
    public string? CheckpointFailure { get; init; }

    /// <summary>The ledger at the steps whose checkpoint is under way or was the last one.</summary>
    public ImmutableSortedDictionary<long, SampleLedger> LedgerAt { get; init; } =
        ImmutableSortedDictionary<long, SampleLedger>.Empty;

    /// <summary>The digests at those steps.</summary>
    public ImmutableSortedDictionary<long, ulong> DigestAt { get; init; } =
        ImmutableSortedDictionary<long, ulong>.Empty;

    /// <summary>The evaluator.</summary>
    public EvaluatorView Evaluator { get; init; } = new(false, null, null, 0, []);

    /// <summary>SHA-256 of the final weights, once a member has reported it.</summary>
    public string? WeightsSha256 { get; init; }

    /// <summary>Why the phase is what it is; shown on the status page, logged when it changes.</summary>
    public string Why { get; init; } = "waiting for workers";

    /// <summary>The state before any event.</summary>
    public static CoordinatorState Initial(CoordinatorOptions options) => new() { Options = options };
}

/// <summary>What is known of a checkpoint on its way.</summary>
/// <param name="Generation">The generation that writes it; parts of another one do not mix with it.</param>
/// <param name="Written">Parts written so far, by index.</param>
/// <param name="Committing">All parts are there and the manifest is being written.</param>
public sealed record CheckpointParts(
    ulong Generation, ImmutableSortedDictionary<int, WrittenPart> Written, bool Committing);

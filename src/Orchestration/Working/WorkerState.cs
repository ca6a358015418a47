using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>What a worker is doing.</summary>
public enum WorkerPhase
{
    /// <summary>No session with the coordinator yet, and no state.</summary>
    Connecting,

    /// <summary>Building the model and loading or initialising its state.</summary>
    Loading,

    /// <summary>Holding still until a generation starts.</summary>
    Waiting,

    /// <summary>A new generation was announced; the work in flight is being let go.</summary>
    LettingGo,

    /// <summary>Coming to the step that its generation begins at.</summary>
    Fetching,

    /// <summary>Copying a member's state and following its steps, outside of any generation.</summary>
    CatchingUp,

    /// <summary>Taking the digest of the state held.</summary>
    Digesting,

    /// <summary>Running steps.</summary>
    Stepping,

    /// <summary>The last step is applied; handing over its checkpoint part and snapshot.</summary>
    HandingOver,

    /// <summary>Serving state until the coordinator says goodbye.</summary>
    Finished,

    /// <summary>Over.</summary>
    Ended,
}

/// <summary>What a worker's decisions depend on beside the events.</summary>
/// <param name="Worker">Its name.</param>
/// <param name="CheckpointEvery">A checkpoint every so many steps; 0 for the last step alone.</param>
/// <param name="EvaluateEvery">A snapshot every so many steps; 0 for the last step alone.</param>
public sealed record WorkerOptions(string Worker, long CheckpointEvery, long EvaluateEvery)
{
    /// <summary>
    /// Steps that a worker runs without a coordinator before it waits for one: reports are kept for so many.
    /// </summary>
    public const int ReportsKept = 4096;

    /// <summary>How often a worker tries to reach the coordinator before it gives up.</summary>
    public int ConnectAttempts { get; init; } = 2400;

    /// <summary>The same for a worker that was told to go.</summary>
    public int LeaveAttempts { get; init; } = 40;

    /// <summary>Time between two attempts.</summary>
    public TimeSpan ConnectBackoff { get; init; } = TimeSpan.FromMilliseconds(250);
}

/// <summary>Everything that a worker decides from. Immutable.</summary>
public sealed record WorkerState
{
    /// <summary>The options.</summary>
    public required WorkerOptions Options { get; init; }

    /// <summary>What it is doing.</summary>
    public WorkerPhase Phase { get; init; } = WorkerPhase.Connecting;

    /// <summary>Whether the session with the coordinator is open.</summary>
    public bool Connected { get; init; }

    /// <summary>Whether the model is built and holds the state of <see cref="Held"/>.</summary>
    public bool HasState { get; init; }

    /// <summary>The last step whose update it holds.</summary>
    public long Held { get; init; }

    /// <summary>Digest of that state; null when it was not taken.</summary>
    public ulong? Digest { get; init; }

    /// <summary>The generation that it works in; 0 before the first.</summary>
    public ulong Generation { get; init; }

    /// <summary>Members of that generation.</summary>
    public ImmutableArray<Member> Members { get; init; } = [];

    /// <summary>The step that the generation begins after, while this member has still to copy it; else null.</summary>
    public long? Base { get; init; }

    /// <summary>Who gives that step; null when all held it.</summary>
    public Member? BaseDonor { get; init; }

    /// <summary>Last step that the generation is to run.</summary>
    public long FinalStep { get; init; }

    /// <summary>The newest generation whose Start is awaited; null when none.</summary>
    public ulong? Announced { get; init; }

    /// <summary>The announced generation up to which steps are finished first.</summary>
    public long StopAfter { get; init; }

    /// <summary>The announced generation that was answered.</summary>
    public ulong Answered { get; init; }

    /// <summary>What is to be done as soon as the work in flight is let go; null when nothing.</summary>
    public WorkerEvent? Pending { get; init; }

    /// <summary>
    /// Why this generation cannot go on, as it was reported; said again to a coordinator that comes back.
    /// </summary>
    public WorkerEffect? Stuck { get; init; }

    /// <summary>Whom it is copying from; null when it is not.</summary>
    public string? Donor { get; init; }

    /// <summary>Whether a step, a fetch or a load is in flight.</summary>
    public bool Busy { get; init; }

    /// <summary>Steps applied since the session ended.</summary>
    public int Unreported { get; init; }

    /// <summary>Failed attempts to connect in a row.</summary>
    public int Attempts { get; init; }

    /// <summary>It was told to go (SIGTERM).</summary>
    public bool Leaving { get; init; }

    /// <summary>Why it is doing what it does.</summary>
    public string Why { get; init; } = "connecting";

    /// <summary>Its place among the members; -1 when it is none.</summary>
    public int Index => Find(Members, Options.Worker);

    /// <summary>The state before any event.</summary>
    public static WorkerState Initial(WorkerOptions options) => new() { Options = options };

    private static int Find(ImmutableArray<Member> members, string worker)
    {
        for (int i = 0; i < members.Length; i++)
        {
            if (string.Equals(members[i].Worker, worker, StringComparison.Ordinal))
            {
                return i;
            }
        }

        return -1;
    }
}

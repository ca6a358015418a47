using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>What the coordinator's shell carries out. A closed family.</summary>
public abstract record CoordinatorEffect;

/// <summary>
/// Greet a worker; a worker without state loads the checkpoint of the step, 0 for none, and one with state reports
/// again what it applied after the committed step.
/// </summary>
public sealed record SendWelcome(string Worker, long CheckpointStep, long CommittedStep) : CoordinatorEffect;

/// <summary>
/// Keep an entry in the journal, before any later effect is carried out: what follows may depend on it.
/// </summary>
public sealed record Record(JournalEntry Entry) : CoordinatorEffect;

/// <summary>Tell a worker to hold still once it holds a step.</summary>
/// <param name="Worker">Whom.</param>
/// <param name="Generation">The generation that is being formed.</param>
/// <param name="StopAfter">
/// The step in flight is finished up to this one, and let go when it is a later one; 0 lets go of any.
/// </param>
/// <param name="Reason">Why.</param>
public sealed record SendPrepare(string Worker, ulong Generation, long StopAfter, string Reason) : CoordinatorEffect;

/// <summary>Tell a worker to copy a member's state and to follow its steps, while the members go on.</summary>
public sealed record SendCatchUp(string Worker, string Donor, string DonorAddress) : CoordinatorEffect;

/// <summary>Tell a worker to leave what it holds and load the checkpoint of the step; 0 for the seed.</summary>
public sealed record SendLoad(string Worker, long Step, string Reason) : CoordinatorEffect;

/// <summary>
/// Tell a worker the new generation; the donor, who may be leaving, is null when all hold the base step.
/// </summary>
public sealed record SendStart(
    string Worker, ulong Generation, ImmutableArray<Member> Members, long BaseStep, Member? Donor, long FinalStep)
    : CoordinatorEffect;

/// <summary>Tell a worker to end with the exit code, and end its session.</summary>
public sealed record SendGoodbye(string Worker, string Reason, int ExitCode) : CoordinatorEffect;

/// <summary>End a session without a word: the peer is not listening.</summary>
public sealed record CutSession(string Worker, string Reason) : CoordinatorEffect;

/// <summary>Write the manifest.</summary>
public sealed record CommitCheckpoint(
    long Step, ulong Generation, ulong Digest, ImmutableArray<WrittenPart> Parts, SampleLedger Ledger)
    : CoordinatorEffect;

/// <summary>Point <c>best</c> to the checkpoint of the step if none was judged higher.</summary>
public sealed record MarkBest(long Step) : CoordinatorEffect;

/// <summary>Tell the evaluator where a snapshot is.</summary>
public sealed record AnnounceSnapshot(Snapshot Snapshot, bool Final) : CoordinatorEffect;

/// <summary>Tell the evaluator that the run is over.</summary>
public sealed record SendEvaluatorGoodbye(string Reason) : CoordinatorEffect;

/// <summary>A step is held by every member: count it, show it.</summary>
public sealed record StepCommitted(long Step, AppliedStep Applied) : CoordinatorEffect;

/// <summary>An epoch's last step is committed.</summary>
public sealed record EpochClosed(EpochAccount Account) : CoordinatorEffect;

/// <summary>An interruption is over.</summary>
public sealed record Recovered(Recovery Recovery) : CoordinatorEffect;

/// <summary>The run stood still for longer than <see cref="CoordinatorOptions.StallAfter"/>; it is over.</summary>
/// <param name="Phase">The phase in which it did.</param>
/// <param name="For">Whom or what it waited for.</param>
/// <param name="Waited">How long.</param>
public sealed record RunStalled(RunPhase Phase, string For, TimeSpan Waited) : CoordinatorEffect;

/// <summary>A worker's bits differ from the others' at the step; it is set aside.</summary>
public sealed record DigestDiffers(string Worker, long Step, ulong Digest, ulong Expected) : CoordinatorEffect;

/// <summary>Digests differ and no majority says whose are right: the run goes back to a checkpoint.</summary>
public sealed record DigestsTied(long Step, ImmutableArray<string> Workers, long BackTo) : CoordinatorEffect;

/// <summary>A worker takes much longer for a logical rank than the others, or does so no more.</summary>
public sealed record SlowNoticed(string Worker, bool Slow, string Sentence) : CoordinatorEffect;

/// <summary>The run is over.</summary>
public sealed record EndRun(RunOutcome Outcome, string Reason) : CoordinatorEffect;

/// <summary>How a run ended.</summary>
public enum RunOutcome
{
    /// <summary>The job's last step is applied.</summary>
    Completed,

    /// <summary>It was asked to stop early; a checkpoint is there to resume from.</summary>
    Drained,

    /// <summary>It could not go on.</summary>
    Failed,
}

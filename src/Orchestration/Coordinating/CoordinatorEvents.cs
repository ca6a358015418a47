using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>What can happen to the coordinator. A closed family: the decision function handles each of them.</summary>
public abstract record CoordinatorEvent;

/// <summary>The run goes on from a checkpoint.</summary>
public sealed record RunResumed(RunGeometry Geometry, SampleLedger Ledger, ulong Generation) : CoordinatorEvent;

/// <summary>The coordinator came back and has read its journal.</summary>
/// <param name="Journal">What the journal says.</param>
/// <param name="Checkpoint">The ledger of the newest checkpoint in the store; null when there is none.</param>
public sealed record RunRestored(JournalState Journal, SampleLedger? Checkpoint) : CoordinatorEvent;

/// <summary>A worker opened a session.</summary>
/// <param name="Worker">Its name.</param>
/// <param name="Address">host:port of its gRPC server.</param>
/// <param name="JobHash">Of the job that it runs.</param>
/// <param name="Held">The last step whose update it holds.</param>
/// <param name="Digest">Digest of that state; null when it was not taken.</param>
/// <param name="Samples">Samples of its training split.</param>
/// <param name="HasState">Whether it has a state at all; a new process has none.</param>
/// <param name="Generation">The generation that it works in; 0 for none.</param>
public sealed record WorkerJoined(
    string Worker,
    string Address,
    string JobHash,
    long Held,
    ulong? Digest,
    long Samples,
    bool HasState,
    ulong Generation) : CoordinatorEvent;

/// <summary>A worker has a state now: it loaded one, or it caught up.</summary>
public sealed record WorkerReady(string Worker, long Held, ulong? Digest) : CoordinatorEvent;

/// <summary>A worker could not catch up from the donor that it was given.</summary>
public sealed record WorkerFellBehind(string Worker, string Donor, string Reason) : CoordinatorEvent;

/// <summary>A worker's session ended.</summary>
public sealed record WorkerGone(string Worker, string Reason) : CoordinatorEvent;

/// <summary>A worker is alive.</summary>
public sealed record WorkerBeat(string Worker) : CoordinatorEvent;

/// <summary>A worker let go of its step.</summary>
public sealed record WorkerPrepared(string Worker, ulong Generation, long Held, ulong? Digest) : CoordinatorEvent;

/// <summary>A worker applied a step's update.</summary>
/// <param name="Worker">Its name.</param>
/// <param name="Generation">The generation of the step.</param>
/// <param name="Step">The step.</param>
/// <param name="Samples">Sample ids in logical-rank order.</param>
/// <param name="Loss">Loss of the global batch.</param>
/// <param name="Digest">Digest after the step; null when none is due.</param>
/// <param name="Skipped">The update was left out because a gradient was not finite.</param>
/// <param name="Seconds">How long it took.</param>
public sealed record WorkerApplied(
    string Worker,
    ulong Generation,
    long Step,
    ImmutableArray<int> Samples,
    double Loss,
    ulong? Digest,
    bool Skipped,
    StepSeconds Seconds) : CoordinatorEvent;

/// <summary>A worker saw other digests among the members, and holds still.</summary>
public sealed record WorkerSawDigests(
    string Worker, ulong Generation, long Step, ImmutableArray<(string Worker, ulong Digest)> Digests)
    : CoordinatorEvent;

/// <summary>A worker wrote its part of a checkpoint.</summary>
public sealed record WorkerWrotePart(string Worker, ulong Generation, long Step, WrittenPart Part) : CoordinatorEvent;

/// <summary>A worker could not write its part of a checkpoint.</summary>
public sealed record WorkerLostPart(string Worker, long Step, string Reason) : CoordinatorEvent;

/// <summary>A worker holds a snapshot for the evaluator.</summary>
public sealed record WorkerHasSnapshot(string Worker, long Step) : CoordinatorEvent;

/// <summary>A worker wants to go: SIGTERM, scale-down.</summary>
public sealed record WorkerLeft(string Worker, string Reason) : CoordinatorEvent;

/// <summary>A worker cannot go on.</summary>
public sealed record WorkerBroke(string Worker, string Reason, bool Fatal) : CoordinatorEvent;

/// <summary>A worker cannot reach a peer.</summary>
public sealed record WorkerLostLink(
    string Worker, ulong Generation, string Peer, string Reason, bool SecondHand) : CoordinatorEvent;

/// <summary>A worker has applied the generation's final step and handed over its checkpoint part.</summary>
public sealed record WorkerDone(string Worker, ulong Generation, long Step, string WeightsSha256) : CoordinatorEvent;

/// <summary>Somebody asked for the run to end early: Ctrl-C, <c>colony</c>'s drain call.</summary>
public sealed record DrainAsked(string Reason) : CoordinatorEvent;

/// <summary>Time passes.</summary>
public sealed record Ticked : CoordinatorEvent;

/// <summary>A manifest was written.</summary>
public sealed record CheckpointCommitted(long Step) : CoordinatorEvent;

/// <summary>A manifest could not be written.</summary>
public sealed record CheckpointFailed(long Step, string Reason) : CoordinatorEvent;

/// <summary>The evaluator opened a session.</summary>
public sealed record EvaluatorJoined : CoordinatorEvent;

/// <summary>The evaluator's session ended.</summary>
public sealed record EvaluatorGone(string Reason) : CoordinatorEvent;

/// <summary>The evaluator has judged a snapshot on one split.</summary>
/// <param name="Step">The snapshot's step.</param>
/// <param name="Decides">It is the split that says which checkpoint is best.</param>
/// <param name="More">Another split follows.</param>
public sealed record EvaluatorJudged(long Step, bool Decides, bool More) : CoordinatorEvent;

/// <summary>The evaluator could not judge a snapshot.</summary>
public sealed record EvaluatorBroke(string Reason) : CoordinatorEvent;

/// <summary>The host cannot keep the run going: a process that it started will not start.</summary>
public sealed record HostFailed(string Reason) : CoordinatorEvent;

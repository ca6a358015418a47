using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>What can happen to the coordinator. A closed family: the decision function handles each of them.</summary>
public abstract record CoordinatorEvent;

/// <summary>The run goes on from a checkpoint.</summary>
public sealed record RunResumed(RunGeometry Geometry, SampleLedger Ledger, ulong Generation) : CoordinatorEvent;

/// <summary>A worker opened a session.</summary>
public sealed record WorkerJoined(
    string Worker, string Address, string JobHash, long Held, ulong Digest, long Samples) : CoordinatorEvent;

/// <summary>A worker's session ended.</summary>
public sealed record WorkerGone(string Worker, string Reason) : CoordinatorEvent;

/// <summary>A worker is alive.</summary>
public sealed record WorkerBeat(string Worker) : CoordinatorEvent;

/// <summary>A worker let go of its step.</summary>
public sealed record WorkerPrepared(string Worker, ulong Generation, long Held, ulong Digest) : CoordinatorEvent;

/// <summary>A worker applied a step's update.</summary>
public sealed record WorkerApplied(
    string Worker, ulong Generation, long Step, ImmutableArray<int> Samples, double Loss, ulong Digest, bool Skipped)
    : CoordinatorEvent;

/// <summary>A worker wrote its part of a checkpoint.</summary>
public sealed record WorkerWrotePart(string Worker, ulong Generation, long Step, WrittenPart Part) : CoordinatorEvent;

/// <summary>A worker holds a snapshot for the evaluator.</summary>
public sealed record WorkerHasSnapshot(string Worker, long Step) : CoordinatorEvent;

/// <summary>A worker wants to go: SIGTERM, scale-down.</summary>
public sealed record WorkerLeft(string Worker, string Reason) : CoordinatorEvent;

/// <summary>A worker cannot go on.</summary>
public sealed record WorkerBroke(string Worker, string Reason, bool Fatal) : CoordinatorEvent;

/// <summary>A worker cannot reach a peer.</summary>
public sealed record WorkerLostLink(string Worker, ulong Generation, string Peer, string Reason) : CoordinatorEvent;

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

/// <summary>The evaluator has judged a snapshot.</summary>
public sealed record EvaluatorJudged(long Step, double Rsum) : CoordinatorEvent;

/// <summary>The evaluator could not judge a snapshot.</summary>
public sealed record EvaluatorBroke(string Reason) : CoordinatorEvent;

/// <summary>The host cannot keep the run going: a process that it started will not start.</summary>
public sealed record HostFailed(string Reason) : CoordinatorEvent;

using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>What the worker's shell carries out. A closed family.</summary>
public abstract record WorkerEffect;

/// <summary>Open a session after the delay and say hello with the state held.</summary>
public sealed record OpenSession(
    TimeSpan After, long Held, ulong? Digest, bool HasState, ulong Generation) : WorkerEffect;

/// <summary>Build the model; load the checkpoint of the step, or initialise from the seed for step 0.</summary>
public sealed record LoadState(long CheckpointStep) : WorkerEffect;

/// <summary>
/// Report again every step applied after the one given, the newest parts of checkpoints, snapshot and end.
/// </summary>
public sealed record ReportAgain(long AfterStep) : WorkerEffect;

/// <summary>Cancel the step or fetch in flight; <see cref="WorkLetGo"/> or its result follows.</summary>
public sealed record CancelWork(string Reason) : WorkerEffect;

/// <summary>Answer Prepare.</summary>
public sealed record ReportPrepared(ulong Generation, long Held, ulong? Digest) : WorkerEffect;

/// <summary>Open the links of a generation and refuse all others.</summary>
public sealed record EnterGeneration(ulong Generation, ImmutableArray<Member> Members, int Index) : WorkerEffect;

/// <summary>
/// Come to a member's state: to a step exactly, or with null as near to its newest step as can be.
/// </summary>
public sealed record CopyState(string Donor, string Address, long? Step) : WorkerEffect;

/// <summary>Take the digest of the state held.</summary>
public sealed record TakeDigest(long Step) : WorkerEffect;

/// <summary>Leave the generation: its links are closed.</summary>
public sealed record LeaveGeneration : WorkerEffect;

/// <summary>Run a step.</summary>
public sealed record RunStep(ulong Generation, long Step, ImmutableArray<int> Ranks) : WorkerEffect;

/// <summary>Report that there is a state to work with.</summary>
public sealed record ReportReady(long Held, ulong? Digest) : WorkerEffect;

/// <summary>Report that a donor's state could not be copied.</summary>
public sealed record ReportFellBehind(string Donor, string Reason) : WorkerEffect;

/// <summary>Report the members' different digests of a step.</summary>
public sealed record ReportDigests(
    ulong Generation, long Step, ImmutableArray<(string Worker, ulong Digest)> Digests) : WorkerEffect;

/// <summary>Report the step applied last.</summary>
public sealed record ReportApplied(ulong Generation, long Step) : WorkerEffect;

/// <summary>Keep a snapshot of the parameters and tell the coordinator.</summary>
public sealed record TakeSnapshot(ulong Generation, long Step) : WorkerEffect;

/// <summary>Write this worker's part of a checkpoint in the background and report it.</summary>
public sealed record WritePart(ulong Generation, long Step, int Part, int Parts) : WorkerEffect;

/// <summary>Wait for the parts under way, hash the weights; <see cref="HandedOver"/> follows.</summary>
public sealed record HandOver(long Step) : WorkerEffect;

/// <summary>Report that the run's last step is handed over.</summary>
public sealed record ReportFinished(ulong Generation, long Step, string WeightsSha256) : WorkerEffect;

/// <summary>Report that a peer cannot be reached, or with second hand that it broke off.</summary>
public sealed record ReportLink(ulong Generation, string Peer, string Reason, bool SecondHand) : WorkerEffect;

/// <summary>Report that this worker wants to go.</summary>
public sealed record ReportLeaving(string Reason) : WorkerEffect;

/// <summary>Report a failure.</summary>
public sealed record ReportFailed(string Reason, bool Fatal) : WorkerEffect;

/// <summary>End the process.</summary>
public sealed record ExitWorker(int ExitCode, string Reason) : WorkerEffect;

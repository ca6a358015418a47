using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>What can happen to a worker. A closed family.</summary>
public abstract record WorkerEvent;

/// <summary>A step and the digest of the state after it.</summary>
public sealed record HeldState(long Step, ulong Digest);

/// <summary>The process is up.</summary>
public sealed record WorkerStarted : WorkerEvent;

/// <summary>The coordinator answered the hello.</summary>
public sealed record Welcomed(long CheckpointStep, long CommittedStep) : WorkerEvent;

/// <summary>The session ended, or could not be opened.</summary>
public sealed record SessionEnded(string Reason) : WorkerEvent;

/// <summary>The model holds the state of the step.</summary>
public sealed record StateLoaded(long Step, ulong Digest) : WorkerEvent;

/// <summary>The coordinator says whose state to copy and whose steps to follow, while the members go on.</summary>
public sealed record CatchUpTold(string Donor, string Address) : WorkerEvent;

/// <summary>The coordinator says to leave the state held and to load the checkpoint of the step, 0 for the seed.
/// </summary>
public sealed record LoadTold(long Step, string Reason) : WorkerEvent;

/// <summary>The digest of the state held was taken.</summary>
public sealed record DigestTaken(long Step, ulong Digest) : WorkerEvent;

/// <summary>The members' digests of a step differ; nothing later was applied.</summary>
public sealed record DigestsDiffered(long Step, ImmutableArray<(string Worker, ulong Digest)> Digests) : WorkerEvent;

/// <summary>The coordinator announces a generation.</summary>
/// <param name="Generation">Its number.</param>
/// <param name="StopAfter">Steps up to this one are finished first; 0 for none.</param>
/// <param name="Reason">Why.</param>
public sealed record PrepareTold(ulong Generation, long StopAfter, string Reason) : WorkerEvent;

/// <summary>The coordinator starts a generation.</summary>
public sealed record StartTold(
    ulong Generation, ImmutableArray<Member> Members, long BaseStep, Member? Donor, long FinalStep) : WorkerEvent;

/// <summary>A step was applied.</summary>
/// <param name="Step">The step.</param>
/// <param name="Digest">Digest after it; null when none is due.</param>
public sealed record StepDone(long Step, ulong? Digest) : WorkerEvent;

/// <summary>The step or copy in flight was let go, because it was cancelled.</summary>
/// <param name="Held">Where a copy that was broken off has come to; null when nothing changed.</param>
public sealed record WorkLetGo(HeldState? Held = null) : WorkerEvent;

/// <summary>The step or fetch in flight failed because a peer cannot be reached.</summary>
/// <param name="Peer">Its name.</param>
/// <param name="Reason">Why.</param>
/// <param name="Held">Where a copy that was broken off has come to; null when nothing changed.</param>
/// <param name="SecondHand">The peer ended it itself, because of another link or worker; the link to it may be
/// whole.</param>
public sealed record PeerLost(string Peer, string Reason, HeldState? Held = null, bool SecondHand = false)
    : WorkerEvent;

/// <summary>The state of a donor was copied and its digest is right.</summary>
public sealed record StateFetched(long Step, ulong Digest) : WorkerEvent;

/// <summary>The last step's checkpoint part and snapshot are handed over.</summary>
public sealed record HandedOver(long Step, string WeightsSha256) : WorkerEvent;

/// <summary>Something failed that this process cannot mend.</summary>
/// <param name="Reason">What.</param>
/// <param name="Fatal">No restart can help.</param>
/// <param name="MayPass">What it needs is out of reach at present.</param>
public sealed record WorkFailed(string Reason, bool Fatal, bool MayPass = false) : WorkerEvent;

/// <summary>SIGTERM, Ctrl-C.</summary>
public sealed record LeaveAsked(string Reason) : WorkerEvent;

/// <summary>The coordinator says goodbye.</summary>
public sealed record GoodbyeTold(string Reason, int ExitCode) : WorkerEvent;

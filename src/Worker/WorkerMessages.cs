using Colony.Orchestration;

namespace Colony.Worker;

/// <summary>What the worker actor is told: events for its decisions, with what the shell needs beside them.</summary>
internal abstract record WorkerMessage;

/// <summary>Something that decisions are made from.</summary>
internal sealed record WorkerHappened(WorkerEvent Event) : WorkerMessage;

/// <summary>An event of a session; ignored when that session is not the current one.</summary>
internal sealed record SessionSaid(CoordinatorSession Session, WorkerEvent Event) : WorkerMessage;

/// <summary>A step was applied, with its report.</summary>
internal sealed record StepFinished(StepReport Report) : WorkerMessage;

/// <summary>
/// A part of a checkpoint was written, or not; fatally, where the store holds another run's part.
/// </summary>
internal sealed record PartFinished(
    ulong Generation, long Step, int Part, int Parts, string Name, long Bytes, string Sha256, string? Failure = null,
    bool Fatal = false)
    : WorkerMessage;

/// <summary>A snapshot lies on the shelf.</summary>
internal sealed record SnapshotTaken(ulong Generation, long Step) : WorkerMessage;

/// <summary>Background work that needs no answer ended.</summary>
internal sealed record NothingMore : WorkerMessage;

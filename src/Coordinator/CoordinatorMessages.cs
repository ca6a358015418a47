using Colony.Actors;
using Colony.Orchestration;
using Proto = Colony.Protos.V1;

namespace Colony.Coordinator;

/// <summary>What the coordinator actor is told.</summary>
internal abstract record CoordinatorMessage;

/// <summary>A worker's stream began with a hello; the session's reference is answered.</summary>
internal sealed record WorkerOpened(
    Proto.WorkerHello Hello,
    Outbox<Proto.WorkerCommand> Outbox,
    TaskCompletionSource<ActorRef<Proto.WorkerCommand>> Session) : CoordinatorMessage;

/// <summary>A worker reported over its session.</summary>
internal sealed record WorkerSaid(ActorRef<Proto.WorkerCommand> Session, string Worker, Proto.WorkerReport Report)
    : CoordinatorMessage;

/// <summary>A worker's session ended.</summary>
internal sealed record WorkerClosed(ActorRef<Proto.WorkerCommand> Session, string Worker, string Reason)
    : CoordinatorMessage;

/// <summary>The evaluator's stream began with a hello.</summary>
internal sealed record EvaluatorOpened(
    Proto.EvaluatorHello Hello,
    Outbox<Proto.EvaluatorCommand> Outbox,
    TaskCompletionSource<ActorRef<Proto.EvaluatorCommand>> Session) : CoordinatorMessage;

/// <summary>The evaluator reported.</summary>
internal sealed record EvaluatorSaid(ActorRef<Proto.EvaluatorCommand> Session, Proto.EvaluatorReport Report)
    : CoordinatorMessage;

/// <summary>The evaluator's session ended.</summary>
internal sealed record EvaluatorClosed(ActorRef<Proto.EvaluatorCommand> Session, string Reason) : CoordinatorMessage;

/// <summary>A decision's event that comes from the host itself: a tick, a drain, a checkpoint's fate.</summary>
internal sealed record Happened(CoordinatorEvent Event) : CoordinatorMessage;

/// <summary>An evaluation was written beside its checkpoint, or could not be.</summary>
internal sealed record EvaluationKept : CoordinatorMessage;

/// <summary>Somebody wants to know where the run stands.</summary>
internal sealed record StatusAsked(ReplyTo<Proto.RunStatus> Reply) : CoordinatorMessage;

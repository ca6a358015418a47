namespace Colony.Actors;

/// <summary>What the kernel says to a cell; goes before every message and is never refused.</summary>
internal abstract record Signal;

internal sealed record StartSignal : Signal;

internal sealed record StopSignal(StopReason Reason) : Signal;

internal sealed record ChildStoppedSignal(ActorCell Child) : Signal;

internal sealed record ChildEscalatedSignal(ActorCell Child, Exception Cause) : Signal;

internal sealed record AddWatchSignal(IWatcher Watcher) : Signal;

internal sealed record RemoveWatchSignal(IWatcher Watcher) : Signal;

internal sealed record WorkEndedSignal(object Work) : Signal;

internal sealed record RestartDueSignal(int Incarnation) : Signal;

/// <summary>Somebody who is told when a cell has stopped. Called from the stopping cell's turn.</summary>
internal interface IWatcher
{
    void TargetStopped(StopReason reason);
}

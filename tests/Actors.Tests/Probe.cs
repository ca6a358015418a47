using System.Collections.Concurrent;
using Colony.Actors.Simulation;

namespace Colony.Actors.Tests;

/// <summary>An actor made of functions, for tests.</summary>
internal sealed class Probe<T> : Actor<T>
{
    public required Action<T, IActorContext<T>> OnReceive { get; init; }

    public Action<IActorContext<T>>? OnStarted { get; init; }

    public Action<Exception>? OnRestarting { get; init; }

    public Action<StopReason>? OnStopped { get; init; }

    protected internal override void Receive(T message, IActorContext<T> context) => OnReceive(message, context);

    protected internal override void Started(IActorContext<T> context) => OnStarted?.Invoke(context);

    protected internal override void Restarting(Exception cause) => OnRestarting?.Invoke(cause);

    protected internal override void Stopped(StopReason reason) => OnStopped?.Invoke(reason);
}

internal static class Probes
{
    public static Props<T> Of<T>(string name, Action<T, IActorContext<T>> receive) =>
        new(name, () => new Probe<T> { OnReceive = receive });
}

/// <summary>Keeps everything the kernel reports.</summary>
internal sealed class Recorder : ActorObserver
{
    public ConcurrentQueue<DeadLetter> DeadLetters { get; } = new();

    public ConcurrentQueue<ActorFailure> Failures { get; } = new();

    public ConcurrentQueue<(string Actor, StopReason Reason)> Stops { get; } = new();

    public ConcurrentQueue<string> Refusals { get; } = new();

    public override void DeadLettered(DeadLetter letter) => DeadLetters.Enqueue(letter);

    public override void Failed(ActorFailure failure) => Failures.Enqueue(failure);

    public override void Stopped(string actor, StopReason reason) => Stops.Enqueue((actor, reason));

    public override void Refused(string actor, int capacity) => Refusals.Enqueue(actor);
}

/// <summary>A system in virtual time.</summary>
internal sealed class World
{
    public World(ulong seed = 1)
    {
        Scheduler = new SimulatedScheduler(seed);
        System = new ActorSystem(Scheduler, new ActorSystemOptions { Name = "test", Observer = Recorder });
    }

    public SimulatedScheduler Scheduler { get; }

    public ActorSystem System { get; }

    public Recorder Recorder { get; } = new();

    public TimeSpan Now => Scheduler.Now;

    public void Run(double seconds = 1) => Scheduler.Run(Scheduler.Now + TimeSpan.FromSeconds(seconds));
}

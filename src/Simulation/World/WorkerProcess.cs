using Colony.Actors;
using Colony.Actors.Simulation;
using Colony.Orchestration;

namespace Colony.Simulation;

internal abstract record WorkerNote;

/// <summary>Something to decide on; with a session, only while that is the current one.</summary>
internal sealed record WorkerHeard(WorkerEvent Event, object? Session = null) : WorkerNote;

internal sealed record SessionUp(SimulatedSession Session, object Key, OpenSession Opening) : WorkerNote;

internal sealed record PartDone(ulong Generation, long Step, WrittenPart Part) : WorkerNote;

internal sealed record BeatDue : WorkerNote;

internal sealed record Nothing : WorkerNote;

/// <summary>
/// A simulated worker's shell: <see cref="WorkerCore"/> decides, this actor carries out, as the real one does.
/// </summary>
internal sealed class WorkerProcess(ColonyWorld world, SimulatedNode node) : Actor<WorkerNote>
{
    private const int ReportsKept = 16;
    private static readonly TimeSpan s_handOver = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_heartbeat = TimeSpan.FromMilliseconds(200);

    private readonly StandInTrainer _trainer = new(world, node);
    private readonly SortedDictionary<long, WorkerApplied> _reports = [];
    private readonly Queue<CoordinatorEvent> _kept = new();
    private WorkerState _state = WorkerState.Initial(new WorkerOptions(node.Name, world.Plan.CheckpointEvery, 0));
    private SimulatedSession? _session;
    private object? _sessionKey;
    private IOwned? _beating;
    private CancellationTokenSource? _work;

    protected override void Started(IActorContext<WorkerNote> context) => Decide(new WorkerStarted(), context);

    protected override void Receive(WorkerNote message, IActorContext<WorkerNote> context)
    {
        switch (message)
        {
            case WorkerHeard heard when heard.Session is null || ReferenceEquals(heard.Session, _sessionKey):
                Decide(heard.Event, context);
                break;
            case SessionUp up when ReferenceEquals(up.Key, _sessionKey):
                _session = up.Session;
                Post(new WorkerJoined(
                    node.Name, node.Name, ColonyWorld.JobHash, up.Opening.Held, up.Opening.Digest,
                    world.Plan.Geometry.Samples, up.Opening.HasState, up.Opening.Generation));
                _beating = context.SchedulePeriodic(s_heartbeat, s_heartbeat, new BeatDue());
                break;
            case SessionUp up: up.Session.Close("too late"); break;
            case BeatDue: Post(new WorkerBeat(node.Name)); break;
            case PartDone part:
                Keep(new WorkerWrotePart(node.Name, part.Generation, part.Step, part.Part));
                break;
        }
    }

    private void Decide(WorkerEvent happened, IActorContext<WorkerNote> context)
    {
        var decision = FlawedDecisions.Decide(world.Flaw, _state, happened);
        _state = decision.State;
        world.Tell(node, decision.Reason, _state);

        foreach (var effect in decision.Effects)
        {
            Carry(effect, context);
        }
    }

    private void Carry(WorkerEffect effect, IActorContext<WorkerNote> context)
    {
        switch (effect)
        {
            case OpenSession e: Open(e, context); break;
            case LoadState e: Work(context, ct => _trainer.LoadAsync(e.CheckpointStep, ct)); break;
            case CancelWork: _work?.Cancel(); break;
            case EnterGeneration e: _trainer.Enter(e.Generation, e.Members, e.Index); break;
            case LeaveGeneration: _trainer.Leave(); break;
            case CopyState e: Work(context, ct => _trainer.CatchUpAsync(e.Donor, e.Step, ct)); break;
            case TakeDigest e:
                Work(context, _ => Task.FromResult<WorkerEvent>(new DigestTaken(e.Step, _trainer.State)));
                break;
            case RunStep e: Work(context, ct => _trainer.RunAsync(e.Step, e.Ranks, ct)); break;
            case WritePart e: Write(e, context); break;
            case HandOver e:
                Work(context, async ct => await node.TryWorkAsync(s_handOver, "hand over", ct)
                    ? new HandedOver(e.Step, $"{_trainer.State:x16}")
                    : new WorkLetGo());
                break;
            case ExitWorker e: Exit(e); break;
            default: Report(effect); break;
        }
    }

    private void Report(WorkerEffect effect)
    {
        switch (effect)
        {
            case ReportPrepared e: Post(new WorkerPrepared(node.Name, e.Generation, e.Held, e.Digest)); break;
            case ReportApplied e:
                _reports[e.Step] = new WorkerApplied(
                    node.Name, e.Generation, e.Step, _trainer.LastSamples, 1, _trainer.State, false,
                    new StepSeconds(world.Plan.ComputeTime.TotalSeconds, world.Plan.ComputeTime.TotalSeconds));
                Post(_reports[e.Step]);
                break;
            case ReportAgain e:
                foreach (var report in _reports.Values.Where(r => r.Step > e.AfterStep))
                {
                    Post(report);
                }

                foreach (var other in _kept)
                {
                    Post(other);
                }

                break;
            case ReportReady e: Post(new WorkerReady(node.Name, e.Held, e.Digest)); break;
            case ReportFellBehind e: Post(new WorkerFellBehind(node.Name, e.Donor, e.Reason)); break;
            case ReportDigests e: Post(new WorkerSawDigests(node.Name, e.Generation, e.Step, e.Digests)); break;
            case ReportFinished e: Keep(new WorkerDone(node.Name, e.Generation, e.Step, e.WeightsSha256)); break;
            case ReportLink e: Post(new WorkerLostLink(node.Name, e.Generation, e.Peer, e.Reason, e.SecondHand)); break;
            case ReportLeaving e: Post(new WorkerLeft(node.Name, e.Reason)); break;
            case ReportFailed e: Post(new WorkerBroke(node.Name, e.Reason, e.Fatal)); break;
            case TakeSnapshot: break;
            default: throw new InvalidOperationException($"nobody carries out {effect.GetType().Name}");
        }
    }

    private void Keep(CoordinatorEvent report)
    {
        _kept.Enqueue(report);
        if (_kept.Count > ReportsKept)
        {
            _kept.Dequeue();
        }

        Post(report);
    }

    private void Post(CoordinatorEvent report) => _session?.Send(report);

    private void Open(OpenSession e, IActorContext<WorkerNote> context)
    {
        _session?.Close("a newer session");
        _session = null;
        _beating?.Cancel();
        var key = new object();
        _sessionKey = key;
        var self = context.Self;
        void Over(string reason) => self.Tell(new WorkerHeard(new SessionEnded(reason), key));
        context.Run(
            async ct =>
            {
                await node.DelayAsync(e.After, ct);
                world.Network.Connect(node, ColonyWorld.CoordinatorName, session =>
                {
                    session.OnMessage = told => self.Tell(new WorkerHeard((WorkerEvent)told, key));
                    session.OnClosed = Over;
                    self.Tell(new SessionUp(session, key, e));
                }, Over);
                return new Nothing();
            },
            static _ => new Nothing());
    }

    /// <summary>Starts a load, a fetch or a step. What it was let go for is told by its result.</summary>
    private void Work(IActorContext<WorkerNote> context, Func<CancellationToken, Task<WorkerEvent>> work)
    {
        var source = new CancellationTokenSource();
        _work = source;
        context.Run(
            async _ => new WorkerHeard(await work(source.Token)),
            failure => new WorkerHeard(new WorkFailed(failure.ToString(), true)));
    }

    private void Write(WritePart e, IActorContext<WorkerNote> context)
    {
        var writing = _trainer.WriteAsync(e.Part, e.Parts, CancellationToken.None);
        context.Run(
            async _ => new PartDone(e.Generation, e.Step, await writing),
            failure => new WorkerHeard(new WorkFailed(failure.Message, failure is not IOException)));
    }

    private void Exit(ExitWorker e)
    {
        _session?.Close("exit: " + e.Reason);
        _trainer.Close();
        world.Exited(node, e.ExitCode, e.Reason);
    }
}

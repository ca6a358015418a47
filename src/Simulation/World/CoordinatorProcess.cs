using Colony.Actors;
using Colony.Actors.Simulation;
using Colony.Orchestration;

namespace Colony.Simulation;

internal abstract record CoordinatorNote;

internal sealed record WorkerOpened(SimulatedSession Session, WorkerJoined Hello) : CoordinatorNote;

internal sealed record WorkerSaid(SimulatedSession Session, string Worker, CoordinatorEvent Event) : CoordinatorNote;

internal sealed record WorkerClosed(SimulatedSession Session, string Worker, string Reason) : CoordinatorNote;

internal sealed record Happened(CoordinatorEvent Event) : CoordinatorNote;

/// <summary>
/// The simulated coordinator's shell: <see cref="CoordinatorCore"/> decides, this actor carries out, and goes on from
/// its journal when it is started again.
/// </summary>
internal sealed class CoordinatorProcess : Actor<CoordinatorNote>
{
    private static readonly TimeSpan s_tick = TimeSpan.FromMilliseconds(20);

    private readonly ColonyWorld _world;
    private readonly SimulatedNode _node;
    private readonly Dictionary<string, SimulatedSession> _sessions = new(StringComparer.Ordinal);
    private readonly SimulatedJournal _journal;
    private CoordinatorState _state;

    public CoordinatorProcess(ColonyWorld world, SimulatedNode node, CoordinatorOptions options)
    {
        _world = world;
        _node = node;
        _state = CoordinatorState.Initial(options);
        _journal = new SimulatedJournal(world, node.Disk);
    }

    protected override void Started(IActorContext<CoordinatorNote> context)
    {
        var self = context.Self;
        if (_journal.State.Geometry is not null)
        {
            Decide(new RunRestored(_journal.State, _world.NewestAccount), context);
        }

        _world.Network.Listen(_node, session => session.OnMessage = first =>
        {
            var hello = (WorkerJoined)first;
            session.OnMessage = m => self.Tell(new WorkerSaid(session, hello.Worker, (CoordinatorEvent)m));
            session.OnClosed = reason => self.Tell(new WorkerClosed(session, hello.Worker, reason));
            self.Tell(new WorkerOpened(session, hello));
        });
        context.SchedulePeriodic(s_tick, s_tick, new Happened(new Ticked()));
    }

    protected override void Receive(CoordinatorNote message, IActorContext<CoordinatorNote> context)
    {
        switch (message)
        {
            case WorkerOpened opened:
                var worker = opened.Hello.Worker;
                if (_sessions.Remove(worker, out var old))
                {
                    old.Close("the worker opened a newer session");
                    Decide(new WorkerGone(worker, "it opened a newer session"), context);
                }

                _sessions[worker] = opened.Session;
                _world.Figures.Heard(opened.Hello);
                Decide(opened.Hello, context);
                break;
            case WorkerSaid said when IsCurrent(said.Worker, said.Session):
                _world.Figures.Heard(said.Event);
                Decide(said.Event, context);
                break;
            case WorkerClosed closed when IsCurrent(closed.Worker, closed.Session):
                _sessions.Remove(closed.Worker);
                Decide(new WorkerGone(closed.Worker, closed.Reason), context);
                break;
            case Happened happened:
                Decide(happened.Event, context);
                break;
        }
    }

    private bool IsCurrent(string worker, SimulatedSession session) =>
        _sessions.TryGetValue(worker, out var current) && ReferenceEquals(current, session);

    private void Decide(CoordinatorEvent happened, IActorContext<CoordinatorNote> context)
    {
        var now = TimeSpan.FromTicks(_node.Time.GetTimestamp());
        var decision = _world.Meter is { } meter
            ? meter.Measure(happened, _state.Phase, () => FlawedDecisions.Decide(_world.Flaw, _state, happened, now))
            : FlawedDecisions.Decide(_world.Flaw, _state, happened, now);
        _world.Promises.Decided(_state, decision.State, happened);
        _state = decision.State;
        _world.Tell(_node, decision.Reason, _state);

        foreach (var effect in decision.Effects)
        {
            _world.Figures.Carried(effect);
            Carry(effect, context);
        }
    }

    private void Carry(CoordinatorEffect effect, IActorContext<CoordinatorNote> context)
    {
        switch (effect)
        {
            case SendWelcome e: Send(e.Worker, new Welcomed(e.CheckpointStep, e.CommittedStep)); break;
            case Record e:
                if (e.Entry is GenerationAnnounced)
                {
                    _world.Figures.Announced();
                }

                _journal.Append(e.Entry);
                break;
            case SendPrepare e: Send(e.Worker, new PrepareTold(e.Generation, e.StopAfter, e.Reason)); break;
            case SendCatchUp e: Send(e.Worker, new CatchUpTold(e.Donor, e.DonorAddress)); break;
            case SendLoad e: Send(e.Worker, new LoadTold(e.Step, e.Reason)); break;
            case SendStart e:
                _world.Promises.Started(e);
                Send(e.Worker, new StartTold(e.Generation, e.Members, e.BaseStep, e.Donor, e.FinalStep));
                break;
            case SendGoodbye e: Send(e.Worker, new GoodbyeTold(e.Reason, e.ExitCode)); break;
            case CutSession e:
                if (_sessions.Remove(e.Worker, out var cut))
                {
                    cut.Close(e.Reason);
                }

                break;
            case CommitCheckpoint e:
                context.Run(
                    async ct =>
                    {
                        await _node.WorkAsync(TimeSpan.FromMilliseconds(20), "manifest", ct);
                        _world.Store(e);
                        return new Happened(new CheckpointCommitted(e.Step));
                    },
                    failure => new Happened(new CheckpointFailed(e.Step, failure.Message)));
                break;
            case Recovered e: _world.Promises.Recovered(e.Recovery); break;
            case StepCommitted e: _world.Promises.Committed(e); break;
            case EpochClosed e: _world.Promises.Closed(e.Account); break;
            case DigestDiffers e: _world.Promises.SetAside(e); break;
            case EndRun e:
                _world.Ended(e, _state);
                break;
        }
    }

    private void Send(string worker, WorkerEvent told)
    {
        if (_sessions.TryGetValue(worker, out var session))
        {
            _world.Figures.Told(told);
            session.Send(told);
        }
    }
}

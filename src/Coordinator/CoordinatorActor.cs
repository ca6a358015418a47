using System.Globalization;
using Colony.Actors;
using Colony.Faults;
using Colony.Orchestration;
using Colony.Rpc;
using Proto = Colony.Protos.V1;

namespace Colony.Coordinator;

/// <summary>
/// The coordinator: <see cref="CoordinatorCore"/> decides, this actor carries out. One message at a time, so the state
/// has one owner; what takes time (the store) comes back as a message.
/// </summary>
internal sealed class CoordinatorActor(CoordinatorParts parts, CoordinatorState initial) : Actor<CoordinatorMessage>
{
    /// <summary>Reports of steps that are not committed yet; members are never more than a step apart.</summary>
    public const int MaxReportsKept = WorkerOptions.ReportsKept;

    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(20);

    private readonly Dictionary<string, ActorRef<Proto.WorkerCommand>> _workers = new(StringComparer.Ordinal);
    private readonly RunRecord _record = new(parts.Time);
    private readonly string _jobHash = parts.Job.Hash();
    private readonly long _origin = parts.Time.GetTimestamp();
    private ActorRef<Proto.EvaluatorCommand>? _evaluator;
    private CoordinatorState _state = initial;
    private long _session;
    private int _storing;
    private EndRun? _end;
    private bool _begun;

    protected override void Started(IActorContext<CoordinatorMessage> context) =>
        context.SchedulePeriodic(TickPeriod, TickPeriod, new Happened(new Ticked()));

    protected override void Receive(CoordinatorMessage message, IActorContext<CoordinatorMessage> context)
    {
        switch (message)
        {
            case WorkerOpened opened: Open(opened, context); break;
            case WorkerSaid said when IsCurrent(said.Worker, said.Session): Hear(said, context); break;
            case WorkerClosed closed when IsCurrent(closed.Worker, closed.Session):
                Forget(closed.Worker);
                Decide(new WorkerGone(closed.Worker, closed.Reason), context);
                break;
            case EvaluatorOpened opened: Open(opened, context); break;
            case EvaluatorSaid said when ReferenceEquals(said.Session, _evaluator): Hear(said, context); break;
            case EvaluatorClosed closed when ReferenceEquals(closed.Session, _evaluator):
                _evaluator = null;
                Decide(new EvaluatorGone(closed.Reason), context);
                break;
            case Happened happened:
                Settle(happened.Event);
                Decide(happened.Event, context);
                break;
            case EvaluationKept: _storing--; break;
            case StatusAsked asked: asked.Reply.Reply(StatusPage.Of(parts.Job, _state, _record)); break;
            default: break;
        }

        if (_end is { } end && _storing == 0 && !parts.Ended.Task.IsCompleted)
        {
            parts.Ended.TrySetResult(RunResult.Of(end, _state, _record));
        }
    }

    private bool Decides(Proto.Evaluation evaluation) =>
        string.Equals(evaluation.Split, parts.Job.Evaluate.Split, StringComparison.Ordinal);

    private void Settle(CoordinatorEvent happened) =>
        _storing -= happened is CheckpointCommitted or CheckpointFailed ? 1 : 0;

    private bool IsCurrent(string worker, ActorRef<Proto.WorkerCommand> session) =>
        _workers.TryGetValue(worker, out ActorRef<Proto.WorkerCommand>? current) && ReferenceEquals(current, session);

    private void Open(WorkerOpened opened, IActorContext<CoordinatorMessage> context)
    {
        string worker = opened.Hello.Worker;
        ActorRef<Proto.WorkerCommand> session = context.Spawn(
            new Props<Proto.WorkerCommand>(
                $"session-{_session++}", () => new SessionActor<Proto.WorkerCommand>(opened.Outbox))
            {
                Kind = "session",
                Supervision = Supervision.Stop(),
            });
        context.Watch(session, reason => new WorkerClosed(session, worker, reason.Text));
        if (Forget(worker) is { } old)
        {
            old.Stop("the worker opened a newer session");
            Decide(new WorkerGone(worker, "it opened a newer session"), context);
        }

        _workers[worker] = session;
        opened.Session.TrySetResult(session);
        parts.Events.Write(
            "worker_joined", ("worker", worker), ("address", opened.Hello.Address), ("step", opened.Hello.AppliedStep));
        parts.Metrics.Target(worker, opened.Hello.MetricsAddress);
        Decide(WireMapping.ToEvent(opened.Hello), context);
    }

    private void Open(EvaluatorOpened opened, IActorContext<CoordinatorMessage> context)
    {
        if (opened.Hello.JobHash != _jobHash)
        {
            string refusal = $"evaluator {opened.Hello.Evaluator} is of job {opened.Hello.JobHash}, and this run of "
                + $"{_jobHash}; start it with the run's job.yaml";
            parts.Events.Write("evaluator_refused", ("reason", refusal));
            opened.Session.TrySetException(new RpcException(StatusCode.FailedPrecondition, refusal));
            return;
        }

        ActorRef<Proto.EvaluatorCommand> session = context.Spawn(
            new Props<Proto.EvaluatorCommand>(
                $"evaluator-{_session++}", () => new SessionActor<Proto.EvaluatorCommand>(opened.Outbox))
            {
                Kind = "evaluator-session",
                Supervision = Supervision.Stop(),
            });
        context.Watch(session, reason => new EvaluatorClosed(session, reason.Text));
        _evaluator?.Stop("a newer evaluator came");
        _evaluator = session;
        opened.Session.TrySetResult(session);
        parts.Events.Write(
            "evaluator_joined", ("evaluator", opened.Hello.Evaluator), ("address", opened.Hello.Address));
        parts.Metrics.Target(opened.Hello.Evaluator, opened.Hello.MetricsAddress);
        session.Tell(new Proto.EvaluatorCommand
        {
            Welcome = new Proto.EvaluatorWelcome
            {
                HeartbeatMilliseconds = parts.Job.Workers.HeartbeatMs, Store = parts.Store,
            },
        });
        Decide(new EvaluatorJoined(), context);
    }

    private void Hear(WorkerSaid said, IActorContext<CoordinatorMessage> context)
    {
        if (said.Report.ReportCase == Proto.WorkerReport.ReportOneofCase.StepApplied)
        {
            _record.Reported(said.Report.StepApplied);
            parts.Metrics.StepReported(said.Worker, said.Report.StepApplied);
        }

        if (WireMapping.ToEvent(said.Worker, said.Report) is { } happened)
        {
            Decide(happened, context);
        }
    }

    private void Hear(EvaluatorSaid said, IActorContext<CoordinatorMessage> context)
    {
        switch (said.Report.ReportCase)
        {
            case Proto.EvaluatorReport.ReportOneofCase.Evaluation:
                Hear(said.Report.Evaluation, context);
                break;
            case Proto.EvaluatorReport.ReportOneofCase.Failed:
                parts.Events.Write("evaluation_failed", ("reason", said.Report.Failed.Reason));
                Decide(new EvaluatorBroke(said.Report.Failed.Reason), context);
                break;
            default:
                break;
        }
    }

    private void Hear(Proto.Evaluation evaluation, IActorContext<CoordinatorMessage> context)
    {
        bool decides = Decides(evaluation);
        bool known = _record.Knows(evaluation);
        if (known && evaluation.Repeated)
        {
            return;
        }

        if (!known)
        {
            _record.Judged(evaluation, decides);
            parts.Metrics.Judged(evaluation);
            parts.Events.Write("evaluation", EvaluationFields.Of(evaluation));
            parts.View.Judged(evaluation);
        }

        Decide(new EvaluatorJudged(evaluation.Step, decides, evaluation.More), context);
    }

    private void Decide(CoordinatorEvent happened, IActorContext<CoordinatorMessage> context)
    {
        TimeSpan now = parts.Time.GetElapsedTime(_origin);
        Decision<CoordinatorState, CoordinatorEffect> decision = CoordinatorCore.Decide(_state, happened, now);
        CoordinatorState before = _state;
        _state = decision.State;
        foreach (CoordinatorEffect effect in decision.Effects)
        {
            Carry(effect, context);
        }

        if (decision.Reason.Length > 0)
        {
            parts.Events.Write(
                "decision", ("phase", _state.Phase.ToString()), ("generation", _state.Generation),
                ("step", _state.Committed), ("reason", decision.Reason));
            parts.View.Told(decision.Reason);
        }

        parts.Metrics.Observe(_state);
        if (!_begun || _state.Phase != before.Phase || _state.Committed != before.Committed)
        {
            _begun = true;
            parts.Faults?.Reach(PlaceOf(_state.Phase), _state.Committed, orLater: true);
        }
    }

    private static string PlaceOf(RunPhase phase) => phase switch
    {
        RunPhase.Recovering => CoordinatorPlaces.Recovering,
        RunPhase.Gathering => CoordinatorPlaces.Gathering,
        RunPhase.Preparing => CoordinatorPlaces.Preparing,
        RunPhase.Running => CoordinatorPlaces.Running,
        RunPhase.Finishing => CoordinatorPlaces.Finishing,
        _ => CoordinatorPlaces.Ended,
    };

    private void Carry(CoordinatorEffect effect, IActorContext<CoordinatorMessage> context)
    {
        switch (effect)
        {
            case Record record: parts.Journal?.Append(record.Entry); break;
            case StepCommitted committed: Commit(committed); break;
            case CommitCheckpoint checkpoint: Store(checkpoint, context); break;
            case MarkBest best: MarkBestLater(best, context); break;
            case EpochClosed closed:
                EpochAccount a = closed.Account;
                parts.Events.Write(
                    "epoch", ("epoch", a.Epoch), ("expected", a.Expected), ("consumed", a.Consumed),
                    ("duplicates", a.Duplicates), ("missing", a.Missing));
                parts.View.EpochClosed(closed.Account);
                break;
            case Recovered recovered:
                parts.Events.Write(
                    "recovery", ("cause", recovered.Recovery.Cause), ("step", recovered.Recovery.Step),
                    ("seconds", recovered.Recovery.Seconds));
                parts.Metrics.Recovered(recovered.Recovery);
                break;
            case RunStalled stalled:
                string phase = stalled.Phase.ToString().ToLowerInvariant();
                parts.Events.Write(
                    "stall", ("phase", phase), ("for", stalled.For), ("seconds", stalled.Waited.TotalSeconds));
                parts.Metrics.Stalled(stalled.For, phase, stalled.Waited);
                parts.View.Told(FormattableString.Invariant(
                    $"the run waited {stalled.Waited.TotalSeconds:0.0} s while {phase} for {stalled.For}"));
                break;
            case DigestDiffers differs:
                parts.Events.Write("digest_differs", ("worker", differs.Worker), ("step", differs.Step));
                parts.Metrics.DigestDiffered(differs.Worker);
                parts.View.Told(
                    $"worker '{differs.Worker}' held other bits after step {differs.Step}; it is set aside");
                break;
            case DigestsTied tied:
                parts.Events.Write(
                    "digests_tied", ("workers", tied.Workers), ("step", tied.Step), ("back_to", tied.BackTo));
                break;
            case SlowNoticed noticed:
                parts.Events.Write("slow_worker", ("worker", noticed.Worker), ("slow", noticed.Slow));
                parts.View.Told(noticed.Sentence);
                break;
            case EndRun end:
                _end = end;
                parts.Events.Write("end", ("outcome", end.Outcome.ToString()), ("reason", end.Reason));
                break;
            default: Send(effect); break;
        }
    }

    private void Send(CoordinatorEffect effect)
    {
        switch (effect)
        {
            case SendWelcome e: Tell(e.Worker, parts.Welcome(e)); break;
            case SendPrepare e:
                Tell(e.Worker, new()
                {
                    Prepare = new() { Generation = e.Generation, StopAfter = e.StopAfter, Reason = e.Reason },
                });
                break;
            case SendCatchUp e:
                Tell(e.Worker, new() { CatchUp = new() { Donor = e.Donor, Address = e.DonorAddress } });
                break;
            case SendLoad e: Tell(e.Worker, new() { Load = new() { Step = e.Step, Reason = e.Reason } }); break;
            case SendStart e: Tell(e.Worker, WireMapping.ToProto(e)); break;
            case SendGoodbye e:
                Tell(e.Worker, new() { Goodbye = new() { Reason = e.Reason, ExitCode = e.ExitCode } });
                break;
            case CutSession e:
                Forget(e.Worker)?.Stop(e.Reason);
                break;
            case AnnounceSnapshot e:
                _evaluator?.Tell(new() { Snapshot = new()
                {
                    Step = e.Snapshot.Step,
                    Worker = e.Snapshot.Worker,
                    Address = e.Snapshot.Address,
                    Final = e.Final,
                } });
                break;
            case SendEvaluatorGoodbye e:
                _evaluator?.Tell(new() { Goodbye = new() { Reason = e.Reason } });
                break;
            default: throw new InvalidOperationException($"nobody carries out {effect.GetType().Name}");
        }
    }

    private ActorRef<Proto.WorkerCommand>? Forget(string worker)
    {
        if (!_workers.Remove(worker, out ActorRef<Proto.WorkerCommand>? session))
        {
            return null;
        }

        parts.Metrics.Gone(worker);
        return session;
    }

    private void Tell(string worker, Proto.WorkerCommand command)
    {
        if (_workers.TryGetValue(worker, out ActorRef<Proto.WorkerCommand>? session))
        {
            session.Tell(command);
        }
    }

    private void Commit(StepCommitted committed)
    {
        Proto.StepApplied? report = _record.Committed(committed.Step, committed.Applied);
        parts.Metrics.Committed(committed, _record.Speed);
        parts.Events.Write(
            "step",
            ("step", committed.Step),
            ("loss", committed.Applied.Loss),
            ("samples", committed.Applied.Samples.Length),
            ("skipped", committed.Applied.Skipped),
            ("learning_rate", report?.LearningRate),
            ("gradient_norm", report?.GradientNorm),
            ("wide_blocks", report?.WideBlocks),
            ("seconds", report?.Seconds.ToDictionary(p => p.Key, p => (object?)p.Value, StringComparer.Ordinal)),
            ("digest", committed.Applied.Digest?.ToString("x16", CultureInfo.InvariantCulture)));
        parts.View.Committed(_state, committed.Applied.Loss, _record.Speed);
    }

    private void Store(CommitCheckpoint checkpoint, IActorContext<CoordinatorMessage> context)
    {
        _storing++;
        context.Run(
            async ct =>
            {
                parts.Faults?.Reach(CoordinatorPlaces.Manifest, checkpoint.Step, orLater: true);
                await parts.Checkpoints.CommitAsync(checkpoint, ct).ConfigureAwait(false);
                parts.Faults?.Reach(CoordinatorPlaces.ManifestWritten, checkpoint.Step, orLater: true);
                return new Happened(new CheckpointCommitted(checkpoint.Step));
            },
            cause =>
            {
                parts.Events.Write("checkpoint_failed", ("step", checkpoint.Step), ("reason", cause.Message));
                return new Happened(new CheckpointFailed(checkpoint.Step, cause.Message));
            });
    }

    private void MarkBestLater(MarkBest best, IActorContext<CoordinatorMessage> context)
    {
        Proto.Evaluation? evaluation = _record.Evaluations.FindLast(
            e => e.Step == best.Step && Decides(e));
        if (evaluation is null)
        {
            return;
        }

        _storing++;
        context.Run(
            async ct =>
            {
                await parts.Checkpoints.MarkBestAsync(evaluation, ct).ConfigureAwait(false);
                return new EvaluationKept();
            },
            cause =>
            {
                parts.Events.Write("best_failed", ("step", best.Step), ("reason", cause.Message));
                return new EvaluationKept();
            });
    }
}

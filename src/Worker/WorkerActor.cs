using System.Collections.Immutable;
using Colony.Actors;
using Colony.Collective;
using Colony.Orchestration;
using Colony.Rpc;
using Colony.Storage;
using Proto = Colony.Protos.V1;

namespace Colony.Worker;

/// <summary>
/// A worker's control: <see cref="WorkerCore"/> decides, this actor carries out. The one piece of work in flight runs
/// on
/// the trainer's compute thread and comes back as a message, also when it was cancelled.
/// </summary>
internal sealed class WorkerActor(WorkerParts parts) : Actor<WorkerMessage>
{
    /// <summary>How often a donor that serves others is asked before it counts as out of reach: ten minutes.</summary>
    private const int BusyDonorAsks = 3000;

    private static readonly TimeSpan BusyDonorPause = TimeSpan.FromMilliseconds(200);

    private readonly Reports _reports = new(WorkerOptions.ReportsKept);
    private readonly Dictionary<long, StepReport> _unsent = [];
    private readonly List<Task> _writes = [];
    private WorkerState _state = WorkerState.Initial(parts.Options);
    private CoordinatorSession? _session;
    private string _store = string.Empty;
    private CancellationTokenSource? _work;

    protected override void Receive(WorkerMessage message, IActorContext<WorkerMessage> context)
    {
        switch (message)
        {
            case WorkerHappened happened: Decide(happened.Event, context); break;
            case SessionSaid said when ReferenceEquals(said.Session, _session):
                // Kept beyond the session: checkpoints are written while there is no coordinator, too.
                _store = said.Session.Store.Length > 0 ? said.Session.Store : _store;
                Decide(said.Event, context);
                break;
            case StepFinished finished:
                _unsent[finished.Report.Step] = finished.Report;
                parts.Metrics.Stepped(finished.Report);
                Decide(new StepDone(finished.Report.Step, finished.Report.Digest), context);
                break;
            case PartFinished part: Tell(part); break;
            case SnapshotTaken taken:
                Post(_reports.Keep(new()
                {
                    SnapshotReady = new() { Generation = taken.Generation, Step = taken.Step },
                }));
                break;
            default: break;
        }
    }

    protected override void Stopped(StopReason reason)
    {
        _work?.Dispose();
        _session?.Close();
    }

    private void Decide(WorkerEvent happened, IActorContext<WorkerMessage> context)
    {
        Decision<WorkerState, WorkerEffect> decision = WorkerCore.Decide(_state, happened);
        _state = decision.State;
        foreach (WorkerEffect effect in decision.Effects)
        {
            Carry(effect, context);
        }

        if (decision.Reason.Length > 0)
        {
            parts.Log(decision.Reason);
        }

        parts.Metrics.Observe(_state);
    }

    private void Carry(WorkerEffect effect, IActorContext<WorkerMessage> context)
    {
        switch (effect)
        {
            case OpenSession e: Open(e, context); break;
            case LoadState e: Load(e, context); break;
            case CancelWork: _work?.Cancel(); break;
            case EnterGeneration e: parts.Trainer.Enter(e.Generation, e.Members, e.Index); break;
            case LeaveGeneration: parts.Trainer.Leave(); break;
            case CopyState e: Copy(e, context); break;
            case TakeDigest e:
                Work(context, async _ =>
                {
                    (long step, ulong digest) = await parts.Trainer.HeldAsync().ConfigureAwait(false);
                    return new WorkerHappened(new DigestTaken(step, digest));
                });
                break;
            case RunStep e: Step(e, context); break;
            case WritePart e: Write(e, context); break;
            case TakeSnapshot e: Snapshot(e, context); break;
            case HandOver e: HandOver(e, context); break;
            case ExitWorker e:
                _session?.Close();
                parts.Exited.TrySetResult((e.ExitCode, e.Reason));
                break;
            default: Report(effect); break;
        }
    }

    private void Report(WorkerEffect effect)
    {
        switch (effect)
        {
            case ReportPrepared e:
                var prepared = new Proto.Prepared { Generation = e.Generation, AppliedStep = e.Held };
                if (e.Digest is { } held)
                {
                    prepared.Digest = held;
                }

                Post(new() { Prepared = prepared });
                break;
            case ReportReady e:
                var ready = new Proto.WorkerReady { AppliedStep = e.Held };
                if (e.Digest is { } digest)
                {
                    ready.Digest = digest;
                }

                Post(new() { WorkerReady = ready });
                break;
            case ReportFellBehind e:
                Post(new() { FellBehind = new() { Donor = e.Donor, Reason = e.Reason } });
                break;
            case ReportDigests e: Post(Digests(e)); break;
            case ReportApplied e:
                if (_unsent.Remove(e.Step, out StepReport? report))
                {
                    Post(_reports.Applied(e.Generation, report));
                }

                break;
            case ReportAgain e:
                foreach (Proto.WorkerReport again in _reports.After(e.AfterStep))
                {
                    Post(again);
                }

                break;
            case ReportFinished e:
                Post(_reports.Keep(new()
                {
                    Finished = new() { Generation = e.Generation, Step = e.Step, WeightsSha256 = e.WeightsSha256 },
                }));
                break;
            case ReportLink e:
                Post(new()
                {
                    LinkBroken = new()
                    {
                        Generation = e.Generation, Peer = e.Peer, Reason = e.Reason, SecondHand = e.SecondHand,
                    },
                });
                break;
            case ReportLeaving e: Post(new() { Leaving = new() { Reason = e.Reason } }); break;
            case ReportFailed e: Post(new() { Failed = new() { Reason = e.Reason, Fatal = e.Fatal } }); break;
            default: throw new InvalidOperationException($"nobody carries out {effect.GetType().Name}");
        }
    }

    private static Proto.WorkerReport Digests(ReportDigests e)
    {
        var differ = new Proto.DigestsDiffer { Generation = e.Generation, Step = e.Step };
        differ.Digests.AddRange(e.Digests.Select(d => new Proto.MemberDigest { Worker = d.Worker, Digest = d.Digest }));
        return new Proto.WorkerReport { DigestsDiffer = differ };
    }

    private void Post(Proto.WorkerReport report) => _session?.Post(report);

    private void Tell(PartFinished part)
    {
        if (part.Failure is { } failure)
        {
            parts.Log(failure);
            Post(part.Fatal
                ? new() { Failed = new() { Reason = failure, Fatal = true } }
                : new() { CheckpointPartFailed = new() { Step = part.Step, Reason = failure } });
            return;
        }

        Post(_reports.Keep(new()
        {
            CheckpointPart = new()
            {
                Generation = part.Generation,
                Step = part.Step,
                Part = (uint)part.Part,
                Parts = (uint)part.Parts,
                Name = part.Name,
                Bytes = (ulong)part.Bytes,
                Sha256 = part.Sha256,
            },
        }));
    }

    private void Open(OpenSession e, IActorContext<WorkerMessage> context)
    {
        _session?.Close();
        var session = new CoordinatorSession(parts.Coordinator, context.Time, Beat);
        _session = session;
        Proto.WorkerHello hello = parts.Hello(e);
        ActorRef<WorkerMessage> self = context.Self;
        context.Run(
            async ct =>
            {
                await Task.Delay(e.After, context.Time, ct).ConfigureAwait(false);
                string reason = await session.RunAsync(hello, told => self.Tell(new SessionSaid(session, told)), ct)
                    .ConfigureAwait(false);
                return new SessionSaid(session, new SessionEnded(reason));
            },
            failure => new SessionSaid(session, new SessionEnded(failure.Message)));
    }

    private Proto.Heartbeat Beat()
    {
        (long step, string phase) = parts.Trainer.Doing;
        return new Proto.Heartbeat { Step = step, Phase = phase };
    }

    private void Load(LoadState e, IActorContext<WorkerMessage> context) => Work(
        context,
        async ct =>
        {
            (long step, ulong digest) = await parts.Trainer.LoadAsync(
                e.CheckpointStep, () => new CheckpointCatalog(parts.Store(_store)), parts.Log, ct)
                .ConfigureAwait(false);
            return new WorkerHappened(new StateLoaded(step, digest));
        });

    // A copy that is broken off may have come to a later step than the one it began at.
    private void Copy(CopyState e, IActorContext<WorkerMessage> context)
    {
        var source = new CancellationTokenSource();
        _work?.Dispose();
        _work = source;
        context.Run(
            async ct =>
            {
                using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, source.Token);
                try
                {
                    (long step, ulong digest) = await CatchUpAsync(e, context.Time, both.Token).ConfigureAwait(false);
                    return new WorkerHappened(new StateFetched(step, digest));
                }
                catch (Exception failure)
                    when (failure is RpcException or OperationCanceledException or StateDiffersException)
                {
                    (long step, ulong digest) = await parts.Trainer.HeldAsync().ConfigureAwait(false);
                    var held = new HeldState(step, digest);
                    return new WorkerHappened(source.IsCancellationRequested
                        ? new WorkLetGo(held)
                        : new PeerLost(
                            e.Donor, (failure as RpcException)?.Detail ?? failure.Message, held,
                            failure is not RpcException { Code: StatusCode.Unavailable }));
                }
            },
            failure => new WorkerHappened(Outcome(failure, source.IsCancellationRequested, e.Donor)));
    }

    // Of many who come at once a donor serves a few; the others ask again until it is their turn.
    private async Task<(long Step, ulong Digest)> CatchUpAsync(CopyState e, TimeProvider time, CancellationToken ct)
    {
        for (int asked = 1; ; asked++)
        {
            try
            {
                return await parts.Trainer.CatchUpAsync(e.Address, e.Step, ct).ConfigureAwait(false);
            }
            catch (RpcException busy) when (busy.Code == StatusCode.ResourceExhausted && asked < BusyDonorAsks)
            {
                await Task.Delay(BusyDonorPause, time, ct).ConfigureAwait(false);
            }
        }
    }

    private void Step(RunStep e, IActorContext<WorkerMessage> context)
    {
        ImmutableArray<Member> members = _state.Members;
        Work(
            context,
            async ct =>
            {
                try
                {
                    return new StepFinished(
                        await parts.Trainer.RunAsync(e.Step, e.Ranks, ct).ConfigureAwait(false));
                }
                catch (CollectiveException lost) when (!ct.IsCancellationRequested)
                {
                    string peer = lost.Peer >= 0 && lost.Peer < members.Length ? members[lost.Peer].Worker : "a peer";
                    bool told = lost.Failure is not (CollectiveFailure.ConnectionLost or CollectiveFailure.TimedOut);
                    return new WorkerHappened(new PeerLost(peer, lost.Message, SecondHand: told));
                }
                catch (DigestsDifferException differ)
                {
                    return new WorkerHappened(new DigestsDiffered(
                        differ.Step, [.. differ.Digests.Select(d => (members[d.Member].Worker, d.Digest))]));
                }
            });
    }

    // Work that was cancelled says so, whatever its last exception was: the decisions wait for the word.
    private void Work(
        IActorContext<WorkerMessage> context, Func<CancellationToken, Task<WorkerMessage>> work, string peer = "a peer")
    {
        _work?.Dispose();
        var source = new CancellationTokenSource();
        _work = source;
        context.Run(
            async ct =>
            {
                using var both = CancellationTokenSource.CreateLinkedTokenSource(ct, source.Token);
                return await work(both.Token).ConfigureAwait(false);
            },
            failure => new WorkerHappened(Outcome(failure, source.IsCancellationRequested, peer)));
    }

    private WorkerEvent Outcome(Exception failure, bool cancelled, string peer) => failure switch
    {
        OperationCanceledException or CollectiveException or RpcException when cancelled => new WorkLetGo(),
        RpcException lost => new PeerLost(peer, lost.Detail),
        _ => new WorkFailed(
            parts.Explain(failure), parts.IsUsersFault(failure), StorageException.MayPassIn(failure)),
    };

    private void Write(WritePart e, IActorContext<WorkerMessage> context)
    {
        IObjectStore store = parts.Store(_store);

        // Begun in this turn, so that the copy is taken before the next step can start.
        Task<CheckpointPart> writing = parts.Trainer.WriteAsync(store, e.Step, e.Part, e.Parts, parts.Stopping);
        _writes.RemoveAll(w => w.IsCompleted);
        _writes.Add(writing);
        context.Run(
            async ct =>
            {
                CheckpointPart part = await writing.WaitAsync(ct).ConfigureAwait(false);
                return new PartFinished(
                    e.Generation, e.Step, e.Part, e.Parts, part.Name, part.Bytes, part.Sha256);
            },
            failure => new PartFinished(
                e.Generation, e.Step, e.Part, e.Parts, string.Empty, 0, string.Empty,
                $"the checkpoint of step {e.Step} cannot be written: {failure.Message}",
                failure is CheckpointException));
    }

    private void Snapshot(TakeSnapshot e, IActorContext<WorkerMessage> context)
    {
        Task<bool> taking = parts.Trainer.SnapshotAsync(e.Step);
        context.Run(
            async ct =>
            {
                if (await taking.WaitAsync(ct).ConfigureAwait(false))
                {
                    return new SnapshotTaken(e.Generation, e.Step);
                }

                return new NothingMore();
            },
            failure => new WorkerHappened(new WorkFailed(parts.Explain(failure), false)));
    }

    private void HandOver(HandOver e, IActorContext<WorkerMessage> context)
    {
        Task[] writes = [.. _writes];
        Work(
            context,
            async ct =>
            {
                await Task.WhenAll(writes).WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                ct.ThrowIfCancellationRequested();
                string sha = await parts.Trainer.HashAsync().ConfigureAwait(false);
                return new WorkerHappened(new HandedOver(e.Step, sha));
            });
    }
}

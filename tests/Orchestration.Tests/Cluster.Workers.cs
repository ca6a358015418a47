using System.Collections.Immutable;

namespace Colony.Orchestration.Tests;

/// <content>What the workers' shells carry out.</content>
internal sealed partial class Cluster
{
    private void Tell(string name, Node node, WorkerEvent e)
    {
        Decision<WorkerState, WorkerEffect> d = WorkerCore.Decide(node.State, e);
        node.State = d.State;
        foreach (WorkerEffect effect in d.Effects)
        {
            Do(name, node, effect);
        }
    }

    private void Do(string name, Node node, WorkerEffect effect)
    {
        switch (effect)
        {
            case OpenSession e:
                ToCoordinator(name, node, new WorkerJoined(
                    name, name, Job, e.Held, e.Digest, _geometry.Samples, e.HasState, e.Generation));
                node.Sent.RemoveAll(_ => node.Sent.Count > 64);
                break;
            case LoadState e:
                Later(name, node, () =>
                {
                    node.Value = Checkpoints.GetValueOrDefault(e.CheckpointStep);
                    Tell(name, node, new StateLoaded(e.CheckpointStep, node.Value));
                });
                break;
            case TakeDigest e:
                Later(name, node, () => Tell(name, node, new DigestTaken(e.Step, node.Value)));
                break;
            case ReportReady e: ToCoordinator(name, node, new WorkerReady(name, e.Held, e.Digest)); break;
            case ReportFellBehind e: ToCoordinator(name, node, new WorkerFellBehind(name, e.Donor, e.Reason)); break;
            case ReportDigests e:
                ToCoordinator(name, node, new WorkerSawDigests(name, e.Generation, e.Step, e.Digests));
                break;
            case ReportAgain e:
                foreach (CoordinatorEvent sent in node.Sent.Where(
                    r => r is not WorkerApplied applied || applied.Step > e.AfterStep))
                {
                    ToCoordinator(name, node, sent);
                }

                break;
            case CancelWork:
                Later(name, node, () =>
                {
                    if (node.StepInFlight is not null || node.Fetching)
                    {
                        node.StepInFlight = null;
                        node.Fetching = false;
                        Tell(name, node, new WorkLetGo());
                    }
                });
                break;
            case ReportPrepared e:
                ToCoordinator(name, node, new WorkerPrepared(name, e.Generation, e.Held, e.Digest));
                break;
            case CopyState e: Fetch(name, node, e); break;
            case RunStep e: node.StepInFlight = e; break;
            case ReportApplied e:
                Report(name, node, new WorkerApplied(
                    name, e.Generation, e.Step, [.. SamplesOf(_geometry, e.Step)], 1, node.Value, false,
                    new StepSeconds(0.1, 0.1)));
                break;
            case WritePart e:
                Report(name, node, new WorkerWrotePart(
                    name, e.Generation, e.Step, new WrittenPart(e.Part, e.Parts, $"part-{e.Part}", 1, "00")));
                break;
            case TakeSnapshot e: Report(name, node, new WorkerHasSnapshot(name, e.Step)); break;
            case HandOver e:
                Later(name, node, () => Tell(name, node, new HandedOver(e.Step, $"{node.Value:x}")));
                break;
            case ReportFinished e:
                Report(name, node, new WorkerDone(name, e.Generation, e.Step, e.WeightsSha256));
                break;
            case ReportLink e:
                ToCoordinator(name, node, new WorkerLostLink(name, e.Generation, e.Peer, e.Reason, e.SecondHand));
                break;
            case ReportLeaving e: ToCoordinator(name, node, new WorkerLeft(name, e.Reason)); break;
            case ExitWorker:
                _nodes.Remove(name);
                Coordinator(new WorkerGone(name, "exited"));
                break;
            default: break;
        }
    }

    private void Report(string name, Node node, CoordinatorEvent e)
    {
        node.Sent.Add(e);
        ToCoordinator(name, node, e);
    }
}

using Colony.Orchestration;
using Proto = Colony.Protos.V1;

namespace Colony.Coordinator;

/// <summary>Between the records that decisions are made of and the messages that travel.</summary>
internal static class WireMapping
{
    /// <summary>The phases of a step, and those in which a worker waits for nobody.</summary>
    private static readonly string[] StepPhases =
        ["load", "forward", "gather", "objective", "backward", "reduce", "optimizer"];

    private static readonly string[] ComputePhases = ["load", "forward", "backward"];

    public static WorkerJoined ToEvent(Proto.WorkerHello hello) => new(
        hello.Worker,
        hello.Address,
        hello.JobHash,
        hello.AppliedStep,
        hello.HasDigest ? hello.Digest : null,
        checked((long)hello.DatasetSamples),
        hello.HasState,
        hello.Generation);

    /// <summary>The event that a report stands for; null for a hello, which only opens a session.</summary>
    public static CoordinatorEvent? ToEvent(string worker, Proto.WorkerReport report) => report.ReportCase switch
    {
        Proto.WorkerReport.ReportOneofCase.Heartbeat => new WorkerBeat(worker),
        Proto.WorkerReport.ReportOneofCase.Prepared => new WorkerPrepared(
            worker,
            report.Prepared.Generation,
            report.Prepared.AppliedStep,
            report.Prepared.HasDigest ? report.Prepared.Digest : null),
        Proto.WorkerReport.ReportOneofCase.WorkerReady => new WorkerReady(
            worker, report.WorkerReady.AppliedStep, report.WorkerReady.HasDigest ? report.WorkerReady.Digest : null),
        Proto.WorkerReport.ReportOneofCase.FellBehind => new WorkerFellBehind(
            worker, report.FellBehind.Donor, report.FellBehind.Reason),
        Proto.WorkerReport.ReportOneofCase.DigestsDiffer => new WorkerSawDigests(
            worker,
            report.DigestsDiffer.Generation,
            report.DigestsDiffer.Step,
            [.. report.DigestsDiffer.Digests.Select(d => (d.Worker, d.Digest))]),
        Proto.WorkerReport.ReportOneofCase.StepApplied => ToEvent(worker, report.StepApplied),
        Proto.WorkerReport.ReportOneofCase.CheckpointPart => ToEvent(worker, report.CheckpointPart),
        Proto.WorkerReport.ReportOneofCase.SnapshotReady => new WorkerHasSnapshot(worker, report.SnapshotReady.Step),
        Proto.WorkerReport.ReportOneofCase.Leaving => new WorkerLeft(worker, report.Leaving.Reason),
        Proto.WorkerReport.ReportOneofCase.CheckpointPartFailed => new WorkerLostPart(
            worker, report.CheckpointPartFailed.Step, report.CheckpointPartFailed.Reason),
        Proto.WorkerReport.ReportOneofCase.Failed => new WorkerBroke(
            worker, report.Failed.Reason, report.Failed.Fatal),
        Proto.WorkerReport.ReportOneofCase.LinkBroken => new WorkerLostLink(
            worker, report.LinkBroken.Generation, report.LinkBroken.Peer, report.LinkBroken.Reason,
            report.LinkBroken.SecondHand),
        Proto.WorkerReport.ReportOneofCase.Finished => new WorkerDone(
            worker, report.Finished.Generation, report.Finished.Step, report.Finished.WeightsSha256),
        _ => null,
    };

    public static Proto.Member ToProto(Member member)
    {
        var message = new Proto.Member { Worker = member.Worker, Address = member.Address };
        message.Ranks.AddRange(member.Ranks.Select(r => (uint)r));
        return message;
    }

    public static Member FromProto(Proto.Member member) =>
        new(member.Worker, member.Address, [.. member.Ranks.Select(r => checked((int)r))]);

    public static Proto.EpochAccount ToProto(EpochAccount account) => new()
    {
        Epoch = (ulong)account.Epoch,
        Expected = (ulong)account.Expected,
        Consumed = (ulong)account.Consumed,
        Duplicates = (ulong)account.Duplicates,
        Missing = (ulong)account.Missing,
    };

    public static Proto.WorkerCommand ToProto(SendStart start)
    {
        var message = new Proto.Start
        {
            Generation = start.Generation,
            BaseStep = start.BaseStep,
            FinalStep = start.FinalStep,
            Donor = start.Donor is null ? null : ToProto(start.Donor),
        };
        message.Members.AddRange(start.Members.Select(ToProto));
        return new Proto.WorkerCommand { Start = message };
    }

    private static WorkerApplied ToEvent(string worker, Proto.StepApplied applied) => new(
        worker,
        applied.Generation,
        applied.Step,
        [.. applied.Samples.Select(s => checked((int)s))],
        applied.Loss,
        applied.HasDigest ? applied.Digest : null,
        applied.Skipped,
        new StepSeconds(
            ComputePhases.Sum(phase => applied.Seconds.GetValueOrDefault(phase)),
            StepPhases.Sum(phase => applied.Seconds.GetValueOrDefault(phase)),
            applied.Seconds.GetValueOrDefault("load"),
            applied.Seconds.GetValueOrDefault("checkpoint"),
            applied.Seconds.GetValueOrDefault("evaluation")));

    private static WorkerWrotePart ToEvent(string worker, Proto.CheckpointPart part) => new(
        worker,
        part.Generation,
        part.Step,
        new WrittenPart((int)part.Part, (int)part.Parts, part.Name, checked((long)part.Bytes), part.Sha256));
}

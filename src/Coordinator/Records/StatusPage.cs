using Colony.Jobs;
using Colony.Orchestration;
using Proto = Colony.Protos.V1;

namespace Colony.Coordinator;

/// <summary>Where a run stands, as one message for programs and as text for people.</summary>
internal static class StatusPage
{
    public static Proto.RunStatus Of(Job job, CoordinatorState state, RunRecord record)
    {
        var status = new Proto.RunStatus
        {
            Job = job.Name,
            Phase = state.Phase.ToString().ToLowerInvariant(),
            Reason = state.Why,
            Generation = state.Generation,
            CommittedStep = state.Committed,
            FinalStep = state.FinalStep,
            Loss = record.Steps.Count > 0 ? record.Steps[^1].Loss : 0,
            SamplesPerSecond = record.Speed,
            LastEvaluation = record.Evaluations.Count > 0 ? record.Evaluations[^1] : null,
            BestEvaluation = record.Best,
            LastCheckpointStep = state.LastCheckpoint,
            StepsPerEpoch = (ulong)(state.Geometry?.StepsPerEpoch ?? 0),
            WeightsSha256 = state.WeightsSha256 ?? string.Empty,
            Goodput = state.Goodput.Ratio,
        };
        status.Members.AddRange(state.Members.Select(WireMapping.ToProto));
        status.Ledger.AddRange((state.Ledger?.Epochs ?? []).Select(WireMapping.ToProto));
        status.LostSeconds.AddRange(state.Goodput.Lost.Select(
            l => new Proto.LostSeconds { Cause = l.Key, Seconds = l.Value }));
        return status;
    }

    public static string Text(Proto.RunStatus s)
    {
        var text = new System.Text.StringBuilder();
        text.AppendLine(Line($"job         {s.Job}"));
        text.AppendLine(Line($"phase       {s.Phase}: {s.Reason}"));
        text.AppendLine(Line(
            $"step        {s.CommittedStep} of {s.FinalStep}, loss {s.Loss:0.####}, {s.SamplesPerSecond:0} samples/s"));
        text.AppendLine(Line($"generation  {s.Generation}"));
        foreach (Proto.Member m in s.Members)
        {
            text.AppendLine(Line($"worker      {m.Worker} at {m.Address}: logical ranks {Ranks(m)}"));
        }

        foreach (Proto.EpochAccount e in s.Ledger)
        {
            text.AppendLine(Line(
                $"epoch {e.Epoch,-5} expected {e.Expected}, consumed {e.Consumed}, ")
                + Line($"duplicates {e.Duplicates}, missing {e.Missing}"));
        }

        if (s.LastEvaluation is { } v)
        {
            text.AppendLine(Line(
                $"recall      step {v.Step}: Rsum {v.Rsum:0.0}, text to image R@10 {v.TextToImage.R10:0.0}"));
        }

        text.AppendLine(Line($"goodput     {s.Goodput:P1}")
            + string.Concat(s.LostSeconds.Select(l => Line($", {l.Cause} {l.Seconds:0.00} s"))));
        text.AppendLine(Line($"checkpoint  step {s.LastCheckpointStep}"));
        return text.ToString();
    }

    private static string Ranks(Proto.Member member) => WireMapping.FromProto(member).RanksText();

    private static string Line(FormattableString text) => FormattableString.Invariant(text);
}

using System.Collections.Immutable;
using Colony.Orchestration;
using Google.Protobuf;
using Proto = Colony.Protos.V1;

namespace Colony.Coordinator;

/// <summary>Between a journal's entries and the messages that lie on disk.</summary>
internal static class JournalMapping
{
    public static Proto.JournalRecord ToProto(JournalEntry entry) => entry switch
    {
        RunBegan e => new() { RunBegan = new() { Geometry = ToProto(e.Geometry), Ledger = ToProto(e.Ledger) } },
        GenerationAnnounced e => new() { GenerationAnnounced = new() { Generation = e.Generation } },
        GenerationStarted e => new() { GenerationStarted = ToProto(e) },
        StepCounted e => new() { StepCounted = ToProto(e) },
        CheckpointKept e => new() { CheckpointKept = new() { Step = e.Step } },
        RunWentBack e => new() { RunWentBack = new() { Ledger = ToProto(e.Ledger) } },
        SnapshotJudged e => new() { SnapshotJudged = new() { Step = e.Step } },
        RunEnded e => new() { RunEnded = ToProto(e) },
        JournalCompacted e => new() { Compacted = ToProto(e.State) },
        _ => throw new InvalidOperationException($"a journal has no {entry.GetType().Name}"),
    };

    /// <exception cref="FormatException">The message does not say what it is, or lacks a part.</exception>
    public static JournalEntry FromProto(Proto.JournalRecord record, RunGeometry? geometry) => record.EntryCase switch
    {
        Proto.JournalRecord.EntryOneofCase.RunBegan => Began(record.RunBegan),
        Proto.JournalRecord.EntryOneofCase.GenerationAnnounced =>
            new GenerationAnnounced(record.GenerationAnnounced.Generation),
        Proto.JournalRecord.EntryOneofCase.GenerationStarted => new GenerationStarted(
            record.GenerationStarted.Generation,
            [.. record.GenerationStarted.Members.Select(WireMapping.FromProto)],
            record.GenerationStarted.BaseStep,
            record.GenerationStarted.FinalStep),
        Proto.JournalRecord.EntryOneofCase.StepCounted => new StepCounted(
            record.StepCounted.Step,
            [.. record.StepCounted.Samples.Select(s => checked((int)s))],
            record.StepCounted.HasDigest ? record.StepCounted.Digest : null,
            record.StepCounted.Kept),
        Proto.JournalRecord.EntryOneofCase.CheckpointKept => new CheckpointKept(record.CheckpointKept.Step),
        Proto.JournalRecord.EntryOneofCase.RunWentBack =>
            new RunWentBack(Ledger(record.RunWentBack.Ledger, Known(geometry))),
        Proto.JournalRecord.EntryOneofCase.SnapshotJudged =>
            new SnapshotJudged(record.SnapshotJudged.Step),
        Proto.JournalRecord.EntryOneofCase.RunEnded => Ended(record.RunEnded),
        Proto.JournalRecord.EntryOneofCase.Compacted => new JournalCompacted(State(record.Compacted)),
        _ => throw new FormatException("an entry of an unknown kind"),
    };

    private static Proto.JournalGenerationStarted ToProto(GenerationStarted e)
    {
        var message = new Proto.JournalGenerationStarted
        {
            Generation = e.Generation, BaseStep = e.BaseStep, FinalStep = e.FinalStep,
        };
        message.Members.AddRange(e.Members.Select(WireMapping.ToProto));
        return message;
    }

    private static Proto.JournalStepCounted ToProto(StepCounted e)
    {
        var message = new Proto.JournalStepCounted { Step = e.Step, Kept = e.Kept };
        message.Samples.AddRange(e.Samples.Select(s => (uint)s));
        if (e.Digest is { } digest)
        {
            message.Digest = digest;
        }

        return message;
    }

    private static Proto.JournalRunEnded ToProto(RunEnded e)
    {
        var message = new Proto.JournalRunEnded { Outcome = e.Outcome.ToString(), Reason = e.Reason };
        if (e.WeightsSha256 is { } sha)
        {
            message.WeightsSha256 = sha;
        }

        return message;
    }

    private static Proto.JournalGeometry ToProto(RunGeometry g)
    {
        var message = new Proto.JournalGeometry
        {
            Samples = g.Samples,
            BatchSize = (uint)g.BatchSize,
            LogicalRanks = (uint)g.LogicalRanks,
            Epochs = (uint)g.Epochs,
        };
        if (g.MaxSteps is { } max)
        {
            message.MaxSteps = max;
        }

        return message;
    }

    private static Proto.JournalLedger ToProto(SampleLedger ledger)
    {
        var message = new Proto.JournalLedger
        {
            Step = ledger.Step, OpenSamples = ByteString.CopyFrom(ledger.Open.ToBits()),
        };
        message.Epochs.AddRange(ledger.Epochs.Select(WireMapping.ToProto));
        return message;
    }

    private static Proto.JournalCompacted ToProto(JournalState state)
    {
        var message = new Proto.JournalCompacted
        {
            Geometry = state.Geometry is null ? null : ToProto(state.Geometry),
            Ledger = state.Ledger is null ? null : ToProto(state.Ledger),
            Announced = state.Announced,
            Generation = state.Generation,
            FinalStep = state.FinalStep,
            LastCheckpoint = state.LastCheckpoint,
            JudgedStep = state.JudgedStep,
            End = state.End is null ? null : ToProto(state.End),
        };
        message.Members.AddRange(state.Members.Select(WireMapping.ToProto));
        foreach ((SampleLedger ledger, ulong? digest) in state.Kept.Values)
        {
            var kept = new Proto.JournalKept { Ledger = ToProto(ledger) };
            if (digest is { } value)
            {
                kept.Digest = value;
            }

            message.Kept.Add(kept);
        }

        return message;
    }

    private static RunBegan Began(Proto.JournalRunBegan message)
    {
        RunGeometry geometry = Geometry(message.Geometry ?? throw new FormatException("a beginning without numbers"));
        return new RunBegan(geometry, Ledger(message.Ledger, geometry));
    }

    private static RunEnded Ended(Proto.JournalRunEnded message) => new(
        Enum.TryParse(message.Outcome, out RunOutcome outcome)
            ? outcome
            : throw new FormatException($"an end of unknown outcome '{message.Outcome}'"),
        message.Reason,
        message.HasWeightsSha256 ? message.WeightsSha256 : null);

    private static JournalState State(Proto.JournalCompacted message)
    {
        RunGeometry? geometry = message.Geometry is null ? null : Geometry(message.Geometry);
        return new JournalState
        {
            Geometry = geometry,
            Ledger = geometry is null || message.Ledger is null ? null : Ledger(message.Ledger, geometry),
            Announced = message.Announced,
            Generation = message.Generation,
            Members = [.. message.Members.Select(WireMapping.FromProto)],
            FinalStep = message.FinalStep,
            LastCheckpoint = message.LastCheckpoint,
            Kept = message.Kept.Select(k => (Ledger: Ledger(k.Ledger, Known(geometry)), k))
                .ToImmutableSortedDictionary(
                    k => k.Ledger.Step, k => (k.Ledger, k.k.HasDigest ? k.k.Digest : (ulong?)null)),
            JudgedStep = message.JudgedStep,
            End = message.End is null ? null : Ended(message.End),
        };
    }

    private static RunGeometry Geometry(Proto.JournalGeometry g) => new(
        g.Samples, checked((int)g.BatchSize), checked((int)g.LogicalRanks), checked((int)g.Epochs),
        g.HasMaxSteps ? g.MaxSteps : null);

    private static SampleLedger Ledger(Proto.JournalLedger? ledger, RunGeometry geometry) => ledger is null
        ? throw new FormatException("an account is missing")
        : SampleLedger.Restore(
            geometry,
            ledger.Step,
            ledger.Epochs.Select(e => new EpochAccount(
                checked((long)e.Epoch), checked((long)e.Expected), checked((long)e.Consumed),
                checked((long)e.Duplicates), checked((long)e.Missing))),
            SampleSet.FromBits(ledger.OpenSamples.Span));

    private static RunGeometry Known(RunGeometry? geometry) =>
        geometry ?? throw new FormatException("an account before the run's numbers");
}

using Colony.Orchestration;

namespace Colony.Coordinator.Tests;

/// <summary>A journal's entries as a run of the seed would leave them: every kind of entry is among them.</summary>
internal static class JournalHistory
{
    public const string Hash = "0123456789abcdef";

    public static IReadOnlyList<JournalEntry> Of(int seed, int steps)
    {
        var random = new Random(seed);
        var geometry = new RunGeometry(Samples: 23, BatchSize: 5, LogicalRanks: 4, Epochs: 1000, MaxSteps: 4000);
        var entries = new List<JournalEntry> { new RunBegan(geometry, SampleLedger.Empty(geometry)) };
        SampleLedger ledger = SampleLedger.Empty(geometry);
        SampleLedger kept = ledger;
        ulong generation = 0;
        while (ledger.Step < steps)
        {
            switch (random.Next(6))
            {
                case 0:
                    entries.Add(new GenerationAnnounced(++generation));
                    break;
                case 1 when generation > 0:
                    entries.Add(new GenerationStarted(
                        generation,
                        RankAssignment.Assign(4, [new Candidate("a", "h:1"), new Candidate("b", "h:2")], []),
                        ledger.Step,
                        4000));
                    break;
                case 2 when ledger.Step % 3 == 0 && ledger.Step > kept.Step:
                    kept = ledger;
                    entries.Add(new CheckpointKept(ledger.Step));
                    break;
                case 3 when random.Next(10) == 0:
                    ledger = kept;
                    entries.Add(new RunWentBack(kept));
                    break;
                case 4:
                    entries.Add(new SnapshotJudged(ledger.Step));
                    break;
                default:
                    long step = ledger.Step + 1;
                    int first = (int)((step - 1) % geometry.StepsPerEpoch) * geometry.BatchSize;
                    int[] samples = [.. Enumerable.Range(first, (int)geometry.SamplesOf(step))];
                    ledger = ledger.Commit(step, samples);
                    ulong? digest = step % 2 == 0 ? (ulong)random.NextInt64() : null;
                    entries.Add(new StepCounted(step, [.. samples], digest, step % 3 == 0));
                    break;
            }
        }

        entries.Add(new RunEnded(RunOutcome.Drained, "asked to stop", "ab"));
        return entries;
    }

    /// <summary>A state in words, so that two can be compared whole.</summary>
    public static string Text(JournalState s) => string.Join(
        '\n',
        $"{s.Geometry} {s.Announced} {s.Generation} {s.FinalStep}",
        $"{s.LastCheckpoint} {s.JudgedStep} {s.End}",
        string.Join("; ", s.Members),
        Text(s.Ledger),
        string.Join("; ", s.Kept.Select(k => $"{k.Key} {k.Value.Digest} {Text(k.Value.Ledger)}")));

    private static string Text(SampleLedger? ledger) => ledger is null
        ? "none"
        : $"{ledger.Step} [{string.Join(", ", ledger.Epochs)}] {Convert.ToHexString(ledger.Open.ToBits())}";
}

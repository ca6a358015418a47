using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>What a journal says: the fold of its entries. Any prefix of a journal folds to a state that was true.
/// </summary>
public sealed record JournalState
{
    /// <summary>Accounts that wait for their checkpoint.</summary>
    public const int LedgersKept = 16;

    /// <summary>A journal without entries.</summary>
    public static JournalState Empty { get; } = new();

    /// <summary>The run's numbers; null before a worker has told them.</summary>
    public RunGeometry? Geometry { get; init; }

    /// <summary>The highest generation that was announced.</summary>
    public ulong Announced { get; init; }

    /// <summary>The newest generation that began.</summary>
    public ulong Generation { get; init; }

    /// <summary>Its members.</summary>
    public ImmutableArray<Member> Members { get; init; } = [];

    /// <summary>The last step that it is to run.</summary>
    public long FinalStep { get; init; }

    /// <summary>The account; its step is the last committed one. Null with <see cref="Geometry"/>.</summary>
    public SampleLedger? Ledger { get; init; }

    /// <summary>The newest complete checkpoint; 0 for none.</summary>
    public long LastCheckpoint { get; init; }

    /// <summary>Accounts and digests at the steps of checkpoints that are not complete yet.</summary>
    public ImmutableSortedDictionary<long, (SampleLedger Ledger, ulong? Digest)> Kept { get; init; } =
        ImmutableSortedDictionary<long, (SampleLedger Ledger, ulong? Digest)>.Empty;

    /// <summary>The newest snapshot that was judged; 0 for none.</summary>
    public long JudgedStep { get; init; }

    /// <summary>How the run ended; null while it has not.</summary>
    public RunEnded? End { get; init; }

    /// <summary>The state after one more entry.</summary>
    /// <exception cref="InvalidOperationException">The entry cannot follow: the journal is of another
    /// order.</exception>
    public JournalState Apply(JournalEntry entry)
    {
        ArgumentNullException.ThrowIfNull(entry);
        return entry switch
        {
            RunBegan e => this with
            {
                Geometry = e.Geometry, Ledger = e.Ledger, LastCheckpoint = e.Ledger.Step, End = null,
            },
            GenerationAnnounced e => this with { Announced = Math.Max(Announced, e.Generation) },
            GenerationStarted e => this with
            {
                Announced = Math.Max(Announced, e.Generation),
                Generation = e.Generation,
                Members = e.Members,
                FinalStep = e.FinalStep,
            },
            StepCounted e => Count(e),
            CheckpointKept e => this with
            {
                LastCheckpoint = Math.Max(LastCheckpoint, e.Step),
                Kept = Kept.RemoveRange(Kept.Keys.Where(step => step <= e.Step)),
            },
            RunWentBack e => this with
            {
                Members = [], // they load what remains: no generation goes on
                Ledger = e.Ledger, Kept = Kept.RemoveRange(Kept.Keys.Where(step => step > e.Ledger.Step)),
            },
            SnapshotJudged e => this with { JudgedStep = Math.Max(JudgedStep, e.Step) },
            RunEnded e => this with { End = e },
            JournalCompacted e => e.State,
            _ => throw new InvalidOperationException($"a journal has no {entry.GetType().Name}"),
        };
    }

    private JournalState Count(StepCounted e)
    {
        SampleLedger before = Ledger
            ?? throw new InvalidOperationException($"step {e.Step} is counted before the run's numbers are known");
        SampleLedger ledger = before.Commit(e.Step, e.Samples.AsSpan());
        ImmutableSortedDictionary<long, (SampleLedger Ledger, ulong? Digest)> kept = Kept;
        if (e.Kept)
        {
            kept = kept.SetItem(e.Step, (ledger, e.Digest));
            kept = kept.Count > LedgersKept ? kept.Remove(kept.Keys.First()) : kept;
        }

        return this with { Ledger = ledger, Kept = kept };
    }
}

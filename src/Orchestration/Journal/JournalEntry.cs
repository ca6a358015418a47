using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>What a coordinator keeps durably, in the order in which it happened. A closed family.</summary>
public abstract record JournalEntry
{
    /// <summary>Whether the entry must survive a power failure before what follows it is carried out; the others may be
    /// lost from the end, since workers report them again.</summary>
    public virtual bool Forced => true;
}

/// <summary>The run's numbers are known.</summary>
/// <param name="Geometry">Samples and steps.</param>
/// <param name="Ledger">The account at the checkpoint that the run goes on from, or the empty one.</param>
public sealed record RunBegan(RunGeometry Geometry, SampleLedger Ledger) : JournalEntry;

/// <summary>A generation's number is taken; no later one may use it.</summary>
public sealed record GenerationAnnounced(ulong Generation) : JournalEntry;

/// <summary>A generation begins.</summary>
public sealed record GenerationStarted(
    ulong Generation, ImmutableArray<Member> Members, long BaseStep, long FinalStep) : JournalEntry;

/// <summary>A step was counted.</summary>
/// <param name="Step">The step.</param>
/// <param name="Samples">What it consumed.</param>
/// <param name="Digest">Digest after it, where one was taken.</param>
/// <param name="Kept">The account is kept for a checkpoint of the step.</param>
public sealed record StepCounted(long Step, ImmutableArray<int> Samples, ulong? Digest, bool Kept) : JournalEntry
{
    /// <inheritdoc/>
    public override bool Forced => false;
}

/// <summary>A checkpoint is complete.</summary>
public sealed record CheckpointKept(long Step) : JournalEntry;

/// <summary>The run went back to a checkpoint, or to the beginning.</summary>
/// <param name="Ledger">The account there.</param>
public sealed record RunWentBack(SampleLedger Ledger) : JournalEntry;

/// <summary>A snapshot was judged.</summary>
public sealed record SnapshotJudged(long Step) : JournalEntry
{
    /// <inheritdoc/>
    public override bool Forced => false;
}

/// <summary>The run ended.</summary>
public sealed record RunEnded(RunOutcome Outcome, string Reason, string? WeightsSha256) : JournalEntry;

/// <summary>Everything before, in one entry: a journal begins with it after it was compacted.</summary>
public sealed record JournalCompacted(JournalState State) : JournalEntry;

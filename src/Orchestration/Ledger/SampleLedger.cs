using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>The account of one epoch.</summary>
/// <param name="Epoch">From 0.</param>
/// <param name="Expected">Samples that the committed steps of the epoch had to consume.</param>
/// <param name="Consumed">Samples that they did consume, each time counted.</param>
/// <param name="Duplicates">How many of those had been consumed before in the epoch.</param>
/// <param name="Missing">How many different samples are short of <paramref name="Expected"/>.</param>
public sealed record EpochAccount(long Epoch, long Expected, long Consumed, long Duplicates, long Missing)
{
    /// <summary>Whether every expected sample was consumed exactly once.</summary>
    public bool Exact => Consumed == Expected && Duplicates == 0 && Missing == 0;
}

/// <summary>
/// The account of which samples each committed step consumed. Counted from what came with the gathered rows,
/// so it is evidence of what was trained on, not a copy of the plan.
/// </summary>
public sealed class SampleLedger
{
    private readonly ImmutableSortedDictionary<long, EpochAccount> _epochs;
    private readonly SampleSet _open;

    private SampleLedger(
        RunGeometry geometry, ImmutableSortedDictionary<long, EpochAccount> epochs, SampleSet open, long step)
    {
        Geometry = geometry;
        _epochs = epochs;
        _open = open;
        Step = step;
    }

    /// <summary>The run's numbers.</summary>
    public RunGeometry Geometry { get; }

    /// <summary>The last step that is counted.</summary>
    public long Step { get; }

    /// <summary>One account an epoch, in order, the open one included.</summary>
    public ImmutableArray<EpochAccount> Epochs => [.. _epochs.Values];

    /// <summary>The samples of the open epoch so far, for a checkpoint.</summary>
    public SampleSet Open => _open;

    /// <summary>The ledger before the first step.</summary>
    public static SampleLedger Empty(RunGeometry geometry) =>
        new(geometry, ImmutableSortedDictionary<long, EpochAccount>.Empty, SampleSet.Empty, 0);

    /// <summary>The ledger as a checkpoint kept it.</summary>
    public static SampleLedger Restore(
        RunGeometry geometry, long step, IEnumerable<EpochAccount> epochs, SampleSet open) =>
        new(geometry, epochs.ToImmutableSortedDictionary(e => e.Epoch, e => e), open, step);

    /// <summary>Counts the next step.</summary>
    /// <param name="step">Must follow <see cref="Step"/>.</param>
    /// <param name="samples">What the step consumed, in any order.</param>
    /// <exception cref="InvalidOperationException">A step was left out or counted twice.</exception>
    public SampleLedger Commit(long step, ReadOnlySpan<int> samples)
    {
        if (step != Step + 1)
        {
            throw new InvalidOperationException($"the ledger stands at step {Step} and was asked to count step {step}");
        }

        long epoch = Geometry.EpochOf(step);
        SampleSet before = _epochs.ContainsKey(epoch) ? _open : SampleSet.Empty;
        (SampleSet set, long duplicates) = before.Add(samples);
        EpochAccount old = _epochs.GetValueOrDefault(epoch, new EpochAccount(epoch, 0, 0, 0, 0));
        long expected = Geometry.ExpectedInEpoch(epoch, step);
        var account = new EpochAccount(
            epoch, expected, old.Consumed + samples.Length, old.Duplicates + duplicates, expected - set.Count);
        return new SampleLedger(Geometry, _epochs.SetItem(epoch, account), set, step);
    }
}

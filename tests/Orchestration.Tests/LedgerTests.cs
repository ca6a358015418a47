using FsCheck;
using FsCheck.Fluent;

namespace Colony.Orchestration.Tests;

public sealed class LedgerTests
{
    [Fact]
    public void SampleSet_AgreesWithAHashSet()
    {
        Prop.ForAll<int[]>(raw =>
        {
            int[] samples = [.. raw.Select(r => Math.Abs(r % 5000))];
            (SampleSet set, long duplicates) = SampleSet.Empty.Add(samples);
            var expected = samples.ToHashSet();
            SampleSet restored = SampleSet.FromBits(set.ToBits());
            return set.Count == expected.Count
                && duplicates == samples.Length - expected.Count
                && expected.All(set.Contains)
                && restored.Count == set.Count
                && expected.All(restored.Contains);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Commit_CountsDuplicatesAndMissing()
    {
        var geometry = new RunGeometry(6, 4, 2, 2, null);
        SampleLedger ledger = SampleLedger.Empty(geometry).Commit(1, [0, 1, 2, 3]).Commit(2, [3, 5]);
        Assert.Equal(new EpochAccount(0, 6, 6, 1, 1), ledger.Epochs[0]);
        Assert.False(ledger.Epochs[0].Exact);
        SampleLedger next = ledger.Commit(3, [0, 1, 2, 3]);
        Assert.Equal(new EpochAccount(1, 4, 4, 0, 0), next.Epochs[1]);
        Assert.Equal(2, ledger.Step);
    }

    [Fact]
    public void Commit_RefusesAStepOutOfOrder()
    {
        SampleLedger ledger = SampleLedger.Empty(new RunGeometry(6, 4, 2, 2, null)).Commit(1, [0, 1, 2, 3]);
        Assert.Throws<InvalidOperationException>(() => ledger.Commit(1, [0, 1, 2, 3]));
        Assert.Throws<InvalidOperationException>(() => ledger.Commit(3, [4]));
    }
}

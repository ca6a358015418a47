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

    [Fact]
    public void Assign_CoversEveryRankOnceAndEvenly()
    {
        for (int ranks = 1; ranks <= 12; ranks++)
        {
            for (int workers = 1; workers <= 15; workers++)
            {
                (string, string)[] live = [.. Enumerable.Range(0, workers).Select(i => ($"w{i}", $"a{i}"))];
                var members = RankAssignment.Assign(ranks, live, []);
                Assert.Equal(workers, members.Length);
                Assert.Equal(
                    Enumerable.Range(0, ranks), members.SelectMany(m => Enumerable.Range(m.FirstRank, m.Ranks)));
                int[] hosting = [.. members.Where(m => m.Ranks > 0).Select(m => m.Ranks)];
                Assert.True(hosting.Max() - hosting.Min() <= 1);
                Assert.Equal(Math.Min(workers, ranks), hosting.Length);
            }
        }
    }

    [Fact]
    public void Assign_KeepsThePlacesOfThoseWhoStay()
    {
        var before = RankAssignment.Assign(8, [("a", "1"), ("b", "2"), ("c", "3"), ("d", "4")], []);
        var after = RankAssignment.Assign(8, [("d", "4"), ("a", "1"), ("c", "3"), ("e", "5")], before);
        Assert.Equal(["a", "c", "d", "e"], after.Select(m => m.Worker));
    }
}

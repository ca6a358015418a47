using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;

namespace Colony.Orchestration.Tests;

public sealed class AssignmentTests
{
    private static Candidate[] Workers(IEnumerable<int> names) =>
        [.. names.Select(i => new Candidate($"w{i}", $"a{i}"))];

    [Fact]
    public void Assign_CoversEveryRankOnceAndEvenly()
    {
        for (int ranks = 1; ranks <= 12; ranks++)
        {
            for (int workers = 1; workers <= 15; workers++)
            {
                var members = RankAssignment.Assign(ranks, Workers(Enumerable.Range(0, workers)), []);
                Assert.Equal(workers, members.Length);
                Assert.Equal(Enumerable.Range(0, ranks), members.SelectMany(m => m.Ranks).Order());
                int[] hosting = [.. members.Where(m => m.Ranks.Length > 0).Select(m => m.Ranks.Length)];
                Assert.True(hosting.Max() - hosting.Min() <= 1);
                Assert.Equal(Math.Min(workers, ranks), hosting.Length);
            }
        }
    }

    [Fact]
    public void Assign_KeepsThePlacesOfThoseWhoStay()
    {
        var before = RankAssignment.Assign(8, Workers([1, 2, 3, 4]), []);
        var after = RankAssignment.Assign(8, Workers([4, 1, 3, 5]), before);
        Assert.Equal(["w1", "w3", "w4", "w5"], after.Select(m => m.Worker));
        Assert.Equal("0-1", after[0].RanksText());
        Assert.Equal("2-3", after[3].RanksText());
    }

    [Fact]
    public void Assign_MovesAsFewRanksAsEvennessLeaves() => Prop.ForAll(
        Gen.Choose(1, 6).SelectMany(l => Gen.Choose(1, 6).SelectMany(w => Gen.Choose(0, 63).SelectMany(
            leave => Gen.Choose(0, 3).Select(join => (Ranks: l, Workers: w, Leave: leave, Join: join))))).ToArbitrary(),
        c =>
        {
            // A history of two generations, so that the third starts from what is not contiguous any more.
            var first = RankAssignment.Assign(c.Ranks, Workers(Enumerable.Range(0, c.Workers)), []);
            int[] names =
            [
                .. Enumerable.Range(0, c.Workers).Where(i => (c.Leave >> i & 1) == 0),
                .. Enumerable.Range(10, c.Join),
            ];
            if (names.Length == 0)
            {
                return;
            }

            var second = RankAssignment.Assign(c.Ranks, Workers(names), first);
            Assert.Equal(Fewest(c.Ranks, names, first), Moves(first, second));
            var third = RankAssignment.Assign(c.Ranks, Workers(names.Skip(1).Append(20)), second);
            Assert.Equal(Fewest(c.Ranks, [.. names.Skip(1), 20], second), Moves(second, third));
        }).QuickCheckThrowOnFailure();

    [Fact]
    public void Assign_ASlowWorker_GetsItsShareAndEveryRankHasAHost()
    {
        Candidate[] live = [new("a", "1"), new("b", "2", 0.5), new("c", "3")];
        var members = RankAssignment.Assign(10, live, []);
        Assert.Equal([4, 2, 4], members.Select(m => m.Ranks.Length));
        Assert.Equal(Enumerable.Range(0, 10), members.SelectMany(m => m.Ranks).Order());
        Assert.Throws<ArgumentException>(() => RankAssignment.Assign(2, [new Candidate("a", "1", 0)], []));
        Assert.Throws<ArgumentException>(() => RankAssignment.Assign(2, Workers([1, 1]), []));
    }

    private static int Moves(ImmutableArray<Member> before, ImmutableArray<Member> after)
    {
        var was = before.SelectMany(m => m.Ranks.Select(r => (r, m.Worker))).ToHashSet();
        return after.Sum(m => m.Ranks.Count(r => !was.Contains((r, m.Worker))));
    }

    // Every even assignment is tried.
    private static int Fewest(int ranks, int[] names, ImmutableArray<Member> before)
    {
        int best = int.MaxValue;
        int hosts = Math.Min(names.Length, ranks);
        int[] host = new int[ranks];
        int[] owner = [.. Enumerable.Range(0, ranks).Select(
            r => Array.IndexOf(names, int.Parse(before.Single(m => m.Ranks.Contains(r)).Worker[1..], null)))];
        long all = (long)Math.Pow(names.Length, ranks);
        for (long code = 0; code < all; code++)
        {
            long rest = code;
            for (int r = 0; r < ranks; r++, rest /= names.Length)
            {
                host[r] = (int)(rest % names.Length);
            }

            int[] sizes = [.. Enumerable.Range(0, names.Length).Select(w => host.Count(h => h == w))];
            if (sizes.Count(s => s >= ranks / hosts) >= hosts && sizes.Max() - (ranks / hosts) <= 1)
            {
                best = Math.Min(best, Enumerable.Range(0, ranks).Count(r => host[r] != owner[r]));
            }
        }

        return best;
    }
}

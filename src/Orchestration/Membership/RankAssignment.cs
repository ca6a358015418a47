using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>Deals L logical ranks to W workers: evenly, and with as few moves as evenness leaves.</summary>
public static class RankAssignment
{
    /// <summary>
    /// Assigns every logical rank to exactly one worker. With equal shares the numbers of ranks differ by at most one,
    /// and no assignment with that property moves fewer ranks. Workers beyond L get none.
    /// </summary>
    /// <param name="logicalRanks">L, at least 1.</param>
    /// <param name="live">Every worker to take in, at least one.</param>
    /// <param name="previous">The members of the generation before, in its order; empty for the first.</param>
    /// <returns>The members that stay in their order, then the new ones by name.</returns>
    /// <exception cref="ArgumentException">There is no worker, a name stands twice, or a share is not above 0.
    /// </exception>
    public static ImmutableArray<Member> Assign(
        int logicalRanks, IReadOnlyCollection<Candidate> live, ImmutableArray<Member> previous)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(logicalRanks, 1);
        Dictionary<string, Candidate> candidates = Check(live);
        var before = previous.ToDictionary(m => m.Worker, m => m.Ranks, StringComparer.Ordinal);
        Candidate[] order =
        [
            .. previous.Where(m => candidates.ContainsKey(m.Worker)).Select(m => candidates[m.Worker]),
            .. candidates.Values.Where(c => !before.ContainsKey(c.Worker))
                .OrderBy(c => c.Worker, StringComparer.Ordinal),
        ];
        ImmutableArray<int>[] had =
            [.. order.Select(c => before.TryGetValue(c.Worker, out ImmutableArray<int> r) ? r : [])];
        int[] targets = Targets(logicalRanks, order, had);

        var ranks = new List<int>[order.Length];
        var free = new SortedSet<int>(Enumerable.Range(0, logicalRanks));
        for (int i = 0; i < order.Length; i++)
        {
            ranks[i] = [.. had[i].Where(r => r < logicalRanks).Take(targets[i])];
            free.ExceptWith(ranks[i]);
        }

        for (int i = 0; i < order.Length; i++)
        {
            while (ranks[i].Count < targets[i])
            {
                ranks[i].Add(free.Min);
                free.Remove(free.Min);
            }
        }

        return [.. order.Select((c, i) => new Member(c.Worker, c.Address, [.. ranks[i].Order()]))];
    }

    // The largest remainder, as seats are given: whoever already has a rank more keeps it before somebody else gets
    // one.
    private static int[] Targets(int logicalRanks, Candidate[] order, ImmutableArray<int>[] had)
    {
        double shares = order.Sum(c => c.Share);
        double[] quotas = [.. order.Select(c => logicalRanks * c.Share / shares)];
        int[] targets = [.. quotas.Select(q => (int)q)];
        int left = logicalRanks - targets.Sum();
        IEnumerable<int> next = Enumerable.Range(0, order.Length)
            .OrderByDescending(i => Math.Round(quotas[i] - targets[i], 9))
            .ThenByDescending(i => had[i].Length > targets[i])
            .ThenBy(i => i);
        foreach (int i in next.Take(left))
        {
            targets[i]++;
        }

        return targets;
    }

    private static Dictionary<string, Candidate> Check(IReadOnlyCollection<Candidate> live)
    {
        var candidates = new Dictionary<string, Candidate>(StringComparer.Ordinal);
        foreach (Candidate candidate in live)
        {
            if (!candidates.TryAdd(candidate.Worker, candidate))
            {
                throw new ArgumentException(
                    $"worker '{candidate.Worker}' stands twice in the list of {live.Count}", nameof(live));
            }

            if (!(candidate.Share > 0) || !double.IsFinite(candidate.Share))
            {
                throw new ArgumentException(
                    $"worker '{candidate.Worker}' has a share of {candidate.Share}", nameof(live));
            }
        }

        return candidates.Count > 0
            ? candidates
            : throw new ArgumentException("a generation needs at least one worker", nameof(live));
    }
}

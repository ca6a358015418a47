using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>Deals L logical ranks to W workers as contiguous ranges whose sizes differ by at most one.</summary>
public static class RankAssignment
{
    /// <summary>
    /// Assigns every logical rank to exactly one worker. Workers of the previous generation keep their order and
    /// come first, so that a range moves only as far as evenness asks; those beyond L are spares without ranks.
    /// </summary>
    /// <param name="logicalRanks">L, at least 1.</param>
    /// <param name="live">Name and address of every worker to take in, at least one.</param>
    /// <param name="previous">The members of the generation before, in its order; empty for the first.</param>
    /// <exception cref="ArgumentException">There is no worker, or a name stands twice.</exception>
    public static ImmutableArray<Member> Assign(
        int logicalRanks,
        IReadOnlyCollection<(string Worker, string Address)> live,
        ImmutableArray<Member> previous)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(logicalRanks, 1);
        var addresses = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach ((string worker, string address) in live)
        {
            if (!addresses.TryAdd(worker, address))
            {
                throw new ArgumentException(
                    $"worker '{worker}' stands twice in the list of {live.Count}", nameof(live));
            }
        }

        if (addresses.Count == 0)
        {
            throw new ArgumentException("a generation needs at least one worker", nameof(live));
        }

        var stayed = previous.Where(m => addresses.ContainsKey(m.Worker)).Select(m => m.Worker).ToList();
        var order = stayed
            .Concat(addresses.Keys.Except(stayed, StringComparer.Ordinal).Order(StringComparer.Ordinal))
            .ToList();

        int hosts = Math.Min(order.Count, logicalRanks);
        int share = logicalRanks / hosts;
        int larger = logicalRanks % hosts;
        var members = ImmutableArray.CreateBuilder<Member>(order.Count);
        int next = 0;
        for (int i = 0; i < order.Count; i++)
        {
            int ranks = i >= hosts ? 0 : i < larger ? share + 1 : share;
            members.Add(new Member(order[i], addresses[order[i]], next, next + ranks));
            next += ranks;
        }

        return members.MoveToImmutable();
    }
}

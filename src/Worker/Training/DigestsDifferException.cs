namespace Colony.Worker;

/// <summary>
/// Members came to a step with different states: a device computed wrongly, or memory changed under it. Nobody applies
/// the step.
/// </summary>
internal sealed class DigestsDifferException : Exception
{
    /// <summary>The digests of a step, of those members that had taken one at it.</summary>
    public DigestsDifferException(long step, IReadOnlyList<(int Member, ulong Digest)> digests)
        : base(Describe(step, digests))
    {
        Step = step;
        Digests = digests;
        Odd = FindOdd(digests);
    }

    /// <summary>The step whose states differ.</summary>
    public long Step { get; }

    /// <summary>The digest of each member, by its index in the generation.</summary>
    public IReadOnlyList<(int Member, ulong Digest)> Digests { get; }

    /// <summary>Members whose digest is not that of the majority; none when no digest has more than half.</summary>
    public IReadOnlyList<int> Odd { get; }

    /// <summary>Looks for members that say different things of one step.</summary>
    /// <param name="newest">The newest digest of each member; those of different steps say nothing about each
    /// other.</param>
    /// <exception cref="DigestsDifferException">Two members differ.</exception>
    public static void ThrowIfAny(IReadOnlyList<DueDigest> newest)
    {
        foreach (IGrouping<long, (int Member, DueDigest Due)> step in newest.Select((due, member) => (member, due))
            .Where(m => m.due != DueDigest.None).GroupBy(m => m.due.Step).OrderBy(g => g.Key))
        {
            if (step.Any(m => m.Due.Digest != step.First().Due.Digest))
            {
                throw new DigestsDifferException(step.Key, [.. step.Select(m => (m.Member, m.Due.Digest))]);
            }
        }
    }

    private static int[] FindOdd(IReadOnlyList<(int Member, ulong Digest)> digests)
    {
        IGrouping<ulong, (int Member, ulong Digest)>? most =
            digests.GroupBy(d => d.Digest).FirstOrDefault(g => 2 * g.Count() > digests.Count);
        return most is null ? [] : [.. digests.Where(d => d.Digest != most.Key).Select(d => d.Member)];
    }

    private static string Describe(long step, IReadOnlyList<(int Member, ulong Digest)> digests)
    {
        int[] odd = FindOdd(digests);
        string blame = odd.Length == 0
            ? "no state has a majority"
            : $"member {string.Join(", ", odd)} differs from the majority";
        return $"the states of step {step} differ, {blame}: "
            + string.Join(", ", digests.Select(d => $"member {d.Member} has {d.Digest:x16}"));
    }
}

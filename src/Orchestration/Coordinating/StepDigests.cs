using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>
/// What workers say they hold after a step. How many hold each digest is kept beside it, since every report asks
/// whether all agree and there is one from each worker.
/// </summary>
public sealed record StepDigests
{
    /// <summary>No word yet.</summary>
    public static StepDigests None { get; } = new();

    private StepDigests()
    {
    }

    /// <summary>The digest each worker told, by its name.</summary>
    public ImmutableSortedDictionary<string, ulong> Told { get; private init; } =
        ImmutableSortedDictionary.Create<string, ulong>(StringComparer.Ordinal);

    /// <summary>Whether all who told hold the same.</summary>
    public bool Agree => Holders.Count <= 1;

    private ImmutableSortedDictionary<ulong, int> Holders { get; init; } =
        ImmutableSortedDictionary<ulong, int>.Empty;

    /// <summary>With a worker's word, in place of an earlier one.</summary>
    public StepDigests With(string worker, ulong digest)
    {
        StepDigests others = Without(worker);
        return new StepDigests
        {
            Told = others.Told.Add(worker, digest),
            Holders = others.Holders.SetItem(digest, others.Holders.GetValueOrDefault(digest) + 1),
        };
    }

    /// <summary>Without a worker's word.</summary>
    public StepDigests Without(string worker)
    {
        if (!Told.TryGetValue(worker, out ulong digest))
        {
            return this;
        }

        int left = Holders[digest] - 1;
        return new StepDigests
        {
            Told = Told.Remove(worker),
            Holders = left == 0 ? Holders.Remove(digest) : Holders.SetItem(digest, left),
        };
    }
}

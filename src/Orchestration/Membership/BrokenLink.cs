namespace Colony.Orchestration;

/// <summary>A link between two members that broke.</summary>
/// <param name="Generation">The generation in which it did.</param>
/// <param name="Worker">Who said so.</param>
/// <param name="Peer">Whom it could not reach.</param>
public sealed record BrokenLink(ulong Generation, string Worker, string Peer)
{
    /// <summary>Whether it is between the two, in whichever direction.</summary>
    public bool Joins(string one, string other) =>
        (Worker == one && Peer == other) || (Worker == other && Peer == one);

    /// <summary>Whether the worker is one of its ends.</summary>
    public bool Touches(string worker) => Worker == worker || Peer == worker;
}

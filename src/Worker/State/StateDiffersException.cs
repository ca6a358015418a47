namespace Colony.Worker;

/// <summary>What came from a donor does not lead to the state that the donor has.</summary>
internal sealed class StateDiffersException(string donor, long step, ulong ours, ulong theirs) : Exception(
    $"the state of step {step} from {donor} has digest {ours:x16} here and {theirs:x16} there; copy it from another "
    + "worker")
{
    /// <summary>host:port of the donor.</summary>
    public string Donor => donor;

    /// <summary>The step.</summary>
    public long Step => step;

    /// <summary>The digest that was computed here.</summary>
    public ulong Ours => ours;

    /// <summary>The digest that the donor announced.</summary>
    public ulong Theirs => theirs;
}

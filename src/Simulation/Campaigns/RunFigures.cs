using Colony.Orchestration;

namespace Colony.Simulation;

/// <summary>What one run shows: what the control plane had to do, and how long interruptions were.</summary>
internal sealed class RunFigures
{
    private readonly SortedDictionary<string, long> _received = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, long> _sent = new(StringComparer.Ordinal);

    /// <summary>Each interruption that ended: its cause, and seconds of virtual time to the next committed
    /// step.</summary>
    public List<(string Cause, double Seconds)> Recoveries { get; } = [];

    /// <summary>Messages to the coordinator, by kind.</summary>
    public IReadOnlyDictionary<string, long> Received => _received;

    /// <summary>Messages from the coordinator, by kind.</summary>
    public IReadOnlyDictionary<string, long> Sent => _sent;

    /// <summary>Members named in all messages that start a generation: what grows with the square of the
    /// size.</summary>
    public long MembersTold { get; private set; }

    /// <summary>Generations that were started.</summary>
    public int Generations { get; private set; }

    /// <summary>Steps that were committed, again after a loss of all included.</summary>
    public long Committed { get; private set; }

    public void Carried(CoordinatorEffect effect)
    {
        switch (effect)
        {
            case StepCommitted: Committed++; break;
            case Recovered e: Recoveries.Add((e.Recovery.Cause, e.Recovery.Seconds)); break;
        }
    }

    public void Heard(CoordinatorEvent said) => Count(_received, said.GetType().Name);

    public void Told(WorkerEvent told)
    {
        Count(_sent, told.GetType().Name);
        MembersTold += (told as StartTold)?.Members.Length ?? 0;
    }

    public void Announced() => Generations++;

    private static void Count(SortedDictionary<string, long> counts, string kind) =>
        counts[kind] = counts.GetValueOrDefault(kind) + 1;
}

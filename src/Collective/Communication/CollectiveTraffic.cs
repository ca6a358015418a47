using Colony.Protos.V1;

namespace Colony.Collective;

/// <summary>
/// Bytes of payload that passed between this member and its neighbours, by phase of the step; a chunk's header, about
/// 20 bytes, is not counted. Thread-safe.
/// </summary>
public sealed class CollectiveTraffic
{
    private static readonly Phase[] Known = Enum.GetValues<Phase>();

    private readonly long[] sent = new long[Known.Length];
    private readonly long[] received = new long[Known.Length];

    /// <summary>The phases that chunks belong to.</summary>
    public static IReadOnlyList<Phase> Phases { get; } =
        [Phase.Gather, Phase.Flags, Phase.ReduceScatter, Phase.AllGather];

    /// <summary>Bytes of all phases that were sent.</summary>
    public long TotalSent => Phases.Sum(Sent);

    /// <summary>Bytes of all phases that were received.</summary>
    public long TotalReceived => Phases.Sum(Received);

    /// <summary>Bytes of a phase that were handed to the transport.</summary>
    public long Sent(Phase phase) => Interlocked.Read(ref sent[(int)phase]);

    /// <summary>Bytes of a phase that arrived and were as expected.</summary>
    public long Received(Phase phase) => Interlocked.Read(ref received[(int)phase]);

    internal void AddSent(Phase phase, int bytes) => Interlocked.Add(ref sent[(int)phase], bytes);

    internal void AddReceived(Phase phase, int bytes) => Interlocked.Add(ref received[(int)phase], bytes);
}

using Colony.Protos.V1;

namespace Colony.Collective;

/// <summary>Why a collective operation could not end.</summary>
public enum CollectiveFailure
{
    /// <summary>The connection to the peer ended or could not be made.</summary>
    ConnectionLost,

    /// <summary>The peer ended its part itself: it broke off or left. The link to it may be whole.</summary>
    PeerEnded,

    /// <summary>The peer belongs to another generation, or this generation is over.</summary>
    WrongGeneration,

    /// <summary>The peer sent a chunk that the protocol does not allow here.</summary>
    Protocol,

    /// <summary>The peer sent nothing for longer than any step takes.</summary>
    TimedOut,

    /// <summary>The communicator was closed, or broken by an earlier failure.</summary>
    Closed,
}

/// <summary>
/// A collective operation failed. The group is of no use afterwards: partial sums may be anywhere. The step is done
/// again in the next generation.
/// </summary>
public sealed class CollectiveException : Exception
{
    /// <summary>Names the failure.</summary>
    /// <param name="failure">Kind of failure.</param>
    /// <param name="phase">Phase in which it was noticed.</param>
    /// <param name="step">Step in which it was noticed.</param>
    /// <param name="peer">The other member's place in the generation; -1 when none is to blame.</param>
    /// <param name="reason">What happened, in one sentence without the names above.</param>
    /// <param name="inner">The cause, if it was an exception.</param>
    public CollectiveException(
        CollectiveFailure failure, Phase phase, long step, int peer, string reason, Exception? inner = null)
        : base(Sentence(phase, step, peer, reason), inner)
    {
        Failure = failure;
        Phase = phase;
        Step = step;
        Peer = peer;
        Reason = reason;
    }

    /// <summary>Kind of failure.</summary>
    public CollectiveFailure Failure { get; }

    /// <summary>Phase in which it was noticed.</summary>
    public Phase Phase { get; }

    /// <summary>Step in which it was noticed.</summary>
    public long Step { get; }

    /// <summary>The other member's place in the generation, or -1.</summary>
    public int Peer { get; }

    /// <summary>What happened, without phase, step and peer.</summary>
    public string Reason { get; }

    private static string Sentence(Phase phase, long step, int peer, string reason) =>
        peer < 0 ? $"{phase} of step {step}: {reason}" : $"{phase} of step {step}, member {peer}: {reason}";
}

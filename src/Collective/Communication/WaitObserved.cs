using Colony.Protos.V1;

namespace Colony.Collective;

/// <summary>A wait for another member: who waited for whom, in what, how long.</summary>
/// <param name="Peer">The member that was waited for, by its place in the generation.</param>
/// <param name="Phase">The phase of the step.</param>
/// <param name="Step">The step.</param>
/// <param name="Elapsed">How long; for a wait that goes on, until now.</param>
/// <param name="Sending">True when the peer did not take what was sent; false when it did not send.</param>
public readonly record struct WaitObserved(int Peer, Phase Phase, long Step, TimeSpan Elapsed, bool Sending);

using Colony.Actors.Simulation;

namespace Colony.Simulation;

/// <summary>The way from a member to the next one in the ring, for one generation.</summary>
internal abstract class RingLink(string peer)
{
    public string Peer => peer;

    public abstract void Send(Chunk chunk);

    /// <summary>The receiver has it; only datagrams need to know.</summary>
    public virtual void Came(long order)
    {
    }

    public abstract void Close(string reason);
}

/// <summary>In order, once, or the link breaks: what a gRPC stream gives.</summary>
internal sealed class SessionRingLink : RingLink
{
    private readonly List<Chunk> _early = [];
    private SimulatedSession? _session;
    private bool _closed;

    public SessionRingLink(
        SimulatedNetwork network, SimulatedNode node, LinkHello hello, string peer, Action<string> broken)
        : base(peer) =>
        network.Connect(node, peer, session =>
        {
            if (_closed)
            {
                session.Close("a newer generation");
                return;
            }

            _session = session;
            session.OnClosed = broken;
            session.Send(hello);
            _early.ForEach(chunk => session.Send(chunk));
        }, broken);

    public override void Send(Chunk chunk)
    {
        if (_session is null)
        {
            _early.Add(chunk);
        }
        else
        {
            _session.Send(chunk);
        }
    }

    public override void Close(string reason)
    {
        _closed = true;
        _session?.Close(reason);
    }
}

/// <summary>
/// Datagrams that may be lost, come twice or overtake each other, sent again until the receiver says that it has them.
/// </summary>
internal sealed class DatagramRingLink(
    SimulatedNetwork network, SimulatedNode node, string peer, Action<string> broken) : RingLink(peer)
{
    /// <summary>As often as a chunk is sent before the peer counts as lost.</summary>
    public const int MaxSends = 60;

    private static readonly TimeSpan s_again = TimeSpan.FromMilliseconds(25);

    private readonly Dictionary<long, SimulatedEvent> _unconfirmed = [];
    private bool _closed;

    public override void Send(Chunk chunk) => Send(chunk, 1);

    public override void Came(long order)
    {
        if (_unconfirmed.Remove(order, out var again))
        {
            again.Dispose();
        }
    }

    public override void Close(string reason)
    {
        _closed = true;
        foreach (var again in _unconfirmed.Values)
        {
            again.Dispose();
        }
    }

    private void Send(Chunk chunk, int sends)
    {
        if (_closed)
        {
            return;
        }

        if (sends > MaxSends)
        {
            broken($"'{Peer}' does not answer");
            return;
        }

        network.SendDatagram(node, Peer, chunk);
        _unconfirmed[chunk.Order] = node.After(s_again, "send again", () => Send(chunk, sends + 1));
    }
}

namespace Colony.Actors.Simulation;

/// <summary>
/// One end of a session between two nodes. What is sent arrives in order, once, or the session ends first; then each
/// end that did not end it itself is told, once, when the news reaches it.
/// </summary>
public sealed class SimulatedSession
{
    /// <summary>
    /// Messages under way in one direction; one more breaks the session, as a full send buffer would.
    /// </summary>
    public const int MaxInFlight = 10_000;

    private readonly SimulatedNetwork _network;
    private SimulatedSession? _other;
    private SimulatedPipe? _out;

    internal SimulatedSession(SimulatedNetwork network, long id, SimulatedNode node, string peer)
    {
        _network = network;
        Id = id;
        Node = node;
        Peer = peer;
    }

    /// <summary>The same at both ends, unique in the network.</summary>
    public long Id { get; }

    /// <summary>The node at this end.</summary>
    public SimulatedNode Node { get; }

    /// <summary>Name of the node at the other end.</summary>
    public string Peer { get; }

    /// <summary>Whether this end is open as far as it knows.</summary>
    public bool IsOpen { get; private set; } = true;

    /// <summary>Gets each message.</summary>
    public Action<object>? OnMessage { get; set; }

    /// <summary>Told once when the session ends other than by this end's <see cref="Close"/>.</summary>
    public Action<string>? OnClosed { get; set; }

    /// <summary>Sends a message.</summary>
    /// <param name="message">The message; not to be changed afterwards.</param>
    /// <param name="bytes">Its size, where the network counts bytes.</param>
    /// <returns>False if this end knows that the session is over.</returns>
    public bool Send(object message, long bytes = 0)
    {
        if (!IsOpen)
        {
            return false;
        }

        if (_out!.InFlight >= MaxInFlight)
        {
            Break("too much was under way");
            return false;
        }

        var other = _other!;
        _out.Push(bytes, () => other.Receive(message));
        return true;
    }

    /// <summary>Ends the session; the other end is told after what was sent before. Does nothing twice.</summary>
    /// <param name="reason">What the other end is told.</param>
    public void Close(string reason)
    {
        if (IsOpen)
        {
            Shut();
            PushEnd(reason);
        }
    }

    internal static void Join(
        SimulatedSession client, SimulatedNetwork.Link there, SimulatedSession server, SimulatedNetwork.Link back)
    {
        client._other = server;
        server._other = client;
        client._out = new SimulatedPipe(client._network, there, server.Node);
        server._out = new SimulatedPipe(client._network, back, client.Node);
    }

    internal void SendConfirmation(Action connected) => _out!.Push(0, connected);

    /// <summary>The session is cut from outside: what is under way is lost, both ends are told.</summary>
    internal void Break(string reason)
    {
        BreakEnd(reason);
        _other!.BreakEnd(reason);
    }

    /// <summary>Nothing passes any more, and nobody is told.</summary>
    internal void GoSilent()
    {
        _out!.Silent = true;
        _other!._out!.Silent = true;
    }

    /// <summary>
    /// The process at this end has died: some of what it sent may still arrive, then the news of its death.
    /// </summary>
    internal void Die()
    {
        if (IsOpen)
        {
            Shut();
            _other!._out!.Clear();
            _out!.LoseTail();
            PushEnd($"'{Node.Name}' has died");
        }
    }

    private void PushEnd(string reason)
    {
        var other = _other!;
        _out!.Push(0, () => other.Ended(reason));
    }

    private void BreakEnd(string reason)
    {
        _out!.Clear();
        if (IsOpen)
        {
            // The local network stack tells it; no link is needed for that.
            var life = Node.Crashes;
            _network.Scheduler.After(_network.Delay(_out.Link, 0), $"break {Peer}-{Node.Name}", () =>
            {
                if (life == Node.Crashes)
                {
                    Node.Deliver("break", () => Ended(reason));
                }
            });
        }
    }

    private void Receive(object message)
    {
        if (IsOpen)
        {
            _network.Delivered++;
            _network.Scheduler.Note(Node.Name, message);
            OnMessage?.Invoke(message);
        }
    }

    private void Ended(string reason)
    {
        _out!.Detach();
        _other!._out!.Detach();
        if (IsOpen)
        {
            Shut();
            _network.Scheduler.Note(Node.Name, $"session with {Peer} over: {reason}");
            OnClosed?.Invoke(reason);
        }
    }

    private void Shut()
    {
        IsOpen = false;
        _network.Remove(this);
    }
}

/// <summary>
/// One direction of a session. Each push makes one permit that arrives after a delay and lets the oldest item through,
/// so order is kept whatever the delays are. Permits that arrive while the link is blocked are kept for later.
/// </summary>
internal sealed class SimulatedPipe
{
    private readonly SimulatedNetwork _network;
    private readonly SimulatedNode _receiver;
    private readonly Queue<Action> _items = new();
    private int _kept;
    private TimeSpan _lastDue;

    public SimulatedPipe(SimulatedNetwork network, SimulatedNetwork.Link link, SimulatedNode receiver)
    {
        _network = network;
        _receiver = receiver;
        Link = link;
        Link.Pipes.Add(this);
    }

    public SimulatedNetwork.Link Link { get; }

    public int InFlight => _items.Count;

    public bool Silent { get; set; }

    public void Push(long bytes, Action item)
    {
        _items.Enqueue(item);
        SendPermit(_network.Delay(Link, bytes));
    }

    /// <summary>The link is free again: what was kept travels once more.</summary>
    public void GoOn()
    {
        var kept = _kept;
        _kept = 0;
        for (var i = 0; i < kept; i++)
        {
            SendPermit(_network.Delay(Link, 0));
        }
    }

    /// <summary>A random first part stays; the rest was not sent yet when the process died.</summary>
    public void LoseTail()
    {
        var stays = Link.Random.Next(_items.Count + 1);
        var items = _items.ToArray();
        _items.Clear();
        foreach (var item in items.Take(stays))
        {
            _items.Enqueue(item);
        }
    }

    public void Clear()
    {
        _items.Clear();
        Detach();
    }

    public void Detach() => Link.Pipes.Remove(this);

    private void SendPermit(TimeSpan delay)
    {
        var due = _network.Scheduler.Now + delay;
        _lastDue = due > _lastDue ? due : _lastDue + TimeSpan.FromTicks(1);
        var life = _receiver.Crashes;
        _network.Scheduler.At(_lastDue, Link.From, Link.To, () => Arrive(life));
    }

    private void Arrive(int life)
    {
        if (Silent || life != _receiver.Crashes)
        {
            return;
        }

        if (Link.Blocks > 0)
        {
            _kept++;
        }
        else if (_items.TryDequeue(out var item))
        {
            _receiver.Deliver("session", item);
        }
    }
}

namespace Colony.Actors.Simulation;

/// <summary>
/// Links between nodes. A session keeps order or breaks, as a gRPC stream on TCP does; a datagram may be lost, come
/// twice, or overtake. While a direction of a link is blocked, a session's messages wait (TCP sends them again) and
/// nobody is told; whether that lasts too long is for the ends to decide. Single-threaded, as everything simulated.
/// </summary>
public sealed class SimulatedNetwork
{
    private readonly Dictionary<(string From, string To), Link> _links = [];
    private readonly Dictionary<string, Action<SimulatedSession>> _listeners = new(StringComparer.Ordinal);
    private readonly Dictionary<string, Action<string, object>> _datagrams = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<SimulatedSession>> _sessions = new(StringComparer.Ordinal);
    private readonly NetworkProfile _profile;
    private long _lastSession;

    /// <summary>Makes a network without listeners.</summary>
    /// <param name="scheduler">Its world.</param>
    /// <param name="profile">How it behaves.</param>
    public SimulatedNetwork(SimulatedScheduler scheduler, NetworkProfile? profile = null)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        Scheduler = scheduler;
        _profile = profile ?? new NetworkProfile();
    }

    /// <summary>Messages of sessions that arrived.</summary>
    public long Delivered { get; internal set; }

    /// <summary>Datagrams that were lost, by chance or by a blocked link.</summary>
    public long DatagramsLost { get; private set; }

    /// <summary>Datagrams that a later one overtook.</summary>
    public long DatagramsReordered { get; private set; }

    /// <summary>Messages that were held up much longer than usual.</summary>
    public long Hiccups { get; private set; }

    /// <summary>Datagrams that came twice.</summary>
    public long DatagramsDuplicated { get; private set; }

    internal SimulatedScheduler Scheduler { get; }

    /// <summary>Accepts sessions on a node. Ends when the node crashes; its boot listens again.</summary>
    /// <param name="node">The node.</param>
    /// <param name="accepted">Gets the node's end of each new session; sets its handlers.</param>
    public void Listen(SimulatedNode node, Action<SimulatedSession> accepted)
    {
        ArgumentNullException.ThrowIfNull(node);
        Know(node);
        _listeners[node.Name] = accepted;
    }

    /// <summary>Opens a session.</summary>
    /// <param name="from">The node that opens it.</param>
    /// <param name="to">Name of the node to reach.</param>
    /// <param name="connected">Gets this node's end; sets its handlers before any message comes.</param>
    /// <param name="failed">Told why there is none: refused at once, or timed out.</param>
    public void Connect(
        SimulatedNode from, string to, Action<SimulatedSession> connected, Action<string> failed)
    {
        ArgumentNullException.ThrowIfNull(from);
        var target = Scheduler.Node(to);
        Know(from);
        Know(target);
        var life = from.Crashes;
        var there = LinkOf(from.Name, to);
        var back = LinkOf(to, from.Name);
        Scheduler.After(Delay(there, 0), $"connect {from.Name}>{to}", () =>
        {
            if (life != from.Crashes)
            {
                return;
            }

            if (there.Blocks > 0 || back.Blocks > 0)
            {
                from.After(_profile.ConnectTimeout / from.Slowness, $"connect {to}", () => failed($"'{to}' is silent"));
            }
            else if (!target.IsUp || !_listeners.TryGetValue(to, out var accepted))
            {
                from.After(Delay(back, 0), $"connect {to}", () => failed($"'{to}' refused the connection"));
            }
            else
            {
                Establish(from, target, (there, back), accepted, connected, failed);
            }
        });
    }

    /// <summary>Gets the datagrams that reach a node.</summary>
    /// <param name="node">The node.</param>
    /// <param name="received">Gets the sender's name and the message.</param>
    public void ReceiveDatagrams(SimulatedNode node, Action<string, object> received)
    {
        ArgumentNullException.ThrowIfNull(node);
        Know(node);
        _datagrams[node.Name] = received;
    }

    /// <summary>Sends one message without promise: it may be lost, come twice, or overtake another.</summary>
    /// <param name="from">The sender.</param>
    /// <param name="to">Name of the receiver.</param>
    /// <param name="message">The message.</param>
    public void SendDatagram(SimulatedNode from, string to, object message)
    {
        ArgumentNullException.ThrowIfNull(from);
        var link = LinkOf(from.Name, to);
        var copies = 1;
        if (link.Random.Chance(_profile.DatagramDuplication))
        {
            copies = 2;
            DatagramsDuplicated++;
        }

        for (var copy = 0; copy < copies; copy++)
        {
            var lost = link.Random.Chance(_profile.DatagramLoss);
            var number = ++link.LastSent;
            Scheduler.At(
                Scheduler.Now + Delay(link, 0), link.From, link.To, () => Arrive(link, number, lost, message));
        }
    }

    /// <summary>Blocks one direction of a link. Counts: two blocks need two <see cref="Unblock"/>.</summary>
    /// <param name="from">Messages from here</param>
    /// <param name="to">to here wait, datagrams are lost.</param>
    public void Block(string from, string to)
    {
        Scheduler.Note($"{from}>{to}", "blocked");
        LinkOf(from, to).Blocks++;
    }

    /// <summary>Takes one block away; without any left, what waited goes on.</summary>
    /// <param name="from">One end.</param>
    /// <param name="to">The other.</param>
    public void Unblock(string from, string to)
    {
        var link = LinkOf(from, to);
        if (link.Blocks > 0 && --link.Blocks == 0)
        {
            Scheduler.Note($"{from}>{to}", "healed");
            foreach (var pipe in link.Pipes.ToArray())
            {
                pipe.GoOn();
            }
        }
    }

    /// <summary>Makes one direction of a link slower, or with the inverse faster again.</summary>
    /// <param name="from">One end.</param>
    /// <param name="to">The other.</param>
    /// <param name="factor">What delays are multiplied by; more than zero.</param>
    public void Throttle(string from, string to, double factor)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(factor, 0);
        LinkOf(from, to).Slowness *= factor;
    }

    /// <summary>
    /// Breaks every session between two nodes: what is under way is lost, both ends are told, each in its time.
    /// </summary>
    /// <param name="one">A node.</param>
    /// <param name="other">Another.</param>
    /// <param name="reason">What they are told.</param>
    /// <returns>How many sessions there were.</returns>
    public int BreakSessions(string one, string other, string reason)
    {
        var between = Between(one, other);
        foreach (var session in between)
        {
            session.Break(reason);
        }

        return between.Length;
    }

    /// <summary>
    /// Makes every session between two nodes half-open: nothing passes, nobody is told, until keep-alive gives up.
    /// </summary>
    /// <param name="one">A node.</param>
    /// <param name="other">Another.</param>
    /// <param name="keepAlive">When both ends are told that the session is broken.</param>
    /// <returns>How many sessions there were.</returns>
    public int HalfOpen(string one, string other, TimeSpan keepAlive)
    {
        var between = Between(one, other);
        foreach (var session in between)
        {
            session.GoSilent();
            Scheduler.After(keepAlive, $"keep-alive {one}-{other}", () => session.Break("keep-alive heard nothing"));
        }

        return between.Length;
    }

    internal TimeSpan Delay(Link link, long bytes)
    {
        var delay = _profile.MinDelay + link.Random.Exponential(_profile.MeanExtraDelay);
        if (link.Random.Chance(_profile.HiccupProbability))
        {
            Hiccups++;
            delay += link.Random.Between(TimeSpan.Zero, _profile.MaxHiccup);
        }

        if (_profile.BytesPerSecond > 0 && bytes > 0)
        {
            delay += TimeSpan.FromSeconds((double)bytes / _profile.BytesPerSecond);
        }

        return delay * link.Slowness;
    }

    internal void Remove(SimulatedSession end) => _sessions[end.Node.Name].Remove(end);

    private SimulatedSession[] Between(string one, string other) =>
        _sessions.TryGetValue(one, out var sessions)
            ? [.. sessions.Where(s => string.Equals(s.Peer, other, StringComparison.Ordinal))]
            : [];

    private void Establish(
        SimulatedNode from,
        SimulatedNode target,
        (Link There, Link Back) links,
        Action<SimulatedSession> accepted,
        Action<SimulatedSession> connected,
        Action<string> failed)
    {
        var id = ++_lastSession;
        var client = new SimulatedSession(this, id, from, target.Name);
        var server = new SimulatedSession(this, id, target, from.Name);
        SimulatedSession.Join(client, links.There, server, links.Back);
        client.OnClosed = failed; // until it is confirmed, its end is a failure to connect
        _sessions[from.Name].Add(client);
        _sessions[target.Name].Add(server);

        // The confirmation travels in the session itself, so that no message of the server can come before it.
        server.SendConfirmation(() =>
        {
            client.OnClosed = null;
            connected(client);
        });
        target.Deliver("accept", () => accepted(server));
    }

    private void Arrive(Link link, long number, bool lost, object message)
    {
        if (lost || link.Blocks > 0)
        {
            DatagramsLost++;
            return;
        }

        if (number < link.LastArrived)
        {
            DatagramsReordered++;
        }

        link.LastArrived = Math.Max(link.LastArrived, number);

        var node = Scheduler.Node(link.To);
        node.Deliver("datagram", () =>
        {
            if (_datagrams.TryGetValue(link.To, out var received))
            {
                Scheduler.Note(link.To, message);
                received(link.From, message);
            }
        });
    }

    private void Know(SimulatedNode node)
    {
        if (_sessions.TryAdd(node.Name, []))
        {
            node.Crashed += () => Die(node.Name);
        }
    }

    private void Die(string node)
    {
        _listeners.Remove(node);
        _datagrams.Remove(node);
        foreach (var session in _sessions[node].ToArray())
        {
            session.Die();
        }
    }

    private Link LinkOf(string from, string to)
    {
        if (!_links.TryGetValue((from, to), out var link))
        {
            link = new Link(from, to, Scheduler.Random($"link {from}>{to}"));
            _links[(from, to)] = link;
        }

        return link;
    }

    internal sealed class Link(string from, string to, SeededRandom random)
    {
        public string From => from;

        public string To => to;

        public SeededRandom Random => random;

        public int Blocks { get; set; }

        public long LastSent { get; set; }

        public long LastArrived { get; set; }

        public double Slowness { get; set; } = 1;

        public List<SimulatedPipe> Pipes { get; } = [];
    }
}

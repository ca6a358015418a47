using Colony.Actors.Simulation;

namespace Colony.Actors.Tests;

public sealed class NetworkTests
{
    /// <summary>Two nodes with a session between them, and what each end saw.</summary>
    private sealed class Pair
    {
        public Pair(ulong seed, NetworkProfile? profile = null)
        {
            Scheduler = new SimulatedScheduler(seed);
            A = Scheduler.AddNode("a");
            B = Scheduler.AddNode("b");
            Network = new SimulatedNetwork(Scheduler, profile);
            Network.Listen(B, session =>
            {
                AtB = session;
                session.OnMessage = m => SeenByB.Add((int)m);
                session.OnClosed = reason => EndsAtB.Add(reason);
            });
            Network.Connect(A, "b", session =>
            {
                AtA = session;
                session.OnMessage = m => SeenByA.Add((int)m);
                session.OnClosed = reason => EndsAtA.Add(reason);
            }, Failures.Add);
        }

        public SimulatedScheduler Scheduler { get; }

        public SimulatedNode A { get; }

        public SimulatedNode B { get; }

        public SimulatedNetwork Network { get; }

        public SimulatedSession? AtA { get; private set; }

        public SimulatedSession? AtB { get; private set; }

        public List<int> SeenByA { get; } = [];

        public List<int> SeenByB { get; } = [];

        public List<string> EndsAtA { get; } = [];

        public List<string> EndsAtB { get; } = [];

        public List<string> Failures { get; } = [];

        public void Run(double seconds) => Scheduler.Run(Scheduler.Now + TimeSpan.FromSeconds(seconds));
    }

    private static IEnumerable<ulong> Seeds => Enumerable.Range(0, 100).Select(i => (ulong)i);

    [Fact]
    public void A_session_keeps_order_both_ways_whatever_the_delays()
    {
        foreach (var seed in Seeds)
        {
            var pair = new Pair(seed, new NetworkProfile { HiccupProbability = 0.3 });
            pair.Run(1);
            for (var i = 0; i < 50; i++)
            {
                pair.AtA!.Send(i);
                pair.AtB!.Send(-i);
                pair.Run(0.0001);
            }

            pair.AtA!.Close("done");
            pair.Run(5);
            Assert.Equal(Enumerable.Range(0, 50), pair.SeenByB);
            Assert.Equal(["done"], pair.EndsAtB);
            Assert.Empty(pair.EndsAtA);
            Assert.False(pair.AtB!.Send(1));
        }
    }

    [Fact]
    public void A_break_tells_both_ends_once_and_what_arrived_is_a_first_part()
    {
        var lengths = new HashSet<int>();
        foreach (var seed in Seeds)
        {
            var pair = new Pair(seed);
            pair.Run(1);
            for (var i = 0; i < 20; i++)
            {
                pair.AtA!.Send(i);
            }

            pair.Run(0.0003);
            Assert.Equal(1, pair.Network.BreakSessions("b", "a", "reset"));
            pair.Run(5);
            Assert.Equal(Enumerable.Range(0, pair.SeenByB.Count), pair.SeenByB);
            Assert.Equal(["reset"], pair.EndsAtA);
            Assert.Equal(["reset"], pair.EndsAtB);
            Assert.Equal(0, pair.Network.BreakSessions("b", "a", "reset"));
            lengths.Add(pair.SeenByB.Count);
        }

        Assert.True(lengths.Count > 3, "breaks should strike at different moments");
    }

    [Fact]
    public void The_death_of_a_process_is_told_to_its_peer_and_a_dead_node_refuses()
    {
        foreach (var seed in Seeds)
        {
            var pair = new Pair(seed);
            pair.Run(1);
            for (var i = 0; i < 10; i++)
            {
                pair.AtB!.Send(i);
            }

            pair.B.Crash();
            pair.Run(1);
            Assert.Equal(Enumerable.Range(0, pair.SeenByA.Count), pair.SeenByA);
            Assert.Equal(["'b' has died"], pair.EndsAtA);
            pair.Network.Connect(pair.A, "b", _ => Assert.Fail("connected to the dead"), pair.Failures.Add);
            pair.Run(1);
            Assert.Equal(["'b' refused the connection"], pair.Failures);
        }
    }

    [Fact]
    public void A_partition_is_silent_and_what_waited_arrives_in_order_when_it_heals()
    {
        foreach (var seed in Seeds)
        {
            var pair = new Pair(seed);
            pair.Run(1);
            pair.Network.Block("a", "b");
            for (var i = 0; i < 10; i++)
            {
                pair.AtA!.Send(i);
                pair.AtB!.Send(i);
            }

            pair.Network.Connect(pair.A, "b", _ => Assert.Fail("connected"), pair.Failures.Add);
            pair.Run(100);
            Assert.Empty(pair.SeenByB);
            Assert.Equal(10, pair.SeenByA.Count); // one way only
            Assert.Empty(pair.EndsAtA);
            Assert.Equal(["'b' is silent"], pair.Failures);

            pair.Network.Unblock("a", "b");
            pair.AtA!.Send(10);
            pair.Run(1);
            Assert.Equal(Enumerable.Range(0, 11), pair.SeenByB);
        }
    }

    [Fact]
    public void Nobody_learns_of_a_death_behind_a_partition_before_it_heals()
    {
        var pair = new Pair(5);
        pair.Run(1);
        pair.Network.Block("b", "a");
        pair.B.Crash();
        pair.Run(60);
        Assert.Empty(pair.EndsAtA);
        pair.Network.Unblock("b", "a");
        pair.Run(1);
        Assert.Equal(["'b' has died"], pair.EndsAtA);
    }

    [Fact]
    public void A_half_open_session_is_silent_until_keep_alive_gives_up()
    {
        var pair = new Pair(5);
        pair.Run(1);
        Assert.Equal(1, pair.Network.HalfOpen("a", "b", TimeSpan.FromSeconds(20)));
        pair.AtA!.Send(1);
        pair.AtB!.Close("closing unheard");
        pair.Run(19);
        Assert.Empty(pair.SeenByB);
        Assert.Empty(pair.EndsAtA);
        Assert.True(pair.AtA!.IsOpen);
        pair.Run(2);
        Assert.Equal(["keep-alive heard nothing"], pair.EndsAtA);
        Assert.Empty(pair.EndsAtB); // it had closed its own end
    }

    [Fact]
    public void A_hung_receiver_gets_everything_when_it_wakes_and_a_full_buffer_breaks()
    {
        var pair = new Pair(5);
        pair.Run(1);
        pair.B.Hang();
        for (var i = 0; i < 100; i++)
        {
            pair.AtA!.Send(i);
            pair.Run(0.001);
        }

        Assert.Empty(pair.SeenByB);
        pair.B.Wake();
        pair.AtA!.Send(100);
        pair.Run(1);
        Assert.Equal(Enumerable.Range(0, 101), pair.SeenByB);

        pair.Network.Block("a", "b");
        var sent = 0;
        while (pair.AtA!.Send(sent) && sent <= SimulatedSession.MaxInFlight)
        {
            sent++;
        }

        pair.Run(1);
        Assert.Equal(SimulatedSession.MaxInFlight, sent);
        Assert.Equal(["too much was under way"], pair.EndsAtA);
    }

    [Fact]
    public void Throttling_and_bandwidth_slow_messages_down()
    {
        TimeSpan Arrival(Action<Pair> prepare, long bytes)
        {
            var pair = new Pair(5, new NetworkProfile { HiccupProbability = 0, BytesPerSecond = 1_000_000 });
            pair.Run(1);
            prepare(pair);
            pair.AtA!.Send(1, bytes);
            pair.Scheduler.Run(TimeSpan.MaxValue, done: () => pair.SeenByB.Count == 1);
            return pair.Scheduler.Now - TimeSpan.FromSeconds(1);
        }

        var plain = Arrival(_ => { }, 0);
        Assert.Equal(plain.TotalSeconds * 50, Arrival(p => p.Network.Throttle("a", "b", 50), 0).TotalSeconds, 1e-5);
        Assert.Equal(plain.TotalSeconds + 2, Arrival(_ => { }, 2_000_000).TotalSeconds, 1e-5);
    }

    [Fact]
    public void Datagrams_are_lost_doubled_and_overtake()
    {
        var scheduler = new SimulatedScheduler(7);
        var a = scheduler.AddNode("a");
        var b = scheduler.AddNode("b");
        var network = new SimulatedNetwork(
            scheduler, new NetworkProfile { DatagramLoss = 0.2, DatagramDuplication = 0.1 });
        var seen = new List<int>();
        network.ReceiveDatagrams(b, (from, m) =>
        {
            Assert.Equal("a", from);
            seen.Add((int)m);
        });
        for (var i = 0; i < 1000; i++)
        {
            network.SendDatagram(a, "b", i);
        }

        scheduler.Run(TimeSpan.FromSeconds(1));
        Assert.Equal(1000 + network.DatagramsDuplicated - network.DatagramsLost, seen.Count);
        Assert.InRange(network.DatagramsLost, 150, 300);
        Assert.InRange(network.DatagramsDuplicated, 60, 140);
        Assert.NotEqual(seen.Order(), seen);

        network.Block("a", "b");
        seen.Clear();
        network.SendDatagram(a, "b", 1);
        scheduler.Run(TimeSpan.FromSeconds(2));
        Assert.Empty(seen);
    }

    [Fact]
    public void A_server_that_dies_during_the_handshake_is_a_failure_to_connect_and_never_silence()
    {
        foreach (var seed in Seeds)
        {
            var pair = new Pair(seed);
            pair.Scheduler.After(TimeSpan.FromTicks((long)seed * 100), "crash", pair.B.Crash);
            pair.Run(5);
            Assert.Equal(1, pair.Failures.Count + pair.EndsAtA.Count);
        }
    }
}

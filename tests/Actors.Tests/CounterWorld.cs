using Colony.Actors.Simulation;

namespace Colony.Actors.Tests;

/// <summary>
/// A toy protocol: a client adds one, many times, over sessions that break, to a counter that journals on a disk that
/// tears. Right: the server flushes before it confirms and knows a repeated request. Each flaw leaves one of that out.
/// </summary>
internal sealed class CounterWorld : ISimulatedWorld
{
    public const int Additions = 60;

    private readonly SimulationStage _stage;
    private readonly SimulatedNode _client;
    private readonly SimulatedNode _server;
    private readonly Flaw _flaw;
    private int _confirmed;
    private int _counter;

    public CounterWorld(SimulationStage stage, Flaw flaw)
    {
        _stage = stage;
        _flaw = flaw;
        _client = stage.Scheduler.AddNode("client");
        _server = stage.Scheduler.AddNode("server");
        _server.Boot = BootServer;
        _server.Boot();
        BootClient();
    }

    public enum Flaw
    {
        None,
        NoFlush,
        NoDeduplication,
    }

    public static SimulationOptions Options { get; } = new()
    {
        TimeLimit = TimeSpan.FromMinutes(5),
        Faults = new FaultProfile
        {
            StopAt = TimeSpan.FromSeconds(10),
            MeanInterval = TimeSpan.FromSeconds(0.3),
            MaxDuration = TimeSpan.FromSeconds(1),
            Kinds =
            [
                (FaultKind.Crash, 1), (FaultKind.Hang, 1), (FaultKind.BreakSessions, 2), (FaultKind.Partition, 1),
                (FaultKind.PartitionOneWay, 1), (FaultKind.HalfOpen, 1), (FaultKind.Slow, 1), (FaultKind.Throttle, 1),
                (FaultKind.ClockDrift, 1),
            ],
            MayStrike = (kind, node) => kind != FaultKind.Crash || node == "server",
        },
    };

    public IReadOnlyList<Func<Violation?>> Invariants =>
    [
        () => _server.IsUp && _counter < _confirmed
            ? new Violation("nothing confirmed is lost", $"{_confirmed} confirmed, the counter says {_counter}")
            : null,
        () => _counter > _confirmed + 1
            ? new Violation("nothing is added twice", $"{_confirmed} confirmed, the counter says {_counter}")
            : null,
    ];

    public bool IsFinished => _confirmed == Additions;

    public string Status => $"{_confirmed} confirmed, the counter says {_counter}";

    public Violation? CheckOutcome() =>
        _counter == Additions ? null : new Violation("the sum is right", $"{_counter} instead of {Additions}");

    public static SimulationResult Run(ulong seed, Flaw flaw, IReadOnlyList<Fault>? faults = null) =>
        SimulationRun.Run(seed, Options, stage => new CounterWorld(stage, flaw), faults);

    private void BootServer()
    {
        _counter = _server.Disk.Read("journal").Length;
        var system = new ActorSystem(_server, new ActorSystemOptions { Name = "server", Observer = _server.Observer });
        var counter = system.Spawn(Probes.Of<Request>("counter", (request, _) => Add(request)));
        _stage.Network.Listen(_server, session =>
            session.OnMessage = message => counter.Tell(new Request((int)message, session)));
    }

    private void Add(Request request)
    {
        if (request.Number > _counter || _flaw == Flaw.NoDeduplication)
        {
            _counter++;
            _server.Disk.Append("journal", [1]);
            if (_flaw != Flaw.NoFlush)
            {
                _server.Disk.Flush("journal");
            }
        }

        request.Session.Send(request.Number);
    }

    private void BootClient()
    {
        var system = new ActorSystem(_client, new ActorSystemOptions { Name = "client", Observer = _client.Observer });
        system.Spawn(new Props<ClientMessage>("adder", () => new Client(this)));
    }

    private sealed record Request(int Number, SimulatedSession Session);

    private abstract record ClientMessage;

    private sealed record Connected(SimulatedSession Session) : ClientMessage;

    private sealed record Confirmed(int Number) : ClientMessage;

    private sealed record Lost(SimulatedSession? Session) : ClientMessage;

    private sealed record Retry : ClientMessage;

    private sealed record Next : ClientMessage;

    private sealed class Client(CounterWorld world) : Actor<ClientMessage>
    {
        private SimulatedSession? _session;
        private IOwned? _patience;

        protected internal override void Started(IActorContext<ClientMessage> context) => Connect(context);

        protected internal override void Receive(ClientMessage message, IActorContext<ClientMessage> context)
        {
            switch (message)
            {
                case Connected connected:
                    _session = connected.Session;
                    Ask(context);
                    break;
                case Confirmed confirmed when confirmed.Number == world._confirmed + 1:
                    world._confirmed++;
                    _patience?.Cancel();
                    context.Schedule(TimeSpan.FromMilliseconds(100), new Next());
                    break;
                case Next:
                    Ask(context);
                    break;
                case Lost lost when ReferenceEquals(lost.Session, _session):
                    _session?.Close("silent");
                    _session = null;
                    _patience?.Cancel();
                    context.Schedule(TimeSpan.FromMilliseconds(50), new Retry());
                    break;
                case Retry:
                    Connect(context);
                    break;
            }
        }

        private void Connect(IActorContext<ClientMessage> context)
        {
            var self = context.Self;
            world._stage.Network.Connect(
                world._client,
                "server",
                session =>
                {
                    session.OnMessage = number => self.Tell(new Confirmed((int)number));
                    session.OnClosed = _ => self.Tell(new Lost(session));
                    self.Tell(new Connected(session));
                },
                _ => self.Tell(new Lost(null)));
        }

        private void Ask(IActorContext<ClientMessage> context)
        {
            _patience?.Cancel();
            _patience = context.Schedule(TimeSpan.FromMilliseconds(200), new Lost(_session));
            _session?.Send(world._confirmed + 1);
        }
    }
}

using System.Collections.Immutable;
using Colony.Actors.Simulation;
using Colony.Orchestration;

namespace Colony.Simulation;

/// <summary>Each logical rank's part of a step, from the worker that hosts it.</summary>
internal sealed record Chunk(ulong Generation, long Step, string From, ImmutableArray<RankPart> Parts);

internal sealed record RankPart(int Rank, ulong Gradient, ImmutableArray<int> Samples);

internal sealed record LinkHello(ulong Generation, string From);

internal sealed record FetchRequest(ulong Generation, long Step);

internal sealed record FetchedState(long Step, ulong State);

internal sealed class PeerLostException(string peer, string reason) : Exception(reason)
{
    public string Peer => peer;
}

/// <summary>
/// The compute side of a simulated worker: one step is a computation, an exchange with every member, an update. Links
/// are per generation; chunks of an older one are refused, of a newer one kept.
/// </summary>
internal sealed class StandInTrainer
{
    private static readonly TimeSpan s_computeTime = TimeSpan.FromMilliseconds(60);
    private static readonly TimeSpan s_loadTime = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan s_writeTime = TimeSpan.FromMilliseconds(30);

    private readonly ColonyWorld _world;
    private readonly SimulatedNode _node;
    private readonly List<Chunk> _chunks = [];
    private readonly List<(SimulatedSession Session, FetchRequest Request)> _waitingFetches = [];
    private readonly Dictionary<string, Link> _links = new(StringComparer.Ordinal);
    private ImmutableArray<Member> _members = [];
    private ulong _generation;
    private (string Peer, string Reason)? _broken;
    private (long Step, ulong State) _base;
    private Exchange? _exchange;

    public StandInTrainer(ColonyWorld world, SimulatedNode node)
    {
        _world = world;
        _node = node;
        world.Network.Listen(node, Accept);
    }

    public long Held { get; private set; }

    public ulong State { get; private set; }

    public ImmutableArray<int> LastSamples { get; private set; } = [];

    public async Task LoadAsync(long checkpointStep, CancellationToken cancellationToken)
    {
        await _node.WorkAsync(s_loadTime, "load", cancellationToken);
        Held = checkpointStep;
        State = checkpointStep == 0 ? StandIn.InitialState : _world.Checkpoints[checkpointStep].State;
    }

    public void Enter(ulong generation, ImmutableArray<Member> members)
    {
        foreach (var link in _links.Values)
        {
            link.Session?.Close("a newer generation");
        }

        _links.Clear();
        _world.Entered(_node.Name, _generation, generation);
        _generation = generation;
        _members = members;
        _broken = null;
        _base = (Held, State);
        _chunks.RemoveAll(c => c.Generation < generation);
        foreach (var peer in members.Where(m => m.Worker != _node.Name))
        {
            Open(generation, peer.Worker);
        }

        AnswerFetches();
    }

    public async Task RunAsync(long step, int firstRank, int endRank, CancellationToken cancellationToken)
    {
        var generation = _generation;
        await _node.WorkAsync(s_computeTime, "compute", cancellationToken);
        ImmutableArray<RankPart> parts = [.. Enumerable.Range(firstRank, endRank - firstRank).Select(rank =>
        {
            var slice = StandIn.Slice(_world.Geometry, step, rank);
            return new RankPart(rank, StandIn.Gradient(State, step, rank, slice), [.. slice]);
        })];
        var mine = new Chunk(generation, step, _node.Name, parts);
        foreach (var link in _links.Values)
        {
            link.Send(mine);
        }

        var all = await ExchangeAsync(mine, cancellationToken);
        RankPart[] inOrder = [.. all.SelectMany(c => c.Parts).OrderBy(p => p.Rank)];
        State = StandIn.Apply(State, step, inOrder.Select(p => p.Gradient));
        Held = step;
        LastSamples = [.. inOrder.SelectMany(p => p.Samples)];
        _chunks.RemoveAll(c => c.Step <= step);
        _world.Applied(_node.Name, generation, step, State);
    }

    public async Task<ulong> FetchAsync(
        ulong generation, string donor, long step, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<FetchedState>();
        SimulatedSession? open = null;
        void Lost(string reason) => done.TrySetException(new PeerLostException(donor, reason));
        _world.Network.Connect(_node, donor, session =>
        {
            if (done.Task.IsCompleted)
            {
                session.Close("cancelled");
                return;
            }

            open = session;
            session.OnMessage = m => done.TrySetResult((FetchedState)m);
            session.OnClosed = Lost;
            session.Send(new FetchRequest(generation, step));
        }, Lost);
        using var registration = cancellationToken.Register(() => done.TrySetCanceled(cancellationToken));
        try
        {
            var fetched = await done.Task;
            (Held, State) = (fetched.Step, _world.Flaw == Flaw.JoinerSkipsTheCopy ? State : fetched.State);
            return State;
        }
        finally
        {
            open?.Close("done");
        }
    }

    public async Task<WrittenPart> WriteAsync(long step, int part, int parts, CancellationToken cancellationToken)
    {
        var copy = State;
        await _node.WorkAsync(s_writeTime, "write", cancellationToken);
        return new WrittenPart(part, parts, $"part-{part}", sizeof(ulong), $"{copy:x16}");
    }

    public void Close()
    {
        foreach (var link in _links.Values)
        {
            link.Session?.Close("the worker exits");
        }
    }

    private async Task<IReadOnlyList<Chunk>> ExchangeAsync(Chunk mine, CancellationToken cancellationToken)
    {
        if (_broken is { } broken)
        {
            throw new PeerLostException(broken.Peer, broken.Reason);
        }

        var exchange = new Exchange(mine.Generation, mine.Step, [.. _members.Select(m => m.Worker)]);
        _exchange = exchange;
        exchange.Add(mine);
        _chunks.ForEach(exchange.Add);
        using var registration = cancellationToken.Register(() => exchange.Done.TrySetCanceled(cancellationToken));
        try
        {
            return await exchange.Done.Task;
        }
        finally
        {
            _exchange = null;
        }
    }

    private void Open(ulong generation, string peer)
    {
        var link = new Link();
        _links[peer] = link;
        _world.Network.Connect(_node, peer, session =>
        {
            if (generation != _generation)
            {
                session.Close("a newer generation");
                return;
            }

            session.OnClosed = reason => Break(generation, peer, reason);
            link.Opened(session, new LinkHello(generation, _node.Name));
        }, reason => Break(generation, peer, reason));
    }

    private void Accept(SimulatedSession session) => session.OnMessage = message =>
    {
        switch (message)
        {
            case LinkHello hello:
                session.OnClosed = reason => Break(hello.Generation, hello.From, reason);
                break;
            case Chunk chunk when chunk.Generation >= _generation:
                _world.Seen(chunk);
                _chunks.Add(chunk);
                _exchange?.Add(chunk);
                break;
            case FetchRequest request:
                _waitingFetches.Add((session, request));
                AnswerFetches();
                break;
        }
    };

    private void AnswerFetches()
    {
        foreach (var (session, request) in _waitingFetches.Where(w => w.Request.Generation <= _generation).ToArray())
        {
            if (request.Generation == _generation && request.Step == _base.Step)
            {
                session.Send(new FetchedState(_base.Step, _base.State));
            }
            else
            {
                session.Close($"it holds step {_base.Step} of generation {_generation}");
            }
        }

        _waitingFetches.RemoveAll(w => w.Request.Generation <= _generation);
    }

    private void Break(ulong generation, string peer, string reason)
    {
        if (generation == _generation)
        {
            _broken ??= (peer, reason);
            if (_world.Flaw == Flaw.SliceIsLostWithItsWorker)
            {
                _exchange?.GoOnWithout(peer);
                return;
            }

            _exchange?.Done.TrySetException(new PeerLostException(peer, reason));
        }
    }

    private sealed class Link
    {
        private readonly List<Chunk> _early = [];

        public SimulatedSession? Session { get; private set; }

        public void Opened(SimulatedSession session, LinkHello hello)
        {
            Session = session;
            session.Send(hello);
            _early.ForEach(c => session.Send(c));
        }

        public void Send(Chunk chunk)
        {
            if (Session is null)
            {
                _early.Add(chunk);
            }
            else
            {
                Session.Send(chunk);
            }
        }
    }

    private sealed class Exchange(ulong generation, long step, IReadOnlyList<string> members)
    {
        private readonly SortedDictionary<string, Chunk> _arrived = new(StringComparer.Ordinal);

        public TaskCompletionSource<IReadOnlyList<Chunk>> Done { get; } = new();

        /// <summary>What a shell with <see cref="Flaw.SliceIsLostWithItsWorker"/> does.</summary>
        public void GoOnWithout(string peer) => Add(new Chunk(generation, step, peer, []));

        public void Add(Chunk chunk)
        {
            if (chunk.Generation == generation && chunk.Step == step && _arrived.TryAdd(chunk.From, chunk)
                && members.All(_arrived.ContainsKey))
            {
                Done.TrySetResult([.. _arrived.Values]);
            }
        }
    }
}

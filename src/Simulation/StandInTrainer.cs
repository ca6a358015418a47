using System.Collections.Immutable;
using Colony.Actors.Simulation;
using Colony.Orchestration;

namespace Colony.Simulation;

/// <summary>
/// The compute side of a simulated worker: one step is a computation, an exchange around the ring, an update.
/// </summary>
internal sealed class StandInTrainer
{
    private static readonly TimeSpan s_loadTime = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan s_writeTime = TimeSpan.FromMilliseconds(30);

    private readonly ColonyWorld _world;
    private readonly SimulatedNode _node;
    private readonly PeerRing _ring;
    private readonly List<(SimulatedSession Session, FetchRequest Request)> _waitingFetches = [];
    private (long Step, ulong State) _base;

    public StandInTrainer(ColonyWorld world, SimulatedNode node)
    {
        _world = world;
        _node = node;
        _ring = new PeerRing(world.Network, node, world.Plan.Datagrams, world.Flaw);
        world.Network.Listen(node, Accept);
    }

    public long Held { get; private set; }

    public ulong State { get; private set; }

    public ImmutableArray<int> LastSamples { get; private set; } = [];

    public async Task LoadAsync(long checkpointStep, CancellationToken cancellationToken)
    {
        await _node.WorkAsync(s_loadTime, "load", cancellationToken);
        Hold(checkpointStep, _world.Stored(checkpointStep));
    }

    public void Enter(ulong generation, ImmutableArray<Member> members, int index)
    {
        _world.Promises.Entered(_node.Name, _ring.Generation, generation);
        _base = (Held, State);
        _ring.Enter(generation, members, index);
        AnswerFetches();
    }

    /// <summary>One step with the ranks from <paramref name="firstRank"/> to before <paramref name="endRank"/>.</summary>
    public async Task RunAsync(long step, int firstRank, int endRank, CancellationToken cancellationToken)
    {
        var generation = _ring.Generation;
        await _node.WorkAsync(_world.Plan.ComputeTime, "compute", cancellationToken);
        var gradient = 0UL;
        AddedSlice? slices = null;
        for (var rank = firstRank; rank < endRank; rank++)
        {
            var slice = StandIn.Slice(_world.Plan.Geometry, step, rank);
            gradient += StandIn.Gradient(State, step, rank, slice);
            slices = new AddedSlice(rank, slice, slices);
        }

        var total = await _ring.SumAsync(step, gradient, slices, cancellationToken);
        Hold(step, StandIn.Apply(State, step, total.Sum));
        LastSamples = total.Samples;
        _world.Promises.Applied(_node.Name, generation, step, State);
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
            Hold(fetched.Step, _world.Flaw == Flaw.JoinerSkipsTheCopy ? State : fetched.State);
            return State;
        }
        finally
        {
            open?.Close("done");
        }
    }

    /// <summary>
    /// Copies the state at once, and writes the copy.
    /// </summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public async Task<WrittenPart> WriteAsync(int part, int parts, CancellationToken cancellationToken)
    {
        var copy = State;
        await _node.WorkAsync(s_writeTime, "write", cancellationToken);
        if (_node.Disk.IsFull)
        {
            throw new IOException($"No space left on the disk of '{_node.Name}' for a part of a checkpoint.");
        }

        copy = _world.Flaw == Flaw.CheckpointIsCopiedLate ? State : copy;
        return new WrittenPart(part, parts, $"part-{part}", sizeof(ulong), $"{copy:x16}");
    }

    public void Close() => _ring.Close();

    private void Hold(long step, ulong state)
    {
        (Held, State) = (step, state);
        _world.Promises.Holds(_node.Name, step);
    }

    private void Accept(SimulatedSession session) => session.OnMessage = message =>
    {
        switch (message)
        {
            case LinkHello hello:
                _ring.Accept(session, hello);
                break;
            case FetchRequest request:
                _waitingFetches.Add((session, request));
                AnswerFetches();
                break;
        }
    };

    private void AnswerFetches()
    {
        foreach (var (session, request) in _waitingFetches
            .Where(w => w.Request.Generation <= _ring.Generation).ToArray())
        {
            if (request.Generation == _ring.Generation && request.Step == _base.Step)
            {
                session.Send(new FetchedState(_base.Step, _base.State));
            }
            else
            {
                session.Close($"it holds step {_base.Step} of generation {_ring.Generation}");
            }
        }

        _waitingFetches.RemoveAll(w => w.Request.Generation <= _ring.Generation);
    }
}

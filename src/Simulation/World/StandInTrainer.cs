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
    private static readonly TimeSpan s_copyTime = TimeSpan.FromMilliseconds(80);
    private static readonly TimeSpan s_writeLow = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_writeHigh = TimeSpan.FromMilliseconds(200);

    private readonly ColonyWorld _world;
    private readonly SimulatedNode _node;
    private readonly PeerRing _ring;
    private readonly SeededRandom _writes;
    private readonly List<(SimulatedSession Session, FetchRequest Request)> _waitingFetches = [];
    private bool _hasState;
    private bool _isWrong;

    public StandInTrainer(ColonyWorld world, SimulatedNode node)
    {
        _world = world;
        _node = node;
        _writes = world.Scheduler.Random($"writes {node.Name} {node.Crashes}");
        _ring = new PeerRing(world.Network, node, world.Plan.Datagrams, world.Flaw);
        world.Network.Listen(node, Accept);
    }

    public long Held { get; private set; }

    public ulong State { get; private set; }

    public ImmutableArray<int> LastSamples { get; private set; } = [];

    /// <returns>What became of it, as every piece of work here says.</returns>
    public async Task<WorkerEvent> LoadAsync(long checkpointStep, CancellationToken cancellationToken)
    {
        if (!await _node.TryWorkAsync(s_loadTime, "load", cancellationToken))
        {
            return new WorkLetGo();
        }

        Hold(checkpointStep, _world.Stored(checkpointStep));
        _isWrong = false;
        return new StateLoaded(Held, State);
    }

    public void Enter(ulong generation, ImmutableArray<Member> members, int index)
    {
        _world.Promises.Entered(_node.Name, _ring.Generation, generation);
        _ring.Enter(generation, members, index);
    }

    /// <summary>Leaves the generation: its links are closed.</summary>
    public void Leave() => _ring.Close();

    /// <summary>One step with the hosted ranks.</summary>
    public async Task<WorkerEvent> RunAsync(
        long step, ImmutableArray<int> ranks, CancellationToken cancellationToken)
    {
        var generation = _ring.Generation;
        if (!await _node.TryWorkAsync(_world.Plan.ComputeTime, "compute", cancellationToken))
        {
            return new WorkLetGo();
        }

        var gradient = 0UL;
        AddedSlice? slices = null;
        foreach (var rank in ranks)
        {
            var slice = StandIn.Slice(_world.Plan.Geometry, step, rank);
            gradient += StandIn.Gradient(State, step, rank, slice);
            slices = new AddedSlice(rank, slice, slices);
        }

        var came = await _ring.SumAsync(step, State, gradient, slices, cancellationToken);
        if (came.Chunk is not { } total)
        {
            return came.Failure!;
        }

        Hold(step, StandIn.Apply(State, step, total.Sum));
        LastSamples = total.Samples;
        if (_node.BitFlips > 0)
        {
            _node.BitFlips--;
            State ^= 1UL << (_node.Name.Length + _node.Name[^1]);
            _isWrong = true;
        }

        if (!_isWrong)
        {
            _world.Promises.Applied(_node.Name, generation, step, State);
        }

        return new StepDone(Held, State);
    }

    /// <summary>Comes to a donor's state: of a step exactly, or with null of its newest one.</summary>
    public async Task<WorkerEvent> CatchUpAsync(string donor, long? step, CancellationToken cancellationToken)
    {
        var done = new TaskCompletionSource<(FetchedState? State, WorkerEvent? Failure)>();
        SimulatedSession? open = null;
        void Lost(string reason) => done.TrySetResult((null, new PeerLost(donor, reason)));
        _world.Network.Connect(_node, donor, session =>
        {
            if (done.Task.IsCompleted)
            {
                session.Close("cancelled");
                return;
            }

            open = session;
            session.OnMessage = m => done.TrySetResult(((FetchedState)m, null));
            session.OnClosed = Lost;
            session.Send(new FetchRequest(step));
        }, Lost);
        using var registration = cancellationToken.Register(() => done.TrySetResult((null, new WorkLetGo())));
        var (fetched, failure) = await done.Task;
        open?.Close("done");
        if (fetched is null)
        {
            return failure!;
        }

        if (!await _node.TryWorkAsync(s_copyTime, "copy", cancellationToken))
        {
            return new WorkLetGo();
        }

        _isWrong = false;
        Hold(fetched.Step, _world.Flaw == Flaw.JoinerSkipsTheCopy ? State : fetched.State);
        return new StateFetched(Held, State);
    }

    /// <summary>
    /// Copies the state at once, and writes the copy.
    /// </summary>
    /// <exception cref="IOException">The disk is full.</exception>
    public async Task<WrittenPart> WriteAsync(int part, int parts, CancellationToken cancellationToken)
    {
        var copy = State;
        await _node.WorkAsync(_writes.Between(s_writeLow, s_writeHigh), "write", cancellationToken);
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
        (Held, State, _hasState) = (step, state, true);
        AnswerFetches();
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

    // Whoever asks for a step that is not there yet waits for it; one that is over is not kept.
    private void AnswerFetches()
    {
        foreach (var waiting in _waitingFetches.ToArray())
        {
            var (session, request) = waiting;
            if (!_hasState || request.Step > Held)
            {
                continue;
            }

            _waitingFetches.Remove(waiting);
            if (request.Step is { } step && step < Held)
            {
                session.Close($"it holds step {Held} already");
            }
            else
            {
                session.Send(new FetchedState(Held, State));
            }
        }
    }
}

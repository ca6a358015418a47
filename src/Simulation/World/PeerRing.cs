using System.Collections.Immutable;
using Colony.Actors.Simulation;
using Colony.Orchestration;

namespace Colony.Simulation;

/// <summary>
/// A member's place in the ring of its generation. A chunk of an older generation or of a step that is done is refused,
/// one of a newer generation kept; a link that breaks breaks the step.
/// </summary>
internal sealed class PeerRing
{
    /// <summary>A chunk, or why none comes.</summary>
    internal readonly record struct Came(Chunk? Chunk, WorkerEvent? Failure);

    /// <summary>Chunks of generations to come; more are no fault of the network.</summary>
    public const int MaxKept = 256;

    private readonly SimulatedNetwork _network;
    private readonly SimulatedNode _node;
    private readonly bool _datagrams;
    private readonly Flaw _flaw;
    private readonly List<Chunk> _kept = [];
    private ImmutableArray<Member> _members = [];
    private int _index;
    private RingLink? _next;
    private (string Peer, string Reason, bool SecondHand)? _broken;
    private long _taken;
    private (long Order, TaskCompletionSource<Came> Came)? _awaited;

    public PeerRing(SimulatedNetwork network, SimulatedNode node, bool datagrams, Flaw flaw)
    {
        (_network, _node, _datagrams, _flaw) = (network, node, datagrams, flaw);
        if (datagrams)
        {
            network.ReceiveDatagrams(node, Received);
        }
    }

    public ulong Generation { get; private set; }

    /// <summary>Leaves the old ring and takes a place in a new one; outside it, refuses all that is older.</summary>
    public void Enter(ulong generation, ImmutableArray<Member> members, int index)
    {
        _next?.Close("a newer generation");
        _next = null;
        (Generation, _members, _index) = (generation, members, index);
        (_broken, _taken) = (null, 0);
        if (_flaw != Flaw.OldGenerationsChunkIsTaken)
        {
            _kept.RemoveAll(c => c.Generation < generation);
        }

        if (index < 0 || members.Length == 1)
        {
            return;
        }

        var peer = members[(index + 1) % members.Length].Worker;
        void Broken(string reason) => Break(generation, peer, reason, secondHand: false);
        _next = _datagrams
            ? new DatagramRingLink(_network, _node, peer, Broken)
            : new SessionRingLink(_network, _node, new LinkHello(generation, _node.Name), peer, Broken);
    }

    /// <summary>A link from the member before.</summary>
    public void Accept(SimulatedSession session, LinkHello hello)
    {
        session.OnMessage = message => Arrived((Chunk)message);
        session.OnClosed = reason => Break(hello.Generation, hello.From, reason, secondHand: true);
    }

    /// <summary>Adds this member's slices to everybody's.</summary>
    /// <returns>
    /// The total, or what kept it from coming: <see cref="PeerLost"/>, <see cref="WorkLetGo"/>, or
    /// <see cref="DigestsDiffered"/> where the members do not hold the same bits before the step.
    /// </returns>
    public async Task<Came> SumAsync(
        long step, ulong held, ulong gradient, AddedSlice? slices, CancellationToken cancellationToken)
    {
        var digests = new AddedDigest(_node.Name, held, null);
        var last = _members.Length - 1;
        if (_index > 0)
        {
            var before = await NextAsync(step, RingRound.Sum, cancellationToken);
            if (before.Chunk is null)
            {
                return before;
            }

            gradient += before.Chunk.Sum;
            slices = Chain(slices, before.Chunk.Slices);
            digests = digests with { Before = before.Chunk.Digests };
        }

        if (_index == last)
        {
            var total = new Chunk(Generation, step, RingRound.Total, gradient, null, InRankOrder(slices), digests);
            _next?.Send(total);
            return Judged(total);
        }

        _next!.Send(new Chunk(Generation, step, RingRound.Sum, gradient, slices, [], digests));
        var came = await NextAsync(step, RingRound.Total, cancellationToken);
        if (came.Chunk is { } shared && _index + 1 < last)
        {
            _next!.Send(shared);
        }

        return came.Chunk is null ? came : Judged(came.Chunk);
    }

    public void Close() => _next?.Close("the worker exits");

    private Came Judged(Chunk total) =>
        _flaw != Flaw.DigestsAreNotCompared && total.Digests?.Dispute() is { } dispute
            ? new(null, new DigestsDiffered(total.Step - 1, dispute))
            : new(total, null);

    private static AddedSlice? Chain(AddedSlice? mine, AddedSlice? before)
    {
        for (; mine is not null; mine = mine.Before)
        {
            before = new AddedSlice(mine.Rank, mine.Samples, before);
        }

        return before;
    }

    private static ImmutableArray<int> InRankOrder(AddedSlice? slices)
    {
        var all = new List<AddedSlice>();
        for (; slices is not null; slices = slices.Before)
        {
            all.Add(slices);
        }

        all.Sort(static (a, b) => a.Rank.CompareTo(b.Rank));
        return [.. all.SelectMany(s => s.Samples)];
    }

    private async Task<Came> NextAsync(long step, RingRound round, CancellationToken cancellationToken)
    {
        if (_broken is { } broken)
        {
            return new(null, new PeerLost(broken.Peer, broken.Reason, SecondHand: broken.SecondHand));
        }

        var order = (step * 2) + (int)round;
        if (Take(order) is { } there)
        {
            return new(there, null);
        }

        var came = new TaskCompletionSource<Came>();
        _awaited = (order, came);
        using var registration = cancellationToken.UnsafeRegister(
            static state => ((TaskCompletionSource<Came>)state!).TrySetResult(new(null, new WorkLetGo())), came);
        return await came.Task;
    }

    private void Received(string from, object message)
    {
        switch (message)
        {
            case ChunkCame came when came.Generation == Generation:
                _next?.Came(came.Order);
                break;
            case Chunk chunk:
                _network.SendDatagram(_node, from, new ChunkCame(chunk.Generation, chunk.Order));
                Arrived(chunk);
                break;
        }
    }

    private void Arrived(Chunk chunk)
    {
        var old = (chunk.Generation < Generation && _flaw != Flaw.OldGenerationsChunkIsTaken)
            || (chunk.Generation == Generation && chunk.Order <= _taken && _flaw != Flaw.OldStepsChunkIsTaken);
        if (old)
        {
            return;
        }

        var twin = _kept.FindIndex(c => c.Generation == chunk.Generation && c.Order == chunk.Order);
        if (twin >= 0)
        {
            if (_flaw == Flaw.ChunkIsAddedTwice)
            {
                _kept[twin] = chunk with { Sum = chunk.Sum + _kept[twin].Sum };
            }

            return;
        }

        if (_kept.Count >= MaxKept)
        {
            throw new InvalidOperationException($"'{_node.Name}' keeps {_kept.Count} chunks for later.");
        }

        _kept.Add(chunk);
        if (_awaited is { } awaited && !awaited.Came.Task.IsCompleted && Take(awaited.Order) is { } taken)
        {
            awaited.Came.TrySetResult(new(taken, null));
        }
    }

    private Chunk? Take(long order)
    {
        var at = _kept.FindIndex(c =>
            (c.Generation == Generation || _flaw == Flaw.OldGenerationsChunkIsTaken)
            && (c.Order == order || (_flaw == Flaw.OldStepsChunkIsTaken && (c.Order & 1) == (order & 1))));
        if (at < 0)
        {
            return null;
        }

        var chunk = _kept[at];
        _kept.RemoveAt(at);
        _taken = order;
        return chunk;
    }

    private void Break(ulong generation, string peer, string reason, bool secondHand)
    {
        if (generation != Generation || _broken is not null)
        {
            return;
        }

        _broken = (peer, reason, secondHand);
        if (_awaited is not { } awaited)
        {
            return;
        }

        if (_flaw == Flaw.SliceIsLostWithItsWorker && (awaited.Order & 1) == (int)RingRound.Sum)
        {
            awaited.Came.TrySetResult(
                new(new Chunk(generation, awaited.Order / 2, RingRound.Sum, 0, null, [], null), null));
            return;
        }

        awaited.Came.TrySetResult(new(null, new PeerLost(peer, reason, SecondHand: secondHand)));
    }
}

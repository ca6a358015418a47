namespace Colony.Actors.Simulation;

/// <summary>Makes a schedule of faults happen, and counts those that struck.</summary>
public sealed class FaultInjector
{
    private readonly SimulatedScheduler _scheduler;
    private readonly SimulatedNetwork _network;
    private readonly SortedDictionary<FaultKind, int> _counts = [];

    /// <summary>Puts a schedule on the queue of a world.</summary>
    /// <param name="scheduler">The world.</param>
    /// <param name="network">Its network.</param>
    /// <param name="faults">The schedule.</param>
    public FaultInjector(SimulatedScheduler scheduler, SimulatedNetwork network, IReadOnlyList<Fault> faults)
    {
        ArgumentNullException.ThrowIfNull(scheduler);
        ArgumentNullException.ThrowIfNull(network);
        ArgumentNullException.ThrowIfNull(faults);
        _scheduler = scheduler;
        _network = network;
        foreach (var fault in faults)
        {
            var delay = fault.At > scheduler.Now ? fault.At - scheduler.Now : TimeSpan.Zero;
            scheduler.After(delay, $"fault {fault.Kind} {fault.Node}", () => Begin(fault));
        }
    }

    /// <summary>How many faults of each kind struck; a crash of a dead process does not count.</summary>
    public IReadOnlyDictionary<FaultKind, int> Counts => _counts;

    private void Begin(Fault fault)
    {
        if (!Strike(fault))
        {
            return;
        }

        _counts[fault.Kind] = _counts.GetValueOrDefault(fault.Kind) + 1;
        _scheduler.Note("fault", fault);
        _scheduler.After(fault.Duration, $"end of {fault.Kind} {fault.Node}", () => End(fault));
    }

    private bool Strike(Fault fault)
    {
        var node = _scheduler.Node(fault.Node);
        switch (fault.Kind)
        {
            case FaultKind.Crash or FaultKind.Kill or FaultKind.PowerLoss:
                var wasUp = node.IsUp;
                node.Crash(tearWrites: fault.Kind == FaultKind.PowerLoss);
                return wasUp;
            case FaultKind.Hang:
                node.Hang();
                return node.IsUp;
            case FaultKind.Slow:
                node.Slowness *= fault.Magnitude;
                return true;
            case FaultKind.ClockDrift:
                node.ClockRate *= fault.Magnitude;
                return true;
            case FaultKind.DiskFull:
                node.Disk.IsFull = true;
                return true;
            case FaultKind.BitFlip:
                node.BitFlips++;
                return true;
            default:
                return StrikeNetwork(fault, fault.Peer ?? throw new ArgumentException($"{fault} names no peer."));
        }
    }

    private bool StrikeNetwork(Fault fault, string peer)
    {
        switch (fault.Kind)
        {
            case FaultKind.Partition:
                _network.Block(fault.Node, peer);
                _network.Block(peer, fault.Node);
                return true;
            case FaultKind.PartitionOneWay:
                _network.Block(fault.Node, peer);
                return true;
            case FaultKind.BreakSessions:
                return _network.BreakSessions(fault.Node, peer, "the connection was reset") > 0;
            case FaultKind.HalfOpen:
                return _network.HalfOpen(fault.Node, peer, fault.Duration) > 0;
            case FaultKind.Throttle:
                _network.Throttle(fault.Node, peer, fault.Magnitude);
                _network.Throttle(peer, fault.Node, fault.Magnitude);
                return true;
            default:
                throw new ArgumentException($"There is no fault of the kind {fault.Kind}.", nameof(fault));
        }
    }

    private void End(Fault fault)
    {
        var node = _scheduler.Node(fault.Node);
        switch (fault.Kind)
        {
            case FaultKind.Crash or FaultKind.PowerLoss:
                node.Restart();
                break;
            case FaultKind.Hang:
                node.Wake();
                break;
            case FaultKind.Slow:
                node.Slowness /= fault.Magnitude;
                break;
            case FaultKind.ClockDrift:
                node.ClockRate /= fault.Magnitude;
                break;
            case FaultKind.DiskFull:
                node.Disk.IsFull = false;
                break;
            case FaultKind.Partition:
                _network.Unblock(fault.Node, fault.Peer!);
                _network.Unblock(fault.Peer!, fault.Node);
                break;
            case FaultKind.PartitionOneWay:
                _network.Unblock(fault.Node, fault.Peer!);
                break;
            case FaultKind.Throttle:
                _network.Throttle(fault.Node, fault.Peer!, 1 / fault.Magnitude);
                _network.Throttle(fault.Peer!, fault.Node, 1 / fault.Magnitude);
                break;
        }
    }
}

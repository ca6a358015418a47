using Colony.Actors;
using Colony.Actors.Simulation;
using Colony.Orchestration;

namespace Colony.Simulation;

/// <summary>
/// A coordinator and workers in virtual time, deciding with the product's own code, and what must always hold. The seed
/// draws the size of everything; <see cref="ISimulatedWorld"/>'s promises do not depend on it.
/// </summary>
internal sealed class ColonyWorld : ISimulatedWorld
{
    public const string CoordinatorName = "coordinator";
    private static readonly TimeSpan s_respawnAfter = TimeSpan.FromSeconds(1);

    private readonly ulong[] _expected;
    private readonly Dictionary<ulong, (string Members, long Base)> _generations = [];
    private readonly Dictionary<(ulong Generation, long Step, int Rank), string> _hosts = [];
    private readonly Dictionary<string, ActorRef<WorkerNote>> _processes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _left = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, EpochAccount> _closed = [];
    private readonly SortedDictionary<string, string> _status = new(StringComparer.Ordinal);
    private Violation? _violation;
    private EndRun? _end;
    private bool _askedToLeave;
    private CoordinatorState? _final;

    public ColonyWorld(SimulationStage stage, Flaw flaw)
    {
        Flaw = flaw;
        Scheduler = stage.Scheduler;
        Network = stage.Network;
        var draw = Scheduler.Random("world");
        var ranks = 1 + draw.Next(8);
        Geometry = new RunGeometry(
            Samples: 41 + draw.Next(8), BatchSize: 8 + draw.Next(8), ranks, Epochs: 2 + draw.Next(3), MaxSteps: null);
        if (Geometry.Samples % 7 == 0)
        {
            Geometry = Geometry with { Samples = Geometry.Samples + 1 }; // the plan's stride is 7
        }

        CheckpointEvery = 1 + draw.Next(7);
        _expected = StandIn.Expected(Geometry);
        Workers = 1 + draw.Next(6);
        var coordinator = Scheduler.AddNode(CoordinatorName);
        coordinator.Boot = () => BootCoordinator(coordinator);
        coordinator.Boot();
        for (var i = 0; i < Workers; i++)
        {
            var node = Scheduler.AddNode($"worker-{i}");
            node.Boot = () => BootWorker(node);
            Scheduler.After(draw.Between(TimeSpan.Zero, TimeSpan.FromSeconds(2)), "first boot", node.Boot);
        }

        if (Workers > 1 && draw.Chance(0.4))
        {
            var leaver = $"worker-{draw.Next(Workers)}";
            Scheduler.After(
                draw.Between(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(8)), "SIGTERM", () => AskToLeave(leaver));
        }
    }

    public SimulatedScheduler Scheduler { get; }

    public SimulatedNetwork Network { get; }

    public RunGeometry Geometry { get; }

    public int Workers { get; }

    public long CheckpointEvery { get; }

    public Flaw Flaw { get; }

    public string JobHash => "job";

    /// <summary>The object store: it outlives every process.</summary>
    public SortedDictionary<long, (ulong State, SampleLedger Ledger)> Checkpoints { get; } = [];

    public IReadOnlyList<Func<Violation?>> Invariants => [() => _violation];

    public bool IsFinished => _end is not null && _left.Count == Workers;

    public string Status => string.Join("; ", _status.Select(s => $"{s.Key}: {s.Value}"));

    public Violation? CheckOutcome()
    {
        // With only the worker left that was asked to go, the run drains: it stops early, whole, to be resumed.
        var drained = _end!.Outcome == RunOutcome.Drained && _askedToLeave;
        if (_end.Outcome != RunOutcome.Completed && !drained)
        {
            return new Violation("the run completes", _end.ToString());
        }

        var last = _final!.Committed;
        var expected = _expected[last];
        (ulong State, SampleLedger Ledger) kept = Checkpoints.GetValueOrDefault(
            last, (StandIn.InitialState, SampleLedger.Empty(Geometry)));
        if (_final.WeightsSha256 != $"{expected:x16}" || kept.State != expected || kept.Ledger.Step != last)
        {
            return new Violation("the same bits", $"{_final.WeightsSha256} instead of {expected:x16} at step {last}");
        }

        var epochs = _final.Ledger!.Epochs;
        var whole = last == Geometry.FinalStep && _closed.Count == Geometry.Epochs && epochs.Length == Geometry.Epochs
            && epochs.All(e => e.Expected == Geometry.Samples);
        return (whole || drained) && epochs.All(e => e.Exact)
            ? null
            : new Violation("the ledger is exact", string.Join("; ", epochs));
    }

    /// <summary>What a process is doing; the last word of each is in the report of a run that does not end.</summary>
    public void Tell(SimulatedNode node, string reason, object state)
    {
        _status[node.Name] = $"{state}";
        if (reason.Length > 0)
        {
            Scheduler.Note(node.Name, reason);
        }
    }

    public void Fail(string invariant, string detail) => _violation ??= new Violation(invariant, detail);

    public void Applied(string worker, ulong generation, long step, ulong state)
    {
        if (state != _expected[step])
        {
            Fail("the same bits", $"{worker} has {state:x16} after step {step} in generation {generation}");
        }
    }

    public void Entered(string worker, ulong old, ulong generation)
    {
        if (generation <= old)
        {
            Fail("generations grow", $"{worker} enters {generation} after {old}");
        }

        if (!_generations.ContainsKey(generation))
        {
            Fail("one active generation", $"{worker} enters {generation}, which nobody started");
        }
    }

    public void Seen(Chunk chunk)
    {
        foreach (var part in chunk.Parts)
        {
            if (!_hosts.TryAdd((chunk.Generation, chunk.Step, part.Rank), chunk.From)
                && _hosts[(chunk.Generation, chunk.Step, part.Rank)] != chunk.From)
            {
                Fail("one host a rank", $"{chunk.From} and another host rank {part.Rank} of {chunk}");
            }
        }
    }

    public void StartedGeneration(SendStart start)
    {
        var what = (string.Join(",", start.Members), start.BaseStep);
        if (!_generations.TryAdd(start.Generation, what) && _generations[start.Generation] != what)
        {
            Fail(
                "one active generation",
                $"generation {start.Generation} is {what} and {_generations[start.Generation]}");
        }

        if (_generations.Keys.Max() > start.Generation)
        {
            Fail("one active generation", $"generation {start.Generation} starts after a newer one");
        }

        var ranks = start.Members.SelectMany(m => Enumerable.Range(m.FirstRank, m.Ranks));
        if (!ranks.SequenceEqual(Enumerable.Range(0, Geometry.LogicalRanks)))
        {
            Fail("each rank has one host", what.Item1);
        }
    }

    public void Decided(CoordinatorState before, CoordinatorState after, CoordinatorEvent happened)
    {
        if (after.Committed < before.Committed
            && !(happened is RunResumed or WorkerJoined && after.Committed == after.LastCheckpoint))
        {
            Fail("committed steps stay", $"{before.Committed} became {after.Committed} by {happened}");
        }

        if (after.Committed != before.Committed && after.Ledger!.Epochs.FirstOrDefault(e => !e.Exact) is { } wrong)
        {
            Fail("the ledger is exact", wrong.ToString());
        }

        if (after.Ledger is { } ledger && ledger.Step != after.Committed)
        {
            Fail("the ledger is exact", $"it counts step {ledger.Step} and {after.Committed} is committed");
        }
    }

    public void Closed(EpochAccount account) => _closed[account.Epoch] = account;

    public void Stored(CommitCheckpoint checkpoint)
    {
        var digest = $"{_expected[checkpoint.Step]:x16}";
        if (checkpoint.Parts.Any(p => p.Sha256 != digest) || checkpoint.Parts.Length != checkpoint.Parts[0].Parts)
        {
            Fail("a checkpoint is one state", string.Join("; ", checkpoint.Parts));
        }

        if (checkpoint.Ledger.Step != checkpoint.Step)
        {
            Fail("a checkpoint is one state", $"step {checkpoint.Step} with the ledger of {checkpoint.Ledger.Step}");
        }

        Checkpoints[checkpoint.Step] = (_expected[checkpoint.Step], checkpoint.Ledger);
    }

    public RunResumed Resumption(ulong generation) => new(
        Geometry,
        Checkpoints.Count > 0 ? Checkpoints.Values.Last().Ledger : SampleLedger.Empty(Geometry),
        generation);

    public void Ended(EndRun end, CoordinatorState state)
    {
        _end = end;
        _final = state;
    }

    public void Exited(SimulatedNode node, ExitWorker exit)
    {
        Scheduler.Note(node.Name, $"exits with {exit.ExitCode}: {exit.Reason}");
        node.Crash();
        if (exit.ExitCode == 0)
        {
            _left.Add(node.Name);
        }
        else
        {
            Scheduler.After(s_respawnAfter, $"respawn {node.Name}", node.Restart); // as a supervisor of processes does
        }
    }

    private void BootCoordinator(SimulatedNode node)
    {
        var options = new CoordinatorOptions
        {
            LogicalRanks = Geometry.LogicalRanks,
            BatchSize = Geometry.BatchSize,
            Epochs = Geometry.Epochs,
            JobHash = JobHash,
            ExpectedWorkers = Workers,
            JoinTimeout = TimeSpan.FromSeconds(10),
            ExpectEvaluator = false,
        };
        var system = new ActorSystem(node, new ActorSystemOptions { Name = node.Name, Observer = Watch(node) });
        system.Spawn(new Props<CoordinatorNote>("core", () => new CoordinatorProcess(this, node, options))
        {
            Supervision = Supervision.Stop(),
        });
    }

    private void BootWorker(SimulatedNode node)
    {
        if (_left.Contains(node.Name) || !node.IsUp)
        {
            return;
        }

        var system = new ActorSystem(node, new ActorSystemOptions { Name = node.Name, Observer = Watch(node) });
        _processes[node.Name] = system.Spawn(new Props<WorkerNote>("core", () => new WorkerProcess(this, node))
        {
            Supervision = Supervision.Stop(),
        });
    }

    private void AskToLeave(string worker)
    {
        if (_processes.TryGetValue(worker, out var process) && Scheduler.Node(worker).IsUp)
        {
            _askedToLeave = true;
            process.Tell(new WorkerHeard(new LeaveAsked("SIGTERM")));
        }
    }

    private FailureWatch Watch(SimulatedNode node) => new(this, node.Observer);

    /// <summary>A decision that throws is a broken promise; everything else goes into the trace.</summary>
    private sealed class FailureWatch(ColonyWorld world, ActorObserver trace) : ActorObserver
    {
        public override void Failed(ActorFailure failure) =>
            world.Fail("no decision throws", $"{failure.Actor}: {failure.Cause}");

        public override void Delivering(string actor, object? message) => trace.Delivering(actor, message);

        public override void Refused(string actor, int capacity) =>
            world.Fail("no mailbox overflows", $"{actor} holds {capacity}");
    }
}

using Colony.Actors;
using Colony.Actors.Simulation;
using Colony.Orchestration;

namespace Colony.Simulation;

/// <summary>
/// A coordinator and workers in virtual time, deciding with the product's own code, and what must always hold. The seed
/// draws the size of everything; the promises do not depend on it.
/// </summary>
internal sealed class ColonyWorld : ISimulatedWorld
{
    public const string CoordinatorName = "coordinator";
    public const string JobHash = "job";

    /// <summary>At least what the product's hosts have; a simulated crowd may tell all at once.</summary>
    private const int CoordinatorMailbox = 16_384;

    private static readonly TimeSpan s_respawnAfter = TimeSpan.FromSeconds(1);

    private readonly Dictionary<string, ActorRef<WorkerNote>> _processes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _left = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, object> _status = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, SampleLedger> _checkpoints = [];
    private EndRun? _end;
    private bool _askedToLeave;
    private CoordinatorState? _final;

    public ColonyWorld(SimulationStage stage, WorldPlan plan, Flaw flaw, ControlPlaneMeter? meter = null)
    {
        (Plan, Flaw, Meter) = (plan, flaw, meter);
        Scheduler = stage.Scheduler;
        Network = stage.Network;
        Promises = new Promises(plan.Geometry);
        Invariants = [() => Promises.Broken];
        var draw = Scheduler.Random("boot");
        var coordinator = Scheduler.AddNode(CoordinatorName);
        coordinator.Boot = () => BootCoordinator(coordinator);
        coordinator.Boot();
        for (var i = 0; i < plan.Workers; i++)
        {
            var node = Scheduler.AddNode($"worker-{i}");
            node.Boot = () => BootWorker(node);
            node.Crashed += () => Promises.Died(node.Name);
            var starts = draw.Between(TimeSpan.Zero, TimeSpan.FromSeconds(2));
            Scheduler.After(starts, "first boot", () => FirstBoot(node));
        }

        if (plan.Leaver is { } leaver)
        {
            Scheduler.After(plan.LeavesAt, "SIGTERM", () => AskToLeave($"worker-{leaver}"));
        }
    }

    public SimulatedScheduler Scheduler { get; }

    public SimulatedNetwork Network { get; }

    public WorldPlan Plan { get; }

    public Flaw Flaw { get; }

    public ControlPlaneMeter? Meter { get; }

    public Promises Promises { get; }

    public RunFigures Figures { get; } = new();

    public IReadOnlyList<Func<Violation?>> Invariants { get; }

    public bool IsFinished => _end is not null && _left.Count == Plan.Workers;

    public string Status => string.Join("; ", _status.Take(64).Select(s => $"{s.Key}: {s.Value}"));

    public Violation? CheckOutcome() => Promises.Outcome(
        _end!, _final!, _checkpoints.GetValueOrDefault(_final!.Committed), _askedToLeave);

    /// <summary>What a process is doing; the last word of each is in the report of a run that does not end.</summary>
    public void Tell(SimulatedNode node, string reason, object state)
    {
        _status[node.Name] = state;
        if (reason.Length > 0)
        {
            Scheduler.Note(node.Name, reason);
        }
    }

    /// <summary>The state in the checkpoint of a step; the object store outlives every process.</summary>
    public ulong Stored(long step) => step == 0 || _checkpoints.ContainsKey(step)
        ? Promises.Expected(step)
        : throw new InvalidOperationException($"there is no checkpoint of step {step}");

    public void Store(CommitCheckpoint checkpoint)
    {
        Promises.Stored(checkpoint);
        _checkpoints[checkpoint.Step] = checkpoint.Ledger;
    }

    /// <summary>The account in the newest checkpoint.</summary>
    public SampleLedger? NewestAccount => _checkpoints.Count > 0 ? _checkpoints.Values.Last() : null;

    /// <summary>Every entry that any coordinator ever wrote; disks hold their numbers.</summary>
    public List<JournalEntry> JournalEntries { get; } = [];

    public void Ended(EndRun end, CoordinatorState state)
    {
        _end = end;
        _final = state;
    }

    public void Exited(SimulatedNode node, int exitCode, string reason)
    {
        Scheduler.Note(node.Name, $"exits with {exitCode}: {reason}");
        node.Crash();
        if (exitCode == 0)
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
            LogicalRanks = Plan.Geometry.LogicalRanks,
            BatchSize = Plan.Geometry.BatchSize,
            Epochs = Plan.Geometry.Epochs,
            MaxSteps = Plan.Geometry.MaxSteps,
            JobHash = JobHash,
            ExpectedWorkers = Plan.Workers,
            JoinTimeout = TimeSpan.FromSeconds(10),
            CheckpointEvery = Plan.CheckpointEvery,
            ExpectEvaluator = false,
        };
        var system = new ActorSystem(node, new ActorSystemOptions { Name = node.Name, Observer = Watch(node) });
        system.Spawn(new Props<CoordinatorNote>("core", () => new CoordinatorProcess(this, node, options))
        {
            Supervision = Supervision.Stop(),
            MailboxCapacity = Math.Max(CoordinatorMailbox, 4 * Plan.Workers),
        });
    }

    /// <summary>A node that crashed before its first boot has booted since, or will.</summary>
    private void FirstBoot(SimulatedNode node)
    {
        if (node.Crashes == 0)
        {
            BootWorker(node);
        }
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

    private FailureWatch Watch(SimulatedNode node) => new(this, node);

    /// <summary>
    /// A decision that throws is a broken promise. A process that cannot write to its disk ends, and its supervisor
    /// starts it again. Everything else goes into the trace.
    /// </summary>
    private sealed class FailureWatch(ColonyWorld world, SimulatedNode node) : ActorObserver
    {
        public override void Failed(ActorFailure failure)
        {
            if (failure.Cause is IOException full)
            {
                world.Exited(node, 1, full.Message);
                return;
            }

            world.Promises.Fail("no decision throws", $"{failure.Actor}: {failure.Cause}");
        }

        public override void Delivering(string actor, object? message) =>
            node.Observer.Delivering(actor, message);

        public override void Refused(string actor, int capacity) =>
            world.Promises.Fail("no mailbox overflows", $"{actor} holds {capacity}");
    }
}

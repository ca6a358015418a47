using System.Collections.Immutable;

namespace Colony.Orchestration.Tests;

/// <summary>
/// The coordinator's and the workers' decisions joined by queues, without a network: every delivery is a choice of
/// the seed, the state is a hash of what was applied, so one lost or doubled slice shows.
/// </summary>
internal sealed class Cluster
{
    private const string Job = "job";
    private readonly Random _random;
    private readonly RunGeometry _geometry;
    private readonly List<(string Key, Action Run)> _pending = [];
    private readonly Dictionary<string, Node> _nodes = new(StringComparer.Ordinal);
    private TimeSpan _now = TimeSpan.FromSeconds(1);

    public Cluster(int seed, RunGeometry geometry, int expected, long checkpointEvery = 3)
    {
        _random = new Random(seed);
        _geometry = geometry;
        CheckpointEvery = checkpointEvery;
        State = CoordinatorState.Initial(new CoordinatorOptions
        {
            LogicalRanks = geometry.LogicalRanks,
            BatchSize = geometry.BatchSize,
            Epochs = geometry.Epochs,
            MaxSteps = geometry.MaxSteps,
            JobHash = Job,
            ExpectedWorkers = expected,
            EvaluateEvery = 4,
        });
    }

    public long CheckpointEvery { get; }

    public CoordinatorState State { get; private set; }

    public EndRun? End { get; private set; }

    public List<long> CommittedSteps { get; } = [];

    public List<EpochAccount> Epochs { get; } = [];

    public Dictionary<long, ulong> Checkpoints { get; } = [];

    public IEnumerable<string> Live => _nodes.Keys;

    public static ulong Hash(ulong state, long step, IEnumerable<int> samples)
    {
        ulong h = state ^ ((ulong)step * 0x9E3779B97F4A7C15UL);
        foreach (int s in samples)
        {
            h = (h ^ (uint)s) * 0x100000001B3UL;
        }

        return h;
    }

    public static int[] SamplesOf(RunGeometry g, long step)
    {
        long within = (step - 1) % g.StepsPerEpoch;
        return [.. Enumerable.Range((int)(within * g.BatchSize), (int)g.SamplesOf(step))];
    }

    public ulong Expected(long step)
    {
        ulong h = 0;
        for (long s = 1; s <= step; s++)
        {
            h = Hash(h, s, SamplesOf(_geometry, s));
        }

        return h;
    }

    public void AddWorker(string name)
    {
        var node = new Node { State = WorkerState.Initial(new WorkerOptions(name, CheckpointEvery, 4)) };
        _nodes[name] = node;
        Tell(name, node, new WorkerStarted());
    }

    public void Kill(string name)
    {
        _nodes.Remove(name);
        Coordinator(new WorkerGone(name, "killed"));
        foreach (Node peer in _nodes.Values.Where(n => n.StepInFlight is not null))
        {
            // Everybody's ring is broken by the death of one.
            string peerName = peer.State.Options.Worker;
            Later(peerName, peer, () => Break(peerName, peer, name));
        }
    }

    public void Leave(string name) =>
        Later(name, _nodes[name], () => Tell(name, _nodes[name], new LeaveAsked("SIGTERM")));

    public void Drain() => Coordinator(new DrainAsked("Ctrl-C"));

    public void EvaluatorJoins() => Coordinator(new EvaluatorJoined());

    /// <summary>Delivers one thing in an order that the seed chooses; queues of one pair keep their order.</summary>
    public bool Next()
    {
        TryFinishSteps();
        if (_pending.Count == 0)
        {
            if (End is not null)
            {
                return false;
            }

            Time(TimeSpan.FromMilliseconds(100));
            return true;
        }

        string[] keys = [.. _pending.Select(p => p.Key).Distinct(StringComparer.Ordinal)];
        string key = keys[_random.Next(keys.Length)];
        int at = _pending.FindIndex(p => p.Key == key);
        Action run = _pending[at].Run;
        _pending.RemoveAt(at);
        _now += TimeSpan.FromMilliseconds(_random.Next(3));
        run();
        return true;
    }

    public void Time(TimeSpan by)
    {
        _now += by;
        foreach (string name in _nodes.Keys.ToArray())
        {
            Coordinator(new WorkerBeat(name));
        }

        Coordinator(new Ticked());
    }

    private void Later(string key, Node node, Action run) =>
        _pending.Add((key, () =>
        {
            if (_nodes.TryGetValue(key, out Node? same) && ReferenceEquals(same, node))
            {
                run();
            }
        }));

    private void ToCoordinator(string from, Node node, CoordinatorEvent e) =>
        _pending.Add((">" + from, () =>
        {
            if (_nodes.TryGetValue(from, out Node? same) && ReferenceEquals(same, node))
            {
                Coordinator(e);
            }
        }));

    private void Coordinator(CoordinatorEvent e)
    {
        Decision<CoordinatorState, CoordinatorEffect> d = CoordinatorCore.Decide(State, e, _now);
        State = d.State;
        foreach (CoordinatorEffect effect in d.Effects)
        {
            Do(effect);
        }
    }

    private void Do(CoordinatorEffect effect)
    {
        switch (effect)
        {
            case SendWelcome e: To(e.Worker, new Welcomed(e.CheckpointStep, e.CommittedStep)); break;
            case SendPrepare e: To(e.Worker, new PrepareTold(e.Generation, e.Reason)); break;
            case SendStart e:
                To(e.Worker, new StartTold(e.Generation, e.Members, e.BaseStep, e.Donor, e.FinalStep));
                break;
            case SendGoodbye e: To(e.Worker, new GoodbyeTold(e.Reason, e.ExitCode)); break;
            case StepCommitted e: CommittedSteps.Add(e.Step); break;
            case EpochClosed e: Epochs.Add(e.Account); break;
            case CommitCheckpoint e:
                Checkpoints[e.Step] = Expected(e.Step);
                _pending.Add(("store", () => Coordinator(new CheckpointCommitted(e.Step))));
                break;
            case AnnounceSnapshot e:
                _pending.Add(("evaluator", () => Coordinator(new EvaluatorJudged(e.Snapshot.Step, e.Snapshot.Step))));
                break;
            case EndRun e: End = e; break;
            case DigestDiffers e: throw new InvalidOperationException($"{e}");
            default: break;
        }
    }

    private void To(string worker, WorkerEvent e)
    {
        if (_nodes.TryGetValue(worker, out Node? node))
        {
            Later(worker, node, () => Tell(worker, node, e));
        }
    }

    private void Tell(string name, Node node, WorkerEvent e)
    {
        Decision<WorkerState, WorkerEffect> d = WorkerCore.Decide(node.State, e);
        node.State = d.State;
        foreach (WorkerEffect effect in d.Effects)
        {
            Do(name, node, effect);
        }
    }

    private void Do(string name, Node node, WorkerEffect effect)
    {
        switch (effect)
        {
            case OpenSession e:
                ToCoordinator(name, node, new WorkerJoined(name, name, Job, e.Held, e.Digest, _geometry.Samples));
                break;
            case LoadState e:
                node.Value = Checkpoints.GetValueOrDefault(e.CheckpointStep);
                Later(name, node, () => Tell(name, node, new StateLoaded(e.CheckpointStep, node.Value)));
                break;
            case CancelWork:
                Later(name, node, () =>
                {
                    if (node.StepInFlight is not null || node.Fetching)
                    {
                        node.StepInFlight = null;
                        node.Fetching = false;
                        Tell(name, node, new WorkLetGo());
                    }
                });
                break;
            case ReportPrepared e:
                ToCoordinator(name, node, new WorkerPrepared(name, e.Generation, e.Held, e.Digest));
                break;
            case FetchState e: Fetch(name, node, e); break;
            case RunStep e: node.StepInFlight = e; break;
            case ReportApplied e:
                ToCoordinator(name, node, new WorkerApplied(
                    name, e.Generation, e.Step, [.. SamplesOf(_geometry, e.Step)], 1, node.Value, false));
                break;
            case WritePart e:
                ToCoordinator(name, node, new WorkerWrotePart(
                    name, e.Generation, e.Step, new WrittenPart(e.Part, e.Parts, $"part-{e.Part}", 1, "00")));
                break;
            case TakeSnapshot e: ToCoordinator(name, node, new WorkerHasSnapshot(name, e.Step)); break;
            case HandOver e:
                Later(name, node, () => Tell(name, node, new HandedOver(e.Step, $"{node.Value:x}")));
                break;
            case ReportFinished e:
                ToCoordinator(name, node, new WorkerDone(name, e.Generation, e.Step, e.WeightsSha256));
                break;
            case ReportLink e:
                ToCoordinator(name, node, new WorkerLostLink(name, e.Generation, e.Peer, e.Reason));
                break;
            case ReportLeaving e: ToCoordinator(name, node, new WorkerLeft(name, e.Reason)); break;
            case ExitWorker:
                _nodes.Remove(name);
                Coordinator(new WorkerGone(name, "exited"));
                break;
            default: break;
        }
    }

    private void Fetch(string name, Node node, FetchState e)
    {
        node.Fetching = true;
        Later(name, node, () =>
        {
            if (!node.Fetching)
            {
                return;
            }

            node.Fetching = false;
            if (_nodes.TryGetValue(e.Donor.Worker, out Node? donor) && donor.State.Held == e.Step)
            {
                node.Value = donor.Value;
                Tell(name, node, new StateFetched(e.Step, node.Value));
            }
            else
            {
                Tell(name, node, new PeerLost(e.Donor.Worker, "donor is gone"));
            }
        });
    }

    private void Break(string name, Node node, string peer)
    {
        if (node.StepInFlight is not null)
        {
            node.StepInFlight = null;
            Tell(name, node, new PeerLost(peer, "connection closed"));
        }
    }

    // A step ends when every member of its generation is in it; each finishes at its own time.
    private void TryFinishSteps()
    {
        foreach (Node node in _nodes.Values.ToArray())
        {
            if (node.StepInFlight is not { } step || node.Reduced)
            {
                continue;
            }

            bool all = node.State.Members.All(m => _nodes.TryGetValue(m.Worker, out Node? peer)
                && peer.State.Generation == step.Generation
                && (peer.StepInFlight?.Step == step.Step || peer.State.Held >= step.Step));
            if (all)
            {
                node.Reduced = true;
                string name = node.State.Options.Worker;
                Later(name, node, () => Apply(name, node, step));
            }
        }
    }

    private void Apply(string name, Node node, RunStep step)
    {
        node.Reduced = false;
        if (node.StepInFlight != step)
        {
            return;
        }

        node.StepInFlight = null;
        node.Value = Hash(node.Value, step.Step, SamplesOf(_geometry, step.Step));
        Tell(name, node, new StepDone(step.Step, node.Value));
    }

    private sealed class Node
    {
        public required WorkerState State { get; set; }

        public ulong Value { get; set; }

        public RunStep? StepInFlight { get; set; }

        public bool Reduced { get; set; }

        public bool Fetching { get; set; }
    }
}

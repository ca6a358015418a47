using System.Collections.Immutable;

namespace Colony.Orchestration.Tests;

/// <summary>
/// The coordinator's and the workers' decisions joined by queues, without a network: every delivery is a choice of
/// the seed, the state is a hash of what was applied, so one lost or doubled slice shows.
/// </summary>
internal sealed partial class Cluster
{
    private const string Job = "job";
    private readonly Random _random;
    private readonly RunGeometry _geometry;
    private readonly CoordinatorOptions _options;
    private readonly SortedDictionary<long, SampleLedger> _accounts = [];
    private readonly List<(string Key, Action Run)> _pending = [];
    private readonly Dictionary<string, Node> _nodes = new(StringComparer.Ordinal);
    private readonly HashSet<(string, string)> _cuts = [];
    private TimeSpan _now = TimeSpan.FromSeconds(1);

    public Cluster(int seed, RunGeometry geometry, int expected, long checkpointEvery = 3)
    {
        _random = new Random(seed);
        _geometry = geometry;
        CheckpointEvery = checkpointEvery;
        _options = new CoordinatorOptions
        {
            LogicalRanks = geometry.LogicalRanks,
            BatchSize = geometry.BatchSize,
            Epochs = geometry.Epochs,
            MaxSteps = geometry.MaxSteps,
            JobHash = Job,
            ExpectedWorkers = expected,
            EvaluateEvery = 4,
            CheckpointEvery = checkpointEvery,
            FlapLimit = 1000,
        };
        State = CoordinatorState.Initial(_options);
    }

    public long CheckpointEvery { get; }

    public CoordinatorState State { get; private set; }

    public EndRun? End { get; private set; }

    public List<long> CommittedSteps { get; } = [];

    public List<EpochAccount> Epochs { get; } = [];

    public Dictionary<long, ulong> Checkpoints { get; } = [];

    /// <summary>What the coordinator kept, in order.</summary>
    public List<JournalEntry> Journal { get; } = [];

    public int Restarts { get; private set; }

    public int CatchUps { get; private set; }

    public List<DigestDiffers> SetAside { get; } = [];

    public List<string> Reasons { get; } = [];

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

    /// <summary>
    /// The coordinator dies with what was under way to and from it; a new one reads the journal, of which entries that
    /// were not forced to disk may be missing at the end.
    /// </summary>
    public void RestartCoordinator()
    {
        Restarts++;
        _pending.RemoveAll(p => p.Key[0] is '>' or '<' || p.Key == "evaluator" || p.Key == "store");
        int forced = Journal.FindLastIndex(e => e.Forced) + 1;
        int kept = forced + _random.Next(Journal.Count - forced + 1);
        Journal.RemoveRange(kept, Journal.Count - kept);
        JournalState journal = Journal.Aggregate(JournalState.Empty, (s, e) => s.Apply(e));
        SampleLedger? checkpoint = _accounts.Count > 0 ? _accounts.Values.Last() : null;
        State = CoordinatorState.Initial(_options);
        if (journal.Geometry is not null)
        {
            Coordinator(new RunRestored(journal, checkpoint));
        }

        EvaluatorJoins();
        foreach ((string name, Node node) in _nodes.ToArray())
        {
            Later(name, node, () => Tell(name, node, new SessionEnded("connection closed")));
        }
    }

    /// <summary>One bit of a worker's state is wrong from now on.</summary>
    public void Corrupt(string name) => _nodes[name].Value ^= 1;

    /// <summary>Nothing passes between two workers any more; both still reach the coordinator.</summary>
    public void Cut(string one, string other) => _cuts.Add((one, other));

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
        if (d.Reason.Length > 0)
        {
            Reasons.Add(d.Reason);
        }

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
            case Record e: Journal.Add(e.Entry); break;
            case SendPrepare e: To(e.Worker, new PrepareTold(e.Generation, e.StopAfter, e.Reason)); break;
            case SendCatchUp e: To(e.Worker, new CatchUpTold(e.Donor, e.DonorAddress)); break;
            case SendLoad e: To(e.Worker, new LoadTold(e.Step, e.Reason)); break;
            case SendStart e:
                To(e.Worker, new StartTold(e.Generation, e.Members, e.BaseStep, e.Donor, e.FinalStep));
                break;
            case SendGoodbye e: To(e.Worker, new GoodbyeTold(e.Reason, e.ExitCode)); break;
            case StepCommitted e: CommittedSteps.Add(e.Step); break;
            case EpochClosed e: Epochs.Add(e.Account); break;
            case CommitCheckpoint e:
                Checkpoints[e.Step] = Expected(e.Step);
                _accounts[e.Step] = e.Ledger;
                _pending.Add(("store", () => Coordinator(new CheckpointCommitted(e.Step))));
                break;
            case AnnounceSnapshot e:
                _pending.Add(("evaluator", () => Coordinator(new EvaluatorJudged(e.Snapshot.Step, true, false))));
                break;
            case EndRun e: End = e; break;
            case DigestDiffers e: SetAside.Add(e); break;
            case DigestsTied or SlowNoticed: break;
            default: break;
        }
    }

    private void To(string worker, WorkerEvent e)
    {
        if (_nodes.TryGetValue(worker, out Node? node))
        {
            _pending.Add(("<" + worker, () =>
            {
                if (_nodes.TryGetValue(worker, out Node? same) && ReferenceEquals(same, node))
                {
                    Tell(worker, node, e);
                }
            }));
        }
    }

    private void Fetch(string name, Node node, CopyState e)
    {
        node.Fetching = true;
        CatchUps += e.Step is null ? 1 : 0;
        Later(name, node, () =>
        {
            if (!node.Fetching)
            {
                return;
            }

            node.Fetching = false;
            if (!AreCut(name, e.Donor) && _nodes.TryGetValue(e.Donor, out Node? donor)
                && donor.State.HasState
                && (e.Step is null || donor.State.Held == e.Step))
            {
                node.Value = donor.Value;
                Tell(name, node, new StateFetched(donor.State.Held, node.Value));
            }
            else
            {
                Tell(name, node, new PeerLost(e.Donor, "donor is gone"));
            }
        });
    }

    private void Break(string name, Node node, string peer)
    {
        node.Reduced = false;
        if (node.StepInFlight is not null)
        {
            node.StepInFlight = null;
            Tell(name, node, new PeerLost(peer, "connection closed"));
        }
    }

    private bool AreCut(string one, string other) => _cuts.Contains((one, other)) || _cuts.Contains((other, one));

    // A step ends when every member of its generation is in it; each finishes at its own time.
    private void TryFinishSteps()
    {
        foreach (Node node in _nodes.Values.ToArray())
        {
            if (node.StepInFlight is not { } step || node.Reduced)
            {
                continue;
            }

            string own = node.State.Options.Worker;
            if (node.State.Members.FirstOrDefault(m => AreCut(own, m.Worker)) is { } unreached)
            {
                Later(own, node, () => Break(own, node, unreached.Worker));
                node.Reduced = true;
                continue;
            }

            bool all = node.State.Members.All(m => _nodes.TryGetValue(m.Worker, out Node? peer)
                && peer.State.Generation == step.Generation
                && (peer.StepInFlight?.Step == step.Step || peer.State.Held >= step.Step));
            if (all)
            {
                node.Reduced = true;
                string name = node.State.Options.Worker;
                ImmutableArray<(string, ulong)> digests =
                [
                    .. node.State.Members.Select(m => _nodes[m.Worker]).Where(n => n.State.Held == step.Step - 1)
                        .Select(n => (n.State.Options.Worker, n.Value)),
                ];
                Later(name, node, () => Apply(name, node, step, digests));
            }
        }
    }

    private void Apply(string name, Node node, RunStep step, ImmutableArray<(string Worker, ulong Digest)> digests)
    {
        node.Reduced = false;
        if (node.StepInFlight != step)
        {
            return;
        }

        node.StepInFlight = null;
        if (digests.Select(d => d.Digest).Distinct().Count() > 1)
        {
            Tell(name, node, new DigestsDiffered(step.Step - 1, digests));
            return;
        }

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

        public List<CoordinatorEvent> Sent { get; } = [];
    }
}

using System.Collections.Immutable;
using Colony.Actors.Simulation;
using Colony.Orchestration;

namespace Colony.Simulation;

/// <summary>
/// What must hold after each event, whatever happens. The shells tell it what they do, so each check costs only where
/// something changed; the first promise that is broken ends the run.
/// </summary>
internal sealed class Promises(RunGeometry geometry)
{
    /// <summary>
    /// No interruption lasts as long: all faults stop after 15 s of virtual time, and no timeout of the product that is
    /// longer than this may be what ends a wait.
    /// </summary>
    private const double LongestWait = 50;

    private readonly ulong[] _expected = StandIn.Expected(geometry);
    private readonly Dictionary<ulong, (ImmutableArray<Member> Members, long Base)> _generations = [];
    private readonly Dictionary<string, long> _held = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long> _holds = new(StringComparer.Ordinal);
    private readonly SortedDictionary<long, EpochAccount> _closed = [];
    private ulong _newest;
    private long _committed;

    /// <summary>The first promise that was broken.</summary>
    public Violation? Broken { get; private set; }

    public void Fail(string invariant, string detail) => Broken ??= new Violation(invariant, detail);

    /// <summary>The state after a step without any fault.</summary>
    public ulong Expected(long step) => _expected[step];

    /// <summary>A worker's process holds the state of a step.</summary>
    public void Holds(string worker, long step)
    {
        _holds[worker] = step;
        _held[worker] = Math.Max(step, _held.GetValueOrDefault(worker));
    }

    /// <summary>What a worker's process held is gone.</summary>
    public void Died(string worker) => _holds.Remove(worker);

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
            Fail("one active generation", $"{worker} enters {generation} after {old}");
        }

        if (!_generations.ContainsKey(generation))
        {
            Fail("one active generation", $"{worker} enters {generation}, which nobody started");
        }
    }

    public void Started(SendStart start)
    {
        if (!_generations.TryGetValue(start.Generation, out var known))
        {
            _generations[start.Generation] = (start.Members, start.BaseStep);
            FirstTold(start);
        }
        else if (start.BaseStep != known.Base
            || !(start.Members == known.Members || start.Members.SequenceEqual(known.Members)))
        {
            Fail(
                "one active generation",
                $"generation {start.Generation} is two: {Names(start.Members)} from {start.BaseStep} and "
                + $"{Names(known.Members)} from {known.Base}");
        }
    }

    public void Decided(CoordinatorState before, CoordinatorState after, CoordinatorEvent happened)
    {
        if (after.Committed == before.Committed)
        {
            return;
        }

        if (after.Committed < before.Committed)
        {
            // Nobody came back who holds it: the run goes back to its newest checkpoint, as is documented.
            if (after.Committed != after.LastCheckpoint)
            {
                Fail("committed steps stay", $"{before.Committed} became {after.Committed} by {happened}");
            }

            _committed = after.Committed;
        }
        else if (happened is not (RunResumed or RunRestored))
        {
            CheckCommit(after);
        }

        _committed = after.Committed;
        if (after.Ledger is { } ledger)
        {
            CheckLedger(ledger, after.Committed);
        }
    }

    /// <summary>A step's report was taken as its account.</summary>
    public void Committed(StepCommitted committed)
    {
        var (step, applied) = (committed.Step, committed.Applied);
        if (applied.Digest is { } digest && digest != _expected[step])
        {
            Fail("the same bits", $"step {step} is committed with {digest:x16}");
        }

        if (StandIn.Fingerprint(applied.Samples.AsSpan()) != StandIn.Planned(geometry, step))
        {
            Fail("no sample twice or never", $"step {step} consumed {string.Join(' ', applied.Samples)}");
        }
    }

    /// <summary>A worker is named as one whose bits are wrong.</summary>
    public void SetAside(DigestDiffers named)
    {
        if (named.Digest == _expected[named.Step])
        {
            Fail("the right one is set aside", named.ToString());
        }
    }

    /// <summary>An interruption is over.</summary>
    public void Recovered(Recovery recovery)
    {
        if (recovery.Seconds > LongestWait)
        {
            Fail("nobody waits for long", recovery.ToString());
        }
    }

    public void Closed(EpochAccount account) => _closed[account.Epoch] = account;

    public void Stored(CommitCheckpoint checkpoint)
    {
        var digest = $"{_expected[checkpoint.Step]:x16}";
        if (checkpoint.Parts.Any(p => p.Sha256 != digest) || checkpoint.Parts.Length != checkpoint.Parts[0].Parts)
        {
            Fail("a checkpoint is one state", string.Join("; ", checkpoint.Parts.Take(8)));
        }

        if (checkpoint.Ledger.Step != checkpoint.Step)
        {
            Fail("a checkpoint is one state", $"step {checkpoint.Step} with the ledger of {checkpoint.Ledger.Step}");
        }
    }

    /// <summary>What must be true of a run that has ended.</summary>
    /// <param name="end">How it ended.</param>
    /// <param name="final">The coordinator's last state.</param>
    /// <param name="kept">The account in the checkpoint of the last step; null when there is none.</param>
    /// <param name="mayDrain">Somebody was asked to leave, so the run may have ended early, whole.</param>
    public Violation? Outcome(EndRun end, CoordinatorState final, SampleLedger? kept, bool mayDrain)
    {
        var drained = end.Outcome == RunOutcome.Drained && mayDrain;
        if (end.Outcome != RunOutcome.Completed && !drained)
        {
            return new Violation("the run completes", end.ToString());
        }

        var last = final.Committed;
        var expected = _expected[last];
        if (kept?.Step != last && last > 0)
        {
            return new Violation("a checkpoint is one state", $"the run ended at step {last}, which is in none");
        }

        if (final.WeightsSha256 != $"{expected:x16}")
        {
            return new Violation("the same bits", $"{final.WeightsSha256} instead of {expected:x16} at step {last}");
        }

        var epochs = final.Ledger!.Epochs;
        var whole = last == geometry.FinalStep && _closed.Count == geometry.Epochs && epochs.Length == geometry.Epochs
            && epochs.All(e => e.Expected == geometry.Samples);
        return (whole || drained) && epochs.All(e => e.Exact)
            ? null
            : new Violation("no sample twice or never", string.Join("; ", epochs));
    }

    private static string Names(ImmutableArray<Member> members) => string.Join(',', members.Take(16));

    private void FirstTold(SendStart start)
    {
        if (start.Generation <= _newest)
        {
            Fail("one active generation", $"generation {start.Generation} starts after {_newest}");
        }

        _newest = start.Generation;
        if (!start.Members.SelectMany(m => m.Ranks).Order().SequenceEqual(Enumerable.Range(0, geometry.LogicalRanks)))
        {
            Fail("each rank has one host", Names(start.Members));
        }

        // Only if nobody holds it any more may a committed step be done again.
        if (start.BaseStep < _committed
            && start.Members.FirstOrDefault(m => _holds.GetValueOrDefault(m.Worker) >= _committed) is { } holder)
        {
            Fail(
                "committed steps stay",
                $"generation {start.Generation} starts from {start.BaseStep}; {_committed} is committed and "
                + $"{holder.Worker} holds it");
        }
    }

    private void CheckCommit(CoordinatorState after)
    {
        foreach (var member in after.Members)
        {
            if (_held.GetValueOrDefault(member.Worker) < after.Committed)
            {
                Fail(
                    "committed is held by all",
                    $"{member.Worker} never held step {after.Committed} of generation {after.Generation}");
                return;
            }
        }
    }

    private void CheckLedger(SampleLedger ledger, long committed)
    {
        foreach (var epoch in ledger.Epochs)
        {
            if (!epoch.Exact)
            {
                Fail("no sample twice or never", epoch.ToString());
                return;
            }
        }

        if (ledger.Step != committed)
        {
            Fail("no sample twice or never", $"it counts step {ledger.Step} and {committed} is committed");
        }
    }
}

using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <content>Steps and the ledger.</content>
public static partial class CoordinatorCore
{
    private static void Applied(Turn turn, WorkerApplied e)
    {
        CoordinatorState state = turn.State;
        if (!state.Workers.TryGetValue(e.Worker, out WorkerView? view)
            || !view.Ready
            || e.Step <= state.Committed)
        {
            return;
        }

        AppliedStep report = state.Applied.TryGetValue(e.Step, out AppliedStep? first)
            ? first with { Seconds = StepSeconds.Longest(first.Seconds, e.Seconds) }
            : new AppliedStep(e.Samples, e.Loss, e.Digest, e.Skipped, e.Seconds);
        turn.State = state with { Applied = state.Applied.SetItem(e.Step, report) };

        turn.Put(Measure(view, e, state) with { Held = Math.Max(view.Held, e.Step), Digest = e.Digest });
        if (e.Digest is { } digest)
        {
            Note(turn, e.Step, e.Worker, digest);
        }

        Commit(turn);
        Judge(turn, e.Step);
        if (e.Step == turn.State.FinalStep && turn.State.Phase == RunPhase.Running)
        {
            turn.Enter(RunPhase.Finishing, $"step {e.Step} is the last; its checkpoint and evaluation are awaited");
        }
    }

    // A step is committed once every member holds it: then it survives as long as one member does. While the members of
    // a restarted coordinator are not all back, nothing is.
    private static void Commit(Turn turn)
    {
        CoordinatorState state = turn.State;
        if (state.Members.IsEmpty)
        {
            return; // resumed, and no generation of its own yet: who the members are is not known
        }

        // Each member is looked at about once a step, not once a report: whoever was behind the last time is asked
        // first.
        int count = state.Members.Length;
        for (int i = 0; i < count; i++)
        {
            int at = (state.Laggard + i) % count;
            if (!state.Workers.TryGetValue(state.Members[at].Worker, out WorkerView? w) || w.Held <= state.Committed)
            {
                turn.State = state.Laggard == at ? state : state with { Laggard = at };
                return;
            }
        }

        long held = state.Members.Min(m => state.Workers.TryGetValue(m.Worker, out WorkerView? view) ? view.Held : 0);
        bool any = false;
        StepSeconds seconds = default;
        while (turn.State.Committed < held
            && turn.State.Applied.TryGetValue(turn.State.Committed + 1, out AppliedStep? applied)
            && Agree(turn.State, turn.State.Committed + 1))
        {
            any = true;
            seconds = StepSeconds.Sum(seconds, applied.Seconds);
            CommitOne(turn, turn.State.Committed + 1, applied);
        }

        if (any)
        {
            turn.State = turn.State with
            {
                BrokenLinks = [],
                Goodput = turn.State.Goodput.Committed(
                    turn.Now, turn.State.Committed, seconds, Interrupting(turn.State)),
            };
            if (turn.State.Phase == RunPhase.Running && turn.State.Committed >= turn.State.FinalStep)
            {
                // After a coordinator's return the last reports may have come before anybody was known to run.
                turn.Enter(
                    RunPhase.Finishing,
                    $"step {turn.State.FinalStep} is the last; its checkpoint and evaluation are awaited");
            }

            EndInterruptions(turn);
            ReleaseLeavers(turn);
            WatchPace(turn);
        }
    }

    private static bool Agree(CoordinatorState state, long step) =>
        state.Digests.GetValueOrDefault(step, StepDigests.None).Agree;

    private static void CommitOne(Turn turn, long step, AppliedStep applied)
    {
        CoordinatorState state = turn.State;
        SampleLedger ledger = state.Ledger!.Commit(step, applied.Samples.AsSpan());
        ulong? digest = applied.Digest ?? state.Digests.GetValueOrDefault(step)?.Told.Values.First();
        bool kept = state.Parts.ContainsKey(step) || step == state.FinalStep || Due(step, state.Options);
        turn.State = state with
        {
            Committed = step,
            Ledger = ledger,
            Applied = state.Applied.Remove(step),
            Digests = state.Digests.Remove(step),
            LedgerAt = kept ? Keep(state.LedgerAt.SetItem(step, ledger), state) : state.LedgerAt,
            DigestAt = kept && digest is { } value ? state.DigestAt.SetItem(step, value) : state.DigestAt,
        };
        turn.State = turn.State with
        {
            DigestAt = turn.State.DigestAt.RemoveRange(
                turn.State.DigestAt.Keys.Where(s => !turn.State.LedgerAt.ContainsKey(s))),
        };
        turn.Keep(new StepCounted(step, applied.Samples, digest, kept));
        turn.Do(new StepCommitted(step, applied));
        if (step % state.Geometry!.StepsPerEpoch == 0 || step == state.Geometry.FinalStep)
        {
            turn.Do(new EpochClosed(ledger.Epochs[^1]));
        }

        Settle(turn, step, digest);
        TryCommitCheckpoint(turn, step);
    }

    // Overlapping interruptions cost the run their time once: the earliest bears it.
    private static string? Interrupting(CoordinatorState state) =>
        !state.Interruptions.IsEmpty ? state.Interruptions[0].Cause
        : state.Goodput.Useful == 0 ? Goodput.Start
        : null;

    private static void EndInterruptions(Turn turn)
    {
        CoordinatorState state = turn.State;
        if (state.Interruptions.IsEmpty
            || state.RegroupAt is not null
            || state.Phase is not (RunPhase.Running or RunPhase.Finishing))
        {
            return;
        }

        foreach (Interruption interruption in state.Interruptions)
        {
            double seconds = (turn.Now - interruption.Since).TotalSeconds;
            var recovery = new Recovery(interruption.Cause, interruption.Step, seconds);
            turn.Do(new Recovered(recovery));
            if (turn.State.Recoveries.Length < RecoveriesKept)
            {
                turn.State = turn.State with { Recoveries = turn.State.Recoveries.Add(recovery) };
            }
        }

        turn.State = turn.State with { Interruptions = [] };
    }
}

using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <content>Steps, the ledger, checkpoints and the end of the run.</content>
public static partial class CoordinatorCore
{
    /// <summary>Checkpoints under way at one time; an older one whose parts never came is forgotten.</summary>
    private const int CheckpointsInFlight = 4;

    /// <summary>Accounts that wait for the parts of their checkpoint.</summary>
    private const int LedgersKept = 16;

    private static void Applied(Turn turn, WorkerApplied e)
    {
        CoordinatorState state = turn.State;
        if (!state.Workers.TryGetValue(e.Worker, out WorkerView? view) || e.Step <= state.Committed)
        {
            return;
        }

        var report = new AppliedStep(e.Samples, e.Loss, e.Digest, e.Skipped);
        if (state.Applied.TryGetValue(e.Step, out AppliedStep? first))
        {
            if (first.Digest != e.Digest)
            {
                turn.Do(new DigestDiffers(e.Worker, e.Step, e.Digest, first.Digest));
            }
        }
        else
        {
            turn.State = state with { Applied = state.Applied.Add(e.Step, report) };
        }

        turn.Put(view with { Held = Math.Max(view.Held, e.Step), Digest = e.Digest });
        if (e.Generation == turn.State.Generation)
        {
            Commit(turn);
        }

        if (e.Step == turn.State.FinalStep && turn.State.Phase == RunPhase.Running)
        {
            turn.Enter(RunPhase.Finishing, $"step {e.Step} is the last; its checkpoint and evaluation are awaited");
        }
    }

    // A step is committed once every member holds it: then it survives as long as one member does.
    private static void Commit(Turn turn)
    {
        CoordinatorState state = turn.State;
        if (state.Members.IsEmpty)
        {
            return; // resumed, and no generation of its own yet: who the members are is not known
        }

        long held = state.Members.Min(m => state.Workers.TryGetValue(m.Worker, out WorkerView? w) ? w.Held : 0);
        bool any = false;
        while (turn.State.Committed < held
            && turn.State.Applied.TryGetValue(turn.State.Committed + 1, out AppliedStep? applied))
        {
            any = true;
            CommitOne(turn, turn.State.Committed + 1, applied);
        }

        if (any)
        {
            EndInterruptions(turn);
            ReleaseLeavers(turn);
        }
    }

    private static void CommitOne(Turn turn, long step, AppliedStep applied)
    {
        CoordinatorState state = turn.State;
        SampleLedger ledger = state.Ledger!.Commit(step, applied.Samples.AsSpan());
        turn.State = state with
        {
            Committed = step,
            Ledger = ledger,
            Applied = state.Applied.Remove(step),
            LedgerAt = state.Parts.ContainsKey(step) || step == state.FinalStep || Due(step, state.Options)
                ? Keep(state.LedgerAt.SetItem(step, ledger), state.LastCheckpoint)
                : state.LedgerAt,
            DigestAt = state.DigestAt.SetItem(step, applied.Digest)
                .RemoveRange(state.DigestAt.Keys.Where(s => s < step - 1 && !state.LedgerAt.ContainsKey(s))),
        };
        turn.Do(new StepCommitted(step, applied));
        if (step % state.Geometry!.StepsPerEpoch == 0 || step == state.Geometry.FinalStep)
        {
            turn.Do(new EpochClosed(ledger.Epochs[^1]));
        }

        TryCommitCheckpoint(turn, step);
    }

    private static bool Due(long step, CoordinatorOptions options) =>
        options.CheckpointEvery > 0 && step % options.CheckpointEvery == 0;

    // The oldest goes first, but never that of the last checkpoint: a run that loses everything goes back there.
    private static ImmutableSortedDictionary<long, SampleLedger> Keep(
        ImmutableSortedDictionary<long, SampleLedger> ledgers, long lastCheckpoint) =>
        ledgers.Count <= LedgersKept
            ? ledgers
            : ledgers.Remove(ledgers.Keys.First(step => step != lastCheckpoint));

    private static void EndInterruptions(Turn turn)
    {
        CoordinatorState state = turn.State;
        if (state.Interruptions.IsEmpty || state.RegroupAt is not null)
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

    private static void PartWritten(Turn turn, WorkerWrotePart e)
    {
        CoordinatorState state = turn.State;
        CheckpointParts parts = state.Parts.GetValueOrDefault(e.Step)
            ?? new CheckpointParts(e.Generation, ImmutableSortedDictionary<int, WrittenPart>.Empty, false);
        if (e.Generation < parts.Generation || parts.Committing || e.Step <= state.LastCheckpoint)
        {
            return;
        }

        if (e.Generation > parts.Generation)
        {
            parts = new CheckpointParts(e.Generation, ImmutableSortedDictionary<int, WrittenPart>.Empty, false);
        }

        parts = parts with { Written = parts.Written.SetItem(e.Part.Part, e.Part) };
        turn.State = state with { Parts = state.Parts.SetItem(e.Step, parts) };
        while (turn.State.Parts.Count > CheckpointsInFlight)
        {
            turn.State = turn.State with { Parts = turn.State.Parts.Remove(turn.State.Parts.Keys.First()) };
        }

        if (e.Step == turn.State.Committed && !turn.State.LedgerAt.ContainsKey(e.Step))
        {
            turn.State = turn.State with { LedgerAt = turn.State.LedgerAt.SetItem(e.Step, turn.State.Ledger!) };
        }

        TryCommitCheckpoint(turn, e.Step);
    }

    private static void TryCommitCheckpoint(Turn turn, long step)
    {
        CoordinatorState state = turn.State;
        if (state.Committed < step
            || !state.Parts.TryGetValue(step, out CheckpointParts? parts)
            || parts.Committing
            || parts.Written.Count == 0
            || parts.Written.Count < parts.Written.Values.First().Parts
            || !state.LedgerAt.TryGetValue(step, out SampleLedger? ledger))
        {
            return;
        }

        ulong digest = state.DigestAt.GetValueOrDefault(step);
        turn.State = state with { Parts = state.Parts.SetItem(step, parts with { Committing = true }) };
        turn.Do(new CommitCheckpoint(step, parts.Generation, digest, [.. parts.Written.Values], ledger));
    }

    private static void Committed(Turn turn, CheckpointCommitted e)
    {
        CoordinatorState state = turn.State;
        turn.State = state with
        {
            LastCheckpoint = Math.Max(state.LastCheckpoint, e.Step),
            Parts = state.Parts.RemoveRange(state.Parts.Keys.Where(s => s <= e.Step)),
            LedgerAt = state.LedgerAt.RemoveRange(state.LedgerAt.Keys.Where(s => s < e.Step)),
        };
        TryEnd(turn);
    }

    private static void CommitFailed(Turn turn, CheckpointFailed e)
    {
        CoordinatorState state = turn.State;
        turn.State = state with
        {
            Parts = state.Parts.Remove(e.Step),
            CheckpointFailure = e.Step == state.FinalStep ? e.Reason : state.CheckpointFailure,
            Why = $"the checkpoint of step {e.Step} failed: {e.Reason}",
        };
        TryEnd(turn);
    }

    private static void Finished(Turn turn, WorkerDone e)
    {
        if (e.Generation != turn.State.Generation || !turn.State.Workers.TryGetValue(e.Worker, out WorkerView? view))
        {
            return;
        }

        turn.Put(view with { FinishedGeneration = e.Generation, Held = Math.Max(view.Held, e.Step) });
        turn.State = turn.State with { WeightsSha256 = e.WeightsSha256 };
        Commit(turn);
        TryEnd(turn);
    }

    private static void TryEnd(Turn turn)
    {
        CoordinatorState state = turn.State;
        if (state.Phase != RunPhase.Finishing
            || state.Committed < state.FinalStep
            || state.Members.Any(m => !state.Workers.TryGetValue(m.Worker, out WorkerView? w)
                || w.FinishedGeneration != state.Generation))
        {
            return;
        }

        TimeSpan waited = turn.Now - state.PhaseSince;
        bool complete = state.Drain is null || state.Committed >= state.Geometry!.FinalStep;
        if (state.LastCheckpoint < state.FinalStep)
        {
            string? failure = state.CheckpointFailure
                ?? (waited > state.Options.FinalCheckpointWait ? "its parts did not arrive in time" : null);
            if (failure is not null)
            {
                End(turn, RunOutcome.Failed, $"the last checkpoint could not be written: {failure}");
            }

            return;
        }

        bool judged = !complete
            || !state.Options.ExpectEvaluator
            || state.Evaluator.LastStep >= state.FinalStep
            || waited > state.Options.FinalEvaluationWait;
        if (judged)
        {
            End(
                turn,
                complete ? RunOutcome.Completed : RunOutcome.Drained,
                complete ? $"step {state.FinalStep} of {state.FinalStep} is done" : state.Drain!);
        }
    }

    private static void End(Turn turn, RunOutcome outcome, string reason)
    {
        if (turn.State.Phase == RunPhase.Ended)
        {
            return;
        }

        turn.Enter(RunPhase.Ended, reason);
        foreach (WorkerView worker in turn.State.Workers.Values)
        {
            turn.Do(new SendGoodbye(worker.Name, reason, 0));
        }

        turn.Do(new SendEvaluatorGoodbye(reason));
        turn.Do(new EndRun(outcome, reason));
    }
}

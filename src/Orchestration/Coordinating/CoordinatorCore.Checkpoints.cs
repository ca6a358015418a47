using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <content>Checkpoints: complete when every part and the account are there.</content>
public static partial class CoordinatorCore
{
    /// <summary>Checkpoints under way at one time; an older one whose parts never came is forgotten.</summary>
    private const int CheckpointsInFlight = 4;

    private static bool Due(long step, CoordinatorOptions options) =>
        options.CheckpointEvery > 0 && step % options.CheckpointEvery == 0;

    // The oldest goes first, but never that of the last checkpoint, nor of one whose manifest is being written: a run
    // that loses everything goes back there.
    private static ImmutableSortedDictionary<long, SampleLedger> Keep(
        ImmutableSortedDictionary<long, SampleLedger> ledgers, CoordinatorState state) =>
        ledgers.Count <= JournalState.LedgersKept
            ? ledgers
            : ledgers.Remove(ledgers.Keys.First(step => step != state.LastCheckpoint && !IsCommitting(state, step)));

    private static bool IsCommitting(CoordinatorState state, long step) =>
        state.Parts.TryGetValue(step, out CheckpointParts? parts) && parts.Committing;

    private static void PartWritten(Turn turn, WorkerWrotePart e)
    {
        CoordinatorState state = turn.State;
        CheckpointParts parts = state.Parts.GetValueOrDefault(e.Step)
            ?? new CheckpointParts(e.Generation, ImmutableSortedDictionary<int, WrittenPart>.Empty, false);
        if (!state.Workers.ContainsKey(e.Worker) // set aside meanwhile: its bits may be wrong
            || e.Generation <= state.WentBackAt // of steps that were given up
            || e.Generation < parts.Generation || parts.Committing || e.Step <= state.LastCheckpoint)
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
        turn.Keep(new CheckpointKept(e.Step));
        MarkWaiting(turn, e.Step);
        if (state.Phase == RunPhase.Finishing && state.Committed >= state.FinalStep && e.Step == state.FinalStep)
        {
            turn.State = turn.State with { Goodput = state.Goodput.LostUntil(turn.Now, Goodput.Checkpoint) };
        }

        TryEnd(turn);
    }

    private static void PartLost(Turn turn, WorkerLostPart e)
    {
        if (e.Step > turn.State.LastCheckpoint && !IsCommitting(turn.State, e.Step))
        {
            CommitFailed(turn, new CheckpointFailed(e.Step, $"worker '{e.Worker}': {e.Reason}"));
        }
    }

    private static void CommitFailed(Turn turn, CheckpointFailed e)
    {
        CoordinatorState state = turn.State;
        turn.State = state with
        {
            Parts = state.Parts.Remove(e.Step),
            Evaluator = state.Evaluator with { Unmarked = state.Evaluator.Unmarked.Remove(e.Step) },
            CheckpointFailure = e.Step == state.FinalStep ? e.Reason : state.CheckpointFailure,
            Why = $"the checkpoint of step {e.Step} failed: {e.Reason}",
        };
        TryEnd(turn);
    }
}

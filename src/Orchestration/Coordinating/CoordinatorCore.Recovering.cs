using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <content>A coordinator that comes back, and a run that goes back.</content>
public static partial class CoordinatorCore
{
    private static void Resume(Turn turn, RunResumed e)
    {
        turn.State = turn.State with
        {
            Geometry = e.Geometry,
            Ledger = e.Ledger,
            Committed = e.Ledger.Step,
            ResumedStep = e.Ledger.Step,
            LastCheckpoint = e.Ledger.Step,
            Generation = e.Generation,
            Announced = e.Generation,
            LedgerAt = turn.State.LedgerAt.SetItem(e.Ledger.Step, e.Ledger),
            Why = $"resumed at step {e.Ledger.Step}; waiting for workers",
        };
        turn.Keep(new RunBegan(e.Geometry, e.Ledger));
        turn.Keep(new GenerationAnnounced(e.Generation));
    }

    private static void Restore(Turn turn, RunRestored e)
    {
        if (e.Journal is not { Geometry: { } old, Ledger: { } counted } journal)
        {
            return;
        }

        CoordinatorOptions options = turn.State.Options;
        RunGeometry geometry = old with { Epochs = options.Epochs, MaxSteps = options.MaxSteps };

        // A checkpoint may be complete although the journal's last words were lost: it is newer evidence.
        SampleLedger ledger = e.Checkpoint is { } kept && kept.Step > counted.Step ? kept : counted;
        bool over = journal.End is { Outcome: RunOutcome.Completed } && ledger.Step >= geometry.FinalStep;
        turn.State = turn.State with
        {
            Geometry = geometry,
            Ledger = ledger,
            Committed = ledger.Step,
            ResumedStep = ledger.Step,
            LastCheckpoint = e.Checkpoint?.Step ?? 0,
            Generation = journal.Generation,
            Announced = journal.Announced,
            Members = journal.Members,
            FinalStep = journal.FinalStep,
            LedgerAt = Accounts(journal.Kept, e.Checkpoint),
            DigestAt = journal.Kept.Where(k => k.Value.Digest is not null)
                .ToImmutableSortedDictionary(k => k.Key, k => k.Value.Digest!.Value),
            Evaluator = turn.State.Evaluator with { LastStep = journal.JudgedStep },
            WeightsSha256 = journal.End?.WeightsSha256,
        };
        if (over)
        {
            EndAgain(turn, $"step {geometry.FinalStep} of {geometry.FinalStep} was done before");
            return;
        }

        turn.Keep(new JournalCompacted(journal with
        {
            Geometry = geometry, Ledger = ledger, LastCheckpoint = turn.State.LastCheckpoint, End = null,
        }));
        turn.Interrupt("coordinator");
        turn.Enter(
            RunPhase.Recovering,
            $"the coordinator is back at step {ledger.Step}; waiting for the workers of generation "
                + $"{journal.Generation}");
    }

    private static ImmutableSortedDictionary<long, SampleLedger> Accounts(
        ImmutableSortedDictionary<long, (SampleLedger Ledger, ulong? Digest)> kept, SampleLedger? checkpoint)
    {
        ImmutableSortedDictionary<long, SampleLedger> accounts =
            kept.ToImmutableSortedDictionary(k => k.Key, k => k.Value.Ledger);
        return checkpoint is null ? accounts : accounts.SetItem(checkpoint.Step, checkpoint);
    }

    // With every member back, and all of them still in the generation that the journal knows, nothing has to stop.
    private static void TryRecover(Turn turn)
    {
        CoordinatorState state = turn.State;
        if (state.Members.IsEmpty
            || state.Members.Any(m => !state.Workers.TryGetValue(m.Worker, out WorkerView? w) || !w.Ready))
        {
            return;
        }

        bool same = state.Members.All(m => state.Workers[m.Worker].Generation == state.Generation);
        bool leaving = state.Members.Any(m => state.Workers[m.Worker].Leaving);
        bool whole = state.FinalStep == state.Geometry!.FinalStep && state.Drain is null;
        if (same && whole && !leaving && !state.Urgent)
        {
            turn.Enter(
                state.Committed >= state.FinalStep ? RunPhase.Finishing : RunPhase.Running,
                $"the coordinator is back; generation {state.Generation} has gone on");
            Commit(turn);
            return;
        }

        turn.Enter(RunPhase.Gathering, "the members of the generation are back and need a new one");
        TryGather(turn);
    }

    // The newest checkpoint is what remains of the run; its state and its account go together.
    private static void RollBack(Turn turn, string why)
    {
        CoordinatorState state = turn.State;
        long step = state.LastCheckpoint;
        SampleLedger ledger = state.LedgerAt.GetValueOrDefault(step) ?? SampleLedger.Empty(state.Geometry!);
        turn.Keep(new RunWentBack(ledger));
        turn.State = state with
        {
            Ledger = ledger,
            Committed = ledger.Step,
            Applied = ImmutableSortedDictionary<long, AppliedStep>.Empty,
            Digests = state.Digests.Clear(),
            Asked = state.Asked.Clear(),
            RegroupAt = null,
            WentBackAt = state.Announced,
            LedgerAt = state.LedgerAt.RemoveRange(
                state.LedgerAt.Keys.Where(s => s > step && !IsCommitting(state, s))),
            Parts = state.Parts.RemoveRange(state.Parts.Where(p => !p.Value.Committing).Select(p => p.Key)),
        };
        string from = step == 0 ? "the seed" : $"the checkpoint of step {step}";
        turn.Enter(RunPhase.Gathering, $"{why}; going on from {from}");
        foreach (WorkerView worker in state.Workers.Values.Where(w => w.Ready || w.Donor is not null))
        {
            if (worker.Held != step || turn.IsMember(worker.Name) || worker.Donor is not null)
            {
                turn.Put(worker with { Ready = false, Donor = null, Held = step, Digest = null });
                turn.Do(new SendLoad(worker.Name, step, why));
            }
        }

        TryGather(turn);
    }
}

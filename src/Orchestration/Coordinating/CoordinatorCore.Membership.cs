using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <content>Joins, losses and new generations.</content>
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
            LedgerAt = turn.State.LedgerAt.SetItem(e.Ledger.Step, e.Ledger),
            Why = $"resumed at step {e.Ledger.Step}; waiting for workers",
        };
    }

    private static void Join(Turn turn, WorkerJoined e)
    {
        CoordinatorOptions options = turn.State.Options;
        RunGeometry geometry = turn.State.Geometry ?? new RunGeometry(
            e.Samples, options.BatchSize, options.LogicalRanks, options.Epochs, options.MaxSteps);
        string? refusal =
            e.JobHash != options.JobHash ? "it runs another job: the job files differ in what determines the weights"
            : e.Samples <= 0 ? "its training split is empty"
            : e.Samples != geometry.Samples
                ? $"its training split has {e.Samples} samples and the run's has {geometry.Samples}"
            : null;
        if (refusal is not null)
        {
            turn.Do(new SendGoodbye(e.Worker, $"worker '{e.Worker}' is refused: {refusal}", 2));
            return;
        }

        if (turn.State.Workers.ContainsKey(e.Worker))
        {
            // The same process with a new stream: the old one is dead, whatever its socket says.
            turn.Do(new CutSession(e.Worker, "it opened a newer session"));
            Lose(turn, e.Worker, "link", "it opened a newer session");
        }

        turn.State = turn.State with
        {
            Geometry = geometry,
            Ledger = turn.State.Ledger ?? SampleLedger.Empty(geometry),
        };
        bool someoneHolds = turn.State.Workers.Values.Any(w => w.Held >= turn.State.Committed);
        long load = e.Held == 0 && !someoneHolds ? RestartStep(turn) : 0;
        turn.Put(new WorkerView(e.Worker, e.Address, load > 0 ? load : e.Held, e.Digest, turn.Now, 0, false, 0));
        turn.Do(new SendWelcome(e.Worker, load, turn.State.Committed));
        switch (turn.State.Phase)
        {
            case RunPhase.Gathering:
                TryGather(turn);
                break;
            case RunPhase.Preparing:
                turn.Do(new SendPrepare(e.Worker, turn.State.Generation, $"worker '{e.Worker}' joins"));
                break;
            default:
                turn.Interrupt("join");
                AskRegroup(turn, $"worker '{e.Worker}' joins");
                break;
        }
    }

    // With nobody left who holds the committed step, the newest checkpoint is what remains of the run. It may even be
    // ahead: its manifest can be confirmed after an earlier loss of everything went back to the one before.
    private static long RestartStep(Turn turn)
    {
        CoordinatorState state = turn.State;
        if (state.Committed != state.LastCheckpoint && state.Workers.IsEmpty)
        {
            SampleLedger ledger = state.LedgerAt.GetValueOrDefault(state.LastCheckpoint)
                ?? SampleLedger.Empty(state.Geometry!);
            turn.State = state with
            {
                Ledger = ledger,
                Committed = state.LastCheckpoint,
                Applied = ImmutableSortedDictionary<long, AppliedStep>.Empty,
                Why = $"all state was lost after step {state.LastCheckpoint}; going on from its checkpoint",
            };
        }

        return turn.State.LastCheckpoint;
    }

    private static void Lose(Turn turn, string worker, string cause, string reason)
    {
        if (!turn.State.Workers.TryGetValue(worker, out WorkerView? lost))
        {
            return;
        }

        turn.State = turn.State with { Workers = turn.State.Workers.Remove(worker) };
        bool member = turn.IsMember(worker);
        string why = $"worker '{worker}' is gone ({reason})";
        switch (turn.State.Phase)
        {
            case RunPhase.Preparing:
                turn.Interrupt(cause);
                TryStart(turn);
                break;
            case RunPhase.Running or RunPhase.Finishing when member:
                turn.Interrupt(lost.Leaving ? "leave" : cause);
                AskRegroup(turn, why);
                break;
            default:
                turn.State = turn.State with { Why = why };
                break;
        }

        if (turn.State.Workers.IsEmpty && turn.State.Drain is not null)
        {
            End(turn, RunOutcome.Drained, $"{turn.State.Drain}; the last worker is gone");
        }
    }

    private static void Leave(Turn turn, WorkerLeft e)
    {
        if (!turn.State.Workers.TryGetValue(e.Worker, out WorkerView? view) || view.Leaving)
        {
            return;
        }

        turn.Put(view with { Leaving = true });
        if (!turn.IsMember(e.Worker) && turn.State.Phase is not RunPhase.Preparing)
        {
            turn.State = turn.State with { Workers = turn.State.Workers.Remove(e.Worker) };
            turn.Do(new SendGoodbye(e.Worker, e.Reason, 0));
            return;
        }

        if (turn.State.Phase is RunPhase.Running or RunPhase.Finishing)
        {
            turn.Interrupt("leave");
            AskRegroup(turn, $"worker '{e.Worker}' leaves ({e.Reason})");
        }
    }

    private static void Broke(Turn turn, WorkerBroke e)
    {
        if (e.Fatal)
        {
            turn.Do(new SendGoodbye(e.Worker, e.Reason, 2));
            End(turn, RunOutcome.Failed, $"worker '{e.Worker}': {e.Reason}");
            return;
        }

        turn.Do(new CutSession(e.Worker, e.Reason));
        Lose(turn, e.Worker, "death", e.Reason);
    }

    private static void LinkLost(Turn turn, WorkerLostLink e)
    {
        if (e.Generation == turn.State.Generation && turn.State.Phase is RunPhase.Running or RunPhase.Finishing)
        {
            if (turn.State.RegroupAt is null)
            {
                turn.Interrupt("link");
            }

            AskRegroup(turn, $"worker '{e.Worker}' cannot reach '{e.Peer}' ({e.Reason})");
        }
    }

    private static void StartDrain(Turn turn, DrainAsked e)
    {
        if (turn.State.Drain is not null)
        {
            return;
        }

        turn.State = turn.State with { Drain = e.Reason };
        if (turn.State.Phase == RunPhase.Gathering)
        {
            End(turn, RunOutcome.Drained, $"{e.Reason}; no worker was running");
        }
        else if (turn.State.Phase == RunPhase.Running)
        {
            Regroup(turn);
        }
    }

    private static void AskRegroup(Turn turn, string why)
    {
        turn.State = turn.State with
        {
            RegroupAt = turn.State.RegroupAt ?? turn.Now + turn.State.Options.GatherTime,
            Why = why,
        };
    }

    private static void TryGather(Turn turn)
    {
        CoordinatorState state = turn.State;
        int ready = state.Workers.Values.Count(w => !w.Leaving);
        bool enough = state.Members.IsEmpty
            ? ready >= state.Options.ExpectedWorkers
                || (ready >= Minimum(state) && turn.Now - state.PhaseSince > state.Options.JoinTimeout)
            : ready >= Minimum(state);
        if (enough && ready > 0)
        {
            Regroup(turn);
        }
    }

    private static int Minimum(CoordinatorState state) => Math.Max(1, state.Options.MinimumWorkers);

    private static void Regroup(Turn turn)
    {
        CoordinatorState state = turn.State;
        int ready = state.Workers.Values.Count(w => !w.Leaving);
        bool allLeave = ready == 0 && !state.Workers.IsEmpty;
        if (state.Drain is null && !allLeave && ready < Minimum(state))
        {
            turn.State = state with { RegroupAt = null };
            turn.Enter(
                RunPhase.Gathering, $"{ready} of at least {Minimum(state)} workers are here; waiting ({state.Why})");
            return;
        }

        ulong generation = state.Generation + 1;
        string why = state.Drain ?? state.Why;
        turn.State = state with { Generation = generation, RegroupAt = null };
        turn.Enter(RunPhase.Preparing, $"generation {generation}: {why}");
        foreach (WorkerView worker in state.Workers.Values)
        {
            turn.Do(new SendPrepare(worker.Name, generation, why));
        }
    }

    private static void Prepared(Turn turn, WorkerPrepared e)
    {
        if (e.Generation != turn.State.Generation
            || turn.State.Phase != RunPhase.Preparing
            || !turn.State.Workers.TryGetValue(e.Worker, out WorkerView? view))
        {
            return;
        }

        turn.Put(view with { Prepared = e.Generation, Held = e.Held, Digest = e.Digest });
        TryStart(turn);
    }

    private static void TryStart(Turn turn)
    {
        CoordinatorState state = turn.State;
        if (state.Workers.Values.Any(w => w.Prepared < state.Generation))
        {
            return;
        }

        if (state.Drain is null && !state.Workers.IsEmpty && state.Workers.Values.All(w => w.Leaving))
        {
            // Nobody stays to hold the state, so it has to go into a checkpoint first.
            turn.State = state = state with { Drain = "every worker was asked to leave" };
        }

        WorkerView[] stay = [.. state.Workers.Values.Where(w => !w.Leaving || state.Drain is not null)];
        if (stay.Length < (state.Drain is null ? Minimum(state) : 1))
        {
            turn.Enter(RunPhase.Gathering, $"{stay.Length} of at least {Minimum(state)} workers are here; waiting");
            return;
        }

        long @base = state.Workers.Values.Max(w => w.Held);
        WorkerView[] holders = [.. state.Workers.Values.Where(w => w.Held == @base)];
        WorkerView donor = holders.FirstOrDefault(w => !w.Leaving) ?? holders[0];
        foreach (WorkerView odd in holders.Where(h => h.Digest != donor.Digest))
        {
            turn.Do(new DigestDiffers(odd.Name, @base, odd.Digest, donor.Digest));
        }

        long final = state.Drain is not null ? @base : state.Geometry!.FinalStep;
        ImmutableArray<Member> members = RankAssignment.Assign(
            state.Options.LogicalRanks, [.. stay.Select(w => (w.Name, w.Address))], state.Members);
        bool allHold = stay.All(w => w.Held == @base && w.Digest == donor.Digest);
        var giver = new Member(donor.Name, donor.Address, 0, 0);
        turn.State = state with { Members = members, FinalStep = Math.Max(final, @base), RegroupAt = null };
        turn.Enter(
            final <= @base ? RunPhase.Finishing : RunPhase.Running,
            $"generation {state.Generation}: {members.Length} workers from step {@base + 1}");
        foreach (WorkerView worker in state.Workers.Values)
        {
            turn.Do(new SendStart(
                worker.Name, state.Generation, members, @base, allHold ? null : giver, turn.State.FinalStep));
        }

        Commit(turn);
    }

    private static void ReleaseLeavers(Turn turn)
    {
        foreach (WorkerView leaver in turn.State.Workers.Values.Where(w => w.Leaving).ToArray())
        {
            if (!turn.IsMember(leaver.Name))
            {
                turn.State = turn.State with { Workers = turn.State.Workers.Remove(leaver.Name) };
                turn.Do(new SendGoodbye(leaver.Name, "it asked to leave", 0));
            }
        }
    }
}

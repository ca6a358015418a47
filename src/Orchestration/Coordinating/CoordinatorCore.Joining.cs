namespace Colony.Orchestration;

/// <content>Workers that come, with or without a state, and how they get close to the members.</content>
public static partial class CoordinatorCore
{
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

        if (turn.State.Geometry is null)
        {
            SampleLedger empty = SampleLedger.Empty(geometry);
            turn.State = turn.State with { Geometry = geometry, Ledger = empty };
            turn.Keep(new RunBegan(geometry, empty));
        }

        // With nobody here who holds the newest state, the checkpoint is the best that a new process can start from.
        bool someoneHolds = turn.State.Workers.Values.Any(w => w.Ready && w.Held >= turn.State.Committed);
        long load = e.HasState || someoneHolds ? 0 : turn.State.LastCheckpoint;
        turn.Put(new WorkerView(e.Worker, e.Address, turn.Now)
        {
            Ready = e.HasState,
            Held = e.Held,
            Digest = e.Digest,
            Generation = e.Generation,
            Ranks = turn.State.Members.FirstOrDefault(m => m.Worker == e.Worker)?.Ranks.Length ?? 0,
        });
        turn.Do(new SendWelcome(e.Worker, load, turn.State.Committed));
        Place(turn, e.Worker);
    }

    private static void Ready(Turn turn, WorkerReady e)
    {
        if (turn.State.Workers.TryGetValue(e.Worker, out WorkerView? view))
        {
            turn.Put(view with { Ready = true, Held = e.Held, Digest = e.Digest, Donor = null });
            Place(turn, e.Worker);
        }
    }

    private static void FellBehind(Turn turn, WorkerFellBehind e)
    {
        if (turn.State.Workers.TryGetValue(e.Worker, out WorkerView? view) && view.Donor == e.Donor)
        {
            turn.Put(view with { Donor = null });
            turn.State = turn.State with
            {
                Why = $"worker '{e.Worker}' could not copy the state of '{e.Donor}' ({e.Reason})",
            };
            Place(turn, e.Worker);
        }
    }

    // What a worker that is no member is told, in each phase.
    private static void Place(Turn turn, string worker)
    {
        switch (turn.State.Phase)
        {
            case RunPhase.Recovering:
                TryRecover(turn);
                break;
            case RunPhase.Gathering:
                TryGather(turn);
                break;
            case RunPhase.Preparing when MayPrepare(turn, turn.State.Workers[worker]):
                turn.State = turn.State with { Asked = turn.State.Asked.Add(worker) };
                turn.Do(new SendPrepare(
                    worker,
                    turn.State.Announced,
                    turn.State.Workers[worker].Generation == turn.State.Generation ? turn.State.StopAfter : 0,
                    $"worker '{worker}' joins"));
                break;
            case RunPhase.Running:
                TakeIn(turn);
                break;
            default:
                break;
        }
    }

    private static bool MayPrepare(Turn turn, WorkerView worker) =>
        turn.State.Drain is null
        && !turn.State.Asked.Contains(worker.Name)
        && turn.State.Asked.Count < turn.State.Options.MaximumWorkers
        && IsEligible(turn, worker)
        && IsClose(turn.State, worker);

    // While members step: every other worker is brought close to them first, and then taken in.
    private static void TakeIn(Turn turn)
    {
        CoordinatorState state = turn.State;
        if (state.Drain is not null || state.Workers.Count <= state.Members.Length)
        {
            return;
        }

        int seats = state.Options.MaximumWorkers - state.Members.Count(m => state.Workers.ContainsKey(m.Worker));
        foreach (WorkerView worker in state.Workers.Values)
        {
            if (turn.IsMember(worker.Name) || !IsEligible(turn, worker))
            {
                continue;
            }

            if (seats-- <= 0)
            {
                break;
            }

            if (IsClose(state, worker))
            {
                if (turn.State.RegroupAt is null)
                {
                    turn.Interrupt("join");
                    AskRegroup(turn, $"worker '{worker.Name}' joins", urgent: false);
                }
            }
            else if (Donor(turn.State) is { } donor)
            {
                turn.Put(worker with { Donor = donor.Worker, Rounds = worker.Rounds + 1 });
                turn.Do(new SendCatchUp(worker.Name, donor.Worker, donor.Address));
            }
        }
    }

    private static bool IsEligible(Turn turn, WorkerView worker) =>
        worker is { Ready: true, Leaving: false, Donor: null } && !IsKeptOut(turn, worker.Name);

    private static bool IsClose(CoordinatorState state, WorkerView worker) =>
        state.Committed - worker.Held <= state.Options.CatchUpLag || worker.Rounds >= state.Options.CatchUpRounds;

    // Whoever serves the fewest others at present; spares first, since they have time.
    private static Member? Donor(CoordinatorState state) => state.Members
        .Where(m => state.Workers.TryGetValue(m.Worker, out WorkerView? w) && w is { Ready: true, Leaving: false })
        .OrderBy(m => state.Workers.Values.Count(w => w.Donor == m.Worker))
        .ThenBy(m => m.Ranks.Length)
        .FirstOrDefault();
}

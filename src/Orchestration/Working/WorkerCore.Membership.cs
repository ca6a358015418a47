namespace Colony.Orchestration;

/// <content>The session with the coordinator, and generations.</content>
public static partial class WorkerCore
{
    private static void Welcome(Turn turn, Welcomed e)
    {
        turn.State = turn.State with { Connected = true, Attempts = 0, Unreported = 0 };
        if (turn.State.HasState)
        {
            turn.Do(new ReportAgain(e.CommittedStep));
            turn.Do(new ReportReady(turn.State.Held, turn.State.Digest));
            if (turn.State.Stuck is { } stuck)
            {
                turn.Do(stuck);
            }

            Continue(turn);
        }
        else if (!turn.State.Busy)
        {
            turn.Work(WorkerPhase.Loading, "loading", new LoadState(e.CheckpointStep));
        }

        if (turn.State.Leaving)
        {
            turn.Do(new ReportLeaving("asked to stop"));
        }
    }

    private static void LoseSession(Turn turn, SessionEnded e)
    {
        WorkerState state = turn.State with
        {
            Connected = false, Announced = null, Answered = 0, Attempts = turn.State.Attempts + 1,
        };
        turn.State = state;
        if (state.Attempts > (state.Leaving ? state.Options.LeaveAttempts : state.Options.ConnectAttempts))
        {
            turn.Exit(state.Leaving ? 0 : ExitUnreachable, $"the coordinator cannot be reached: {e.Reason}");
            return;
        }

        turn.State = state with { Why = $"without a coordinator: {e.Reason}" };
        turn.Open(state.Attempts == 1 ? TimeSpan.Zero : state.Options.ConnectBackoff);

        // What was let go for a generation that now never starts is taken up again.
        Continue(turn);
    }

    private static void Loaded(Turn turn, StateLoaded e)
    {
        turn.State = turn.State with
        {
            Busy = false,
            HasState = true,
            Held = e.Step,
            Digest = e.Digest,
            Phase = WorkerPhase.Waiting,
            Why = $"holding step {e.Step}; waiting for a generation",
        };
        if (turn.State.Pending is null && turn.State.Connected)
        {
            turn.Do(new ReportReady(e.Step, e.Digest));
        }

        Continue(turn);
    }

    private static void Prepare(Turn turn, PrepareTold e)
    {
        WorkerState state = turn.State;
        bool again = e.Generation == state.Announced && state.Answered < e.Generation;
        if ((e.Generation <= state.Generation || e.Generation <= state.Announced) && !again)
        {
            return;
        }

        turn.State = state = state with
        {
            Announced = e.Generation, StopAfter = e.StopAfter, Why = $"generation {e.Generation}: {e.Reason}",
        };
        if (state.Busy && state.HasState)
        {
            bool finishes = state.Phase is WorkerPhase.Digesting
                || (state.Phase is WorkerPhase.Fetching && e.StopAfter > 0) // the others' step needs this member
                || (state.Phase == WorkerPhase.Stepping && state.Held + 1 <= e.StopAfter);
            if (!finishes && state.Phase != WorkerPhase.LettingGo)
            {
                turn.State = state with { Phase = WorkerPhase.LettingGo };
                turn.Do(new CancelWork(e.Reason));
            }

            return;
        }

        Continue(turn);
    }

    private static void AnswerPrepare(Turn turn)
    {
        WorkerState state = turn.State;
        if (state.Announced is not { } generation || state.Answered >= generation)
        {
            return;
        }

        if (state.Digest is null)
        {
            turn.Work(WorkerPhase.Digesting, state.Why, new TakeDigest(state.Held));
            return;
        }

        turn.State = state with { Phase = WorkerPhase.Waiting, Answered = generation };
        turn.Do(new ReportPrepared(generation, state.Held, state.Digest));
    }

    private static void Digested(Turn turn, DigestTaken e)
    {
        turn.State = turn.State with
        {
            Busy = false,
            Phase = WorkerPhase.Waiting,
            Digest = turn.State.Held == e.Step ? e.Digest : turn.State.Digest,
        };
        Continue(turn);
    }

    private static void Start(Turn turn, StartTold e)
    {
        if (e.Generation != turn.State.Announced || turn.State.Answered != e.Generation || turn.State.Busy)
        {
            return;
        }

        turn.State = turn.State with
        {
            Generation = e.Generation,
            Members = e.Members,
            FinalStep = e.FinalStep,
            Base = Needs(turn.State, e) ? e.BaseStep : null,
            BaseDonor = e.Donor,
            Announced = null,
            Stuck = null,
            Phase = WorkerPhase.Waiting,
            Why = $"generation {e.Generation} of {e.Members.Length} workers",
        };
        turn.Do(new EnterGeneration(e.Generation, e.Members, turn.State.Index));
        if (turn.State.Index < 0)
        {
            return;
        }

        Continue(turn);
    }

    // Behind, or ahead by steps that nobody can account for: either way the members' step is another one.
    private static bool Needs(WorkerState state, StartTold e) =>
        state.Held != e.BaseStep
        && e.Donor is { } donor
        && !string.Equals(donor.Worker, state.Options.Worker, StringComparison.Ordinal);

    private static void Fetched(Turn turn, StateFetched e)
    {
        bool outside = turn.State.Phase == WorkerPhase.CatchingUp;
        turn.State = turn.State with
        {
            Busy = false,
            Held = e.Step,
            Digest = e.Digest,
            Donor = null,
            Base = e.Step == turn.State.Base ? null : turn.State.Base,
            Phase = WorkerPhase.Waiting,
        };
        if (outside && turn.State.Connected)
        {
            turn.Do(new ReportReady(e.Step, e.Digest));
        }

        Continue(turn);
    }

    private static void Leave(Turn turn, LeaveAsked e)
    {
        if (turn.State.Leaving)
        {
            return;
        }

        turn.State = turn.State with { Leaving = true, Why = e.Reason };
        if (turn.State.Connected)
        {
            turn.Do(new ReportLeaving(e.Reason));
        }
        else if (turn.State.Generation == 0)
        {
            turn.Exit(0, e.Reason);
        }
    }
}

using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>
/// A worker's decisions: <c>(state, event) → (state, effects, reason)</c>. At most one piece of work (a load, a fetch
/// or a step) is in flight; a new generation waits until it is let go, so no two ever touch the state together.
/// </summary>
public static class WorkerCore
{
    /// <summary>Exit code when the coordinator cannot be reached any more.</summary>
    public const int ExitUnreachable = 3;

    /// <summary>Decides what an event changes.</summary>
    public static Decision<WorkerState, WorkerEffect> Decide(WorkerState state, WorkerEvent happened)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(happened);
        var turn = new Turn(state);
        if (state.Phase != WorkerPhase.Ended)
        {
            Handle(turn, happened);
        }

        return new(
            turn.State,
            turn.Effects.ToImmutable(),
            string.Equals(turn.State.Why, state.Why, StringComparison.Ordinal) ? string.Empty : turn.State.Why);
    }

    private static void Handle(Turn turn, WorkerEvent happened)
    {
        switch (happened)
        {
            case WorkerStarted: turn.Open(TimeSpan.Zero); break;
            case Welcomed e: Welcome(turn, e); break;
            case SessionEnded e: LoseSession(turn, e); break;
            case StateLoaded e: Loaded(turn, e.Step, e.Digest); break;
            case PrepareTold e: Prepare(turn, e); break;
            case StartTold e: Start(turn, e); break;
            case StepDone e: Stepped(turn, e); break;
            case WorkLetGo: LetGo(turn); break;
            case PeerLost e: LosePeer(turn, e); break;
            case StateFetched e: Fetched(turn, e); break;
            case HandedOver e: Finish(turn, e); break;
            case WorkFailed e: Fail(turn, e); break;
            case LeaveAsked e: Leave(turn, e); break;
            case GoodbyeTold e: turn.Exit(e.ExitCode, e.Reason); break;
            default: throw new InvalidOperationException($"no decision for {happened.GetType().Name}");
        }
    }

    private static void Welcome(Turn turn, Welcomed e)
    {
        turn.State = turn.State with { Connected = true, Attempts = 0, Unreported = 0 };
        if (!turn.State.HasState)
        {
            if (!turn.State.Busy)
            {
                turn.Work(WorkerPhase.Loading, "loading", new LoadState(e.CheckpointStep));
            }
        }
        else
        {
            turn.Do(new ReportAgain(e.CommittedStep));
            Continue(turn);
        }

        if (turn.State.Leaving)
        {
            turn.Do(new ReportLeaving("asked to stop"));
        }
    }

    private static void LoseSession(Turn turn, SessionEnded e)
    {
        WorkerState state = turn.State with { Connected = false, Announced = null, Attempts = turn.State.Attempts + 1 };
        turn.State = state;
        if (state.Leaving || state.Attempts > state.Options.ConnectAttempts)
        {
            turn.Exit(state.Leaving ? 0 : ExitUnreachable, $"the coordinator cannot be reached: {e.Reason}");
            return;
        }

        turn.State = state with { Why = $"without a coordinator: {e.Reason}" };
        turn.Open(state.Attempts == 1 ? TimeSpan.Zero : state.Options.ConnectBackoff);
    }

    private static void Loaded(Turn turn, long step, ulong digest)
    {
        turn.State = turn.State with
        {
            Busy = false, HasState = true, Held = step, Digest = digest, Phase = WorkerPhase.Waiting,
            Why = $"holding step {step}; waiting for a generation",
        };
        AnswerPrepare(turn);
    }

    private static void Prepare(Turn turn, PrepareTold e)
    {
        if (e.Generation <= turn.State.Generation || e.Generation < turn.State.Announced)
        {
            return;
        }

        turn.State = turn.State with { Announced = e.Generation, Why = $"generation {e.Generation}: {e.Reason}" };
        if (!turn.State.HasState)
        {
            return;
        }

        if (turn.State.Busy)
        {
            turn.State = turn.State with { Phase = WorkerPhase.LettingGo };
            turn.Do(new CancelWork(e.Reason));
        }

        AnswerPrepare(turn);
    }

    private static void AnswerPrepare(Turn turn)
    {
        WorkerState state = turn.State;
        if (state.Announced is { } generation && !state.Busy && state.HasState)
        {
            turn.State = state with { Phase = WorkerPhase.Waiting };
            turn.Do(new ReportPrepared(generation, state.Held, state.Digest));
        }
    }

    private static void Start(Turn turn, StartTold e)
    {
        if (e.Generation != turn.State.Announced || turn.State.Busy)
        {
            return;
        }

        turn.State = turn.State with
        {
            Generation = e.Generation, Members = e.Members, FinalStep = e.FinalStep, Announced = null,
            Phase = WorkerPhase.Waiting, Why = $"generation {e.Generation} of {e.Members.Length} workers",
        };
        turn.Do(new EnterGeneration(e.Generation, e.Members, turn.State.Index));
        if (turn.State.Index < 0)
        {
            return;
        }

        bool donates = string.Equals(e.Donor?.Worker, turn.State.Options.Worker, StringComparison.Ordinal);
        if (e.Donor is not null && !donates && turn.State.Held != e.BaseStep)
        {
            turn.Work(
                WorkerPhase.Fetching, $"copying step {e.BaseStep} from '{e.Donor.Worker}'",
                new FetchState(e.Generation, e.Donor, e.BaseStep));
            return;
        }

        Continue(turn);
    }

    private static void Fetched(Turn turn, StateFetched e)
    {
        turn.State = turn.State with { Busy = false, Held = e.Step, Digest = e.Digest };
        Continue(turn);
    }

    private static void Stepped(Turn turn, StepDone e)
    {
        WorkerState state = turn.State with
        {
            Busy = false, Held = e.Step, Digest = e.Digest,
            Unreported = turn.State.Connected ? 0 : turn.State.Unreported + 1,
        };
        turn.State = state;
        bool last = e.Step == state.FinalStep;
        turn.Do(new ReportApplied(state.Generation, e.Step));
        if (!last)
        {
            if (Due(e.Step, state.Options.CheckpointEvery))
            {
                turn.Do(new WritePart(state.Generation, e.Step, state.Index, state.Members.Length));
            }

            if (state.Index == 0 && Due(e.Step, state.Options.EvaluateEvery))
            {
                turn.Do(new TakeSnapshot(state.Generation, e.Step));
            }
        }

        Continue(turn);
    }

    private static bool Due(long step, long every) => every > 0 && step % every == 0;

    // What comes next when nothing is in flight: answer a Prepare, run the next step, or hand over the last one.
    private static void Continue(Turn turn)
    {
        WorkerState state = turn.State;
        if (state.Busy)
        {
            return;
        }

        if (state.Announced is not null)
        {
            AnswerPrepare(turn);
            return;
        }

        if (state.Index < 0 || state.Phase is WorkerPhase.Finished)
        {
            return;
        }

        if (!state.Connected && state.Unreported >= WorkerOptions.ReportsKept)
        {
            turn.State = state with { Why = $"{state.Unreported} steps without a coordinator; waiting for one" };
            return;
        }

        if (state.Held < state.FinalStep)
        {
            Member me = state.Members[state.Index];
            turn.Work(
                WorkerPhase.Stepping, $"stepping in generation {state.Generation}",
                new RunStep(state.Generation, state.Held + 1, me.FirstRank, me.EndRank));
            return;
        }

        turn.Do(new WritePart(state.Generation, state.Held, state.Index, state.Members.Length));
        if (state.Index == 0)
        {
            turn.Do(new TakeSnapshot(state.Generation, state.Held));
        }

        turn.Work(WorkerPhase.HandingOver, $"handing over step {state.Held}", new HandOver(state.Held));
    }

    private static void Finish(Turn turn, HandedOver e)
    {
        turn.State = turn.State with
        {
            Busy = false, Phase = WorkerPhase.Finished, Why = $"step {e.Step} is handed over",
        };
        turn.Do(new ReportFinished(turn.State.Generation, e.Step, e.WeightsSha256));
        AnswerPrepare(turn);
    }

    private static void LetGo(Turn turn)
    {
        turn.State = turn.State with { Busy = false, Phase = WorkerPhase.Waiting };
        AnswerPrepare(turn);
    }

    private static void LosePeer(Turn turn, PeerLost e)
    {
        WorkerState state = turn.State with
        {
            Busy = false, Phase = WorkerPhase.Waiting, Why = $"cannot reach '{e.Peer}': {e.Reason}",
        };
        turn.State = state;
        if (state.Announced is null)
        {
            turn.Do(new ReportLink(state.Generation, e.Peer, e.Reason));
        }

        AnswerPrepare(turn);
    }

    private static void Fail(Turn turn, WorkFailed e)
    {
        turn.Do(new ReportFailed(e.Reason, e.Fatal));
        turn.Exit(e.Fatal ? 2 : 1, e.Reason);
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

    private sealed class Turn(WorkerState state)
    {
        public WorkerState State { get; set; } = state;

        public ImmutableArray<WorkerEffect>.Builder Effects { get; } = ImmutableArray.CreateBuilder<WorkerEffect>();

        public void Do(WorkerEffect effect) => Effects.Add(effect);

        public void Open(TimeSpan after) => Do(new OpenSession(after, State.Held, State.Digest, State.Generation));

        public void Work(WorkerPhase phase, string why, WorkerEffect work)
        {
            State = State with { Phase = phase, Busy = true, Why = why };
            Do(work);
        }

        public void Exit(int code, string reason)
        {
            State = State with { Phase = WorkerPhase.Ended, Why = reason };
            Do(new ExitWorker(code, reason));
        }
    }
}

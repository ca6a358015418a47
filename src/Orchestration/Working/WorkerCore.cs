using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>
/// A worker's decisions: <c>(state, event) → (state, effects, reason)</c>. At most one piece of work (a load, a copy
/// or a step) is in flight; whatever would touch the state waits until it is let go.
/// </summary>
public static partial class WorkerCore
{
    /// <summary>Exit code when the coordinator, or a store, cannot be reached.</summary>
    public const int ExitUnreachable = 3;

    /// <summary>Exit code of a worker that was set aside because its bits differ.</summary>
    public const int ExitSetAside = 4;

    /// <summary>Exit code when the run failed, whoever was at fault.</summary>
    public const int ExitRunFailed = 5;

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
            case StateLoaded e: Loaded(turn, e); break;
            case PrepareTold e: Prepare(turn, e); break;
            case StartTold e: Start(turn, e); break;
            case CatchUpTold or LoadTold: Redirect(turn, happened); break;
            case StepDone e: Stepped(turn, e); break;
            case WorkLetGo e: LetGo(turn, e); break;
            case PeerLost e: LosePeer(turn, e); break;
            case DigestsDiffered e: Differ(turn, e); break;
            case DigestTaken e: Digested(turn, e); break;
            case StateFetched e: Fetched(turn, e); break;
            case HandedOver e: Finish(turn, e); break;
            case WorkFailed e: Fail(turn, e); break;
            case LeaveAsked e: Leave(turn, e); break;
            case GoodbyeTold e: turn.Exit(e.ExitCode, e.Reason); break;
            default: throw new InvalidOperationException($"no decision for {happened.GetType().Name}");
        }
    }

    // What comes next when nothing is in flight.
    private static void Continue(Turn turn)
    {
        WorkerState state = turn.State;
        if (state.Busy)
        {
            return;
        }

        if (state.Pending is { } pending)
        {
            turn.State = state with { Pending = null };
            Take(turn, pending);
            return;
        }

        if (!state.HasState)
        {
            return;
        }

        if (state.Announced is not null && (state.Held >= state.StopAfter || !CanStep(state)))
        {
            AnswerPrepare(turn);
            return;
        }

        if (!CanStep(state))
        {
            TakeBase(turn);
            return;
        }

        if (!state.Connected && state.Unreported >= WorkerOptions.ReportsKept)
        {
            turn.State = state with { Why = $"{state.Unreported} steps without a coordinator; waiting for one" };
            return;
        }

        if (state.Held < state.FinalStep)
        {
            turn.Work(
                WorkerPhase.Stepping, $"stepping in generation {state.Generation}",
                new RunStep(state.Generation, state.Held + 1, state.Members[state.Index].Ranks));
            return;
        }

        turn.Do(new WritePart(state.Generation, state.Held, state.Index, state.Members.Length));
        if (state.Index == 0)
        {
            turn.Do(new TakeSnapshot(state.Generation, state.Held));
        }

        turn.Work(WorkerPhase.HandingOver, $"handing over step {state.Held}", new HandOver(state.Held));
    }

    private static bool CanStep(WorkerState state) =>
        state.Index >= 0 && state.Stuck is null && state.Base is null && state.Phase != WorkerPhase.Finished;

    // A copy that was let go for a generation that never started is begun again: no step may come before it.
    private static void TakeBase(Turn turn)
    {
        WorkerState state = turn.State;
        if (state.Index >= 0 && state.Stuck is null && state.Base is { } step && state.BaseDonor is { } donor)
        {
            turn.State = state with { Donor = donor.Worker };
            turn.Work(
                WorkerPhase.Fetching, $"copying step {step} from '{donor.Worker}'",
                new CopyState(donor.Worker, donor.Address, step));
        }
    }

    private static void Take(Turn turn, WorkerEvent told)
    {
        switch (told)
        {
            case LoadTold e:
                turn.Work(WorkerPhase.Loading, $"going back to step {e.Step}: {e.Reason}", new LoadState(e.Step));
                break;
            case CatchUpTold e:
                turn.State = turn.State with { Donor = e.Donor };
                turn.Work(
                    WorkerPhase.CatchingUp, $"copying the state of '{e.Donor}'",
                    new CopyState(e.Donor, e.Address, null));
                break;
            default:
                throw new InvalidOperationException($"nothing is to be done for {told.GetType().Name}");
        }
    }

    // Out of any generation, to another state: this worker was away, or all go back.
    private static void Redirect(Turn turn, WorkerEvent told)
    {
        if (told is CatchUpTold && (turn.State.Phase == WorkerPhase.CatchingUp || !turn.State.HasState))
        {
            return;
        }

        if (turn.State.Members.Length > 0)
        {
            turn.Do(new LeaveGeneration());
        }

        turn.State = turn.State with
        {
            Pending = told,
            Members = [],
            Base = null,
            Announced = null,
            Stuck = null,
            HasState = turn.State.HasState && told is not LoadTold,
        };
        if (turn.State.Busy)
        {
            turn.Do(new CancelWork("another state is to be taken"));
        }
        else
        {
            Continue(turn);
        }
    }

    private static void Stepped(Turn turn, StepDone e)
    {
        WorkerState state = turn.State with
        {
            Busy = false,
            Held = e.Step,
            Digest = e.Digest,
            Unreported = turn.State.Connected ? 0 : turn.State.Unreported + 1,
        };
        turn.State = state;
        turn.Do(new ReportApplied(state.Generation, e.Step));
        if (e.Step != state.FinalStep && state.Index >= 0)
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

    private static void Finish(Turn turn, HandedOver e)
    {
        turn.State = turn.State with
        {
            Busy = false, Phase = WorkerPhase.Finished, Why = $"step {e.Step} is handed over",
        };
        turn.Do(new ReportFinished(turn.State.Generation, e.Step, e.WeightsSha256));
        Continue(turn);
    }

    // A copy that was broken off leaves a whole state, of the step before or of a later one.
    private static void Arrive(Turn turn, HeldState? held)
    {
        if (held is not null)
        {
            turn.State = turn.State with { Held = held.Step, Digest = held.Digest };
        }
    }

    private static void LetGo(Turn turn, WorkLetGo e)
    {
        Arrive(turn, e.Held);
        turn.State = turn.State with { Busy = false, Phase = WorkerPhase.Waiting, Donor = null };
        Continue(turn);
    }

    private static void LosePeer(Turn turn, PeerLost e)
    {
        Arrive(turn, e.Held);
        WorkerState state = turn.State with
        {
            Busy = false, Phase = WorkerPhase.Waiting, Donor = null, Why = $"cannot reach '{e.Peer}': {e.Reason}",
        };
        if (turn.State.Phase == WorkerPhase.CatchingUp)
        {
            turn.State = state;
            turn.Do(new ReportReady(state.Held, state.Digest));
            turn.Do(new ReportFellBehind(e.Peer, e.Reason));
        }
        else if (state.Index >= 0)
        {
            var report = new ReportLink(state.Generation, e.Peer, e.Reason, e.SecondHand);
            turn.State = state with { Stuck = report };
            turn.Do(report);
        }
        else
        {
            turn.State = state;
        }

        Continue(turn);
    }

    private static void Differ(Turn turn, DigestsDiffered e)
    {
        var report = new ReportDigests(turn.State.Generation, e.Step, e.Digests);
        turn.State = turn.State with
        {
            Busy = false,
            Phase = WorkerPhase.Waiting,
            Stuck = turn.State.Index >= 0 ? report : null,
            Why = $"the digests of step {e.Step} differ",
        };
        turn.Do(report);
        Continue(turn);
    }

    private static void Fail(Turn turn, WorkFailed e)
    {
        turn.Do(new ReportFailed(e.Reason, e.Fatal));
        turn.Exit(e.Fatal ? 2 : e.MayPass ? ExitUnreachable : 1, e.Reason);
    }

    private sealed class Turn(WorkerState state)
    {
        public WorkerState State { get; set; } = state;

        public ImmutableArray<WorkerEffect>.Builder Effects { get; } = ImmutableArray.CreateBuilder<WorkerEffect>();

        public void Do(WorkerEffect effect) => Effects.Add(effect);

        public void Open(TimeSpan after) =>
            Do(new OpenSession(after, State.Held, State.Digest, State.HasState, State.Generation));

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

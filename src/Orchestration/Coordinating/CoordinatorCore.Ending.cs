namespace Colony.Orchestration;

/// <content>The end of a run.</content>
public static partial class CoordinatorCore
{
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

        CoordinatorState before = turn.State;
        string waitedFor = before.LastCheckpoint < before.FinalStep ? Goodput.Checkpoint : Goodput.Evaluation;
        turn.State = before with
        {
            Goodput = before.Goodput.LostUntil(
                turn.Now, before.Phase == RunPhase.Finishing ? waitedFor : Interrupting(before) ?? Goodput.Checkpoint),
        };
        turn.Enter(RunPhase.Ended, reason);
        turn.State = turn.State with { Asked = turn.State.Asked.Clear(), Failed = outcome == RunOutcome.Failed };

        // First: a coordinator that cannot write it and starts again would wait for workers that are gone.
        turn.Keep(new RunEnded(outcome, reason, turn.State.WeightsSha256));
        foreach (WorkerView worker in turn.State.Workers.Values)
        {
            turn.Do(new SendGoodbye(worker.Name, reason, ExitOf(turn.State)));
        }

        turn.Do(new SendEvaluatorGoodbye(reason));
        turn.Do(new EndRun(outcome, reason));
    }

    private static int ExitOf(CoordinatorState state) => state.Failed ? WorkerCore.ExitRunFailed : 0;

    // A coordinator that died at the end may have told nobody: its workers come back to be told.
    private static void EndAgain(Turn turn, string reason)
    {
        turn.State = turn.State with
        {
            Asked = turn.State.Asked.Clear().Union(turn.State.Members.Select(m => m.Worker)),
        };
        turn.Enter(RunPhase.Ended, reason);
        TryGo(turn);
    }

    private static void AfterTheEnd(Turn turn, CoordinatorEvent happened)
    {
        CoordinatorState state = turn.State;
        switch (happened)
        {
            case WorkerJoined e:
                turn.Do(new SendGoodbye(e.Worker, "the run is over", ExitOf(state)));
                if (state.Asked.Contains(e.Worker))
                {
                    turn.State = state with { Asked = state.Asked.Remove(e.Worker) };
                    TryGo(turn);
                }

                break;
            case EvaluatorJoined: turn.Do(new SendEvaluatorGoodbye("the run is over")); break;
            case CheckpointCommitted e:
                turn.State = state with { LastCheckpoint = Math.Max(state.LastCheckpoint, e.Step) };
                break;
            case Ticked when !state.Asked.IsEmpty && turn.Now - state.PhaseSince > state.Options.RejoinWait:
                turn.State = state with { Asked = state.Asked.Clear() };
                TryGo(turn);
                break;
            default: break;
        }
    }

    private static void TryGo(Turn turn)
    {
        if (turn.State.Asked.IsEmpty)
        {
            turn.Do(new EndRun(RunOutcome.Completed, turn.State.Why));
        }
    }
}

using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <content>Snapshots and the evaluator, which never holds the workers up.</content>
public static partial class CoordinatorCore
{
    private static void SnapshotTaken(Turn turn, WorkerHasSnapshot e)
    {
        EvaluatorView evaluator = turn.State.Evaluator;
        if (!turn.State.Workers.TryGetValue(e.Worker, out WorkerView? view)
            || e.Step <= Math.Max(evaluator.LastStep, evaluator.Busy?.Step ?? 0)
            || e.Step < evaluator.Waiting?.Step)
        {
            return;
        }

        // Only the newest waits: an evaluator that is slower than training skips, it never lags behind.
        var snapshot = new Snapshot(e.Step, e.Worker, view.Address);
        turn.State = turn.State with { Evaluator = evaluator with { Waiting = snapshot } };
        Announce(turn);
    }

    private static void EvaluatorConnected(Turn turn)
    {
        turn.State = turn.State with { Evaluator = Idle(turn.State.Evaluator) with { Connected = true } };
        Announce(turn);
    }

    // What it was amid when its session ended is given to it once more, unless something newer waits: more often, one
    // that dies of a snapshot would die for ever.
    private static EvaluatorView Idle(EvaluatorView evaluator) =>
        evaluator is { Busy: { } given, Waiting: null } && given.Step != evaluator.Twice
            ? evaluator with { Busy = null, Waiting = given, Twice = given.Step }
            : evaluator with { Busy = null };

    private static void EvaluatorLost(Turn turn, string reason)
    {
        if (!turn.State.Evaluator.Connected)
        {
            return;
        }

        turn.State = turn.State with
        {
            Evaluator = Idle(turn.State.Evaluator) with { Connected = false },
            Why = $"the evaluator is gone ({reason})",
        };
        TryEnd(turn);
    }

    private static void Judged(Turn turn, EvaluatorJudged e)
    {
        if (e.Decides)
        {
            MarkOrWait(turn, e.Step);
        }

        if (e.More)
        {
            return;
        }

        EvaluatorView evaluator = turn.State.Evaluator;
        turn.State = turn.State with
        {
            Evaluator = evaluator with
            {
                Busy = null,
                Waiting = evaluator.Waiting?.Step <= e.Step ? null : evaluator.Waiting,
                LastStep = Math.Max(evaluator.LastStep, e.Step),
            },
        };
        turn.Keep(new SnapshotJudged(e.Step));
        Announce(turn);
        TryEnd(turn);
    }

    // Only what is kept can be pulled as the best.
    private static void MarkOrWait(Turn turn, long step)
    {
        CoordinatorState state = turn.State;
        if (!Due(step, state.Options) && step < state.FinalStep)
        {
            return;
        }

        if (step <= state.LastCheckpoint)
        {
            turn.Do(new MarkBest(step));
            return;
        }

        turn.State = state with
        {
            Evaluator = state.Evaluator with { Unmarked = state.Evaluator.Unmarked.Add(step) },
        };
    }

    /// <summary>A checkpoint is complete: what waited for it is marked, what was older never came.</summary>
    private static void MarkWaiting(Turn turn, long step)
    {
        ImmutableSortedSet<long> unmarked = turn.State.Evaluator.Unmarked;
        if (unmarked.Contains(step))
        {
            turn.Do(new MarkBest(step));
        }

        turn.State = turn.State with
        {
            Evaluator = turn.State.Evaluator with { Unmarked = unmarked.Except(unmarked.Where(s => s <= step)) },
        };
    }

    private static void EvaluationFailed(Turn turn, EvaluatorBroke e)
    {
        EvaluatorView evaluator = turn.State.Evaluator;
        long given = evaluator.Busy?.Step ?? 0;
        turn.State = turn.State with
        {
            // A snapshot that cannot be judged is not asked for again: the run would never end.
            Evaluator = evaluator with { Busy = null, LastStep = Math.Max(evaluator.LastStep, given) },
            Why = $"the evaluation of step {given} failed: {e.Reason}",
        };
        Announce(turn);
        TryEnd(turn);
    }

    private static void Announce(Turn turn)
    {
        EvaluatorView evaluator = turn.State.Evaluator;
        if (!evaluator.Connected || evaluator.Busy is not null || evaluator.Waiting is not { } snapshot)
        {
            return;
        }

        turn.State = turn.State with { Evaluator = evaluator with { Busy = snapshot, Waiting = null } };
        turn.Do(new AnnounceSnapshot(snapshot, snapshot.Step >= (turn.State.Geometry?.FinalStep ?? long.MaxValue)));
    }
}

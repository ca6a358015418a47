namespace Colony.Orchestration;

/// <content>Snapshots and the evaluator, which never holds the workers up.</content>
public static partial class CoordinatorCore
{
    private static void SnapshotTaken(Turn turn, WorkerHasSnapshot e)
    {
        if (!turn.State.Workers.TryGetValue(e.Worker, out WorkerView? view) || e.Step <= turn.State.Evaluator.LastStep)
        {
            return;
        }

        // Only the newest waits: an evaluator that is slower than training skips, it never lags behind.
        var snapshot = new Snapshot(e.Step, e.Worker, view.Address);
        turn.State = turn.State with { Evaluator = turn.State.Evaluator with { Waiting = snapshot } };
        Announce(turn);
    }

    private static void EvaluatorConnected(Turn turn)
    {
        turn.State = turn.State with { Evaluator = turn.State.Evaluator with { Connected = true, Busy = null } };
        Announce(turn);
    }

    private static void EvaluatorLost(Turn turn, string reason)
    {
        if (!turn.State.Evaluator.Connected)
        {
            return;
        }

        turn.State = turn.State with
        {
            Evaluator = turn.State.Evaluator with { Connected = false, Busy = null },
            Why = $"the evaluator is gone ({reason})",
        };
        TryEnd(turn);
    }

    private static void Judged(Turn turn, EvaluatorJudged e)
    {
        EvaluatorView evaluator = turn.State.Evaluator;
        bool best = evaluator.BestRsum is not { } rsum || e.Rsum > rsum;
        turn.State = turn.State with
        {
            Evaluator = evaluator with
            {
                Busy = null,
                LastStep = Math.Max(evaluator.LastStep, e.Step),
                BestRsum = best ? e.Rsum : evaluator.BestRsum,
            },
        };
        turn.Keep(new SnapshotJudged(e.Step, e.Rsum));
        if (best)
        {
            turn.Do(new MarkBest(e.Step, e.Rsum));
        }

        Announce(turn);
        TryEnd(turn);
    }

    private static void EvaluationFailed(Turn turn, EvaluatorBroke e)
    {
        EvaluatorView evaluator = turn.State.Evaluator;
        long given = evaluator.Busy ?? 0;
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

        turn.State = turn.State with { Evaluator = evaluator with { Busy = snapshot.Step, Waiting = null } };
        turn.Do(new AnnounceSnapshot(snapshot, snapshot.Step >= (turn.State.Geometry?.FinalStep ?? long.MaxValue)));
    }
}

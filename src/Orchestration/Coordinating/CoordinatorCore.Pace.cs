using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <content>Workers that are slower than the others.</content>
public static partial class CoordinatorCore
{
    /// <summary>Weight of the newest step in a worker's pace.</summary>
    private const double PaceWeight = 0.2;

    /// <summary>Steps before a pace is believed.</summary>
    private const int PaceSteps = 10;

    /// <summary>A slow worker is ordinary again at this part of the factor; between the two nothing changes.</summary>
    private const double PaceRelief = 0.75;

    /// <summary>The least part of an ordinary worker's ranks that a slow one is left with.</summary>
    private const double LeastShare = 0.1;

    private static WorkerView Measure(WorkerView view, WorkerApplied e, CoordinatorState state)
    {
        if (view.Ranks == 0 || !(e.Seconds.Compute > 0) || e.Generation != state.Generation)
        {
            return view;
        }

        double pace = e.Seconds.Compute / view.Ranks;
        return view with
        {
            Pace = view.Paced == 0 ? pace : ((1 - PaceWeight) * view.Pace) + (PaceWeight * pace),
            Paced = view.Paced + 1,
        };
    }

    private static void WatchPace(Turn turn)
    {
        CoordinatorState state = turn.State;
        WorkerView[] paced =
        [
            .. state.Members.Select(m => state.Workers.GetValueOrDefault(m.Worker)).OfType<WorkerView>()
                .Where(w => w.Paced >= PaceSteps),
        ];
        if (paced.Length < 2 || state.Phase != RunPhase.Running || state.Committed % PaceSteps != 0)
        {
            return;
        }

        foreach (WorkerView worker in paced)
        {
            double others = Median([.. paced.Where(w => w.Name != worker.Name).Select(w => w.Pace)]);
            double ratio = worker.Pace / others;
            bool slow = ratio > state.Options.SlowFactor * (worker.Slow ? PaceRelief : 1);
            if (slow != worker.Slow)
            {
                turn.Put(worker with { Slow = slow });
                turn.Do(new SlowNoticed(worker.Name, slow, FormattableString.Invariant(
                    $"worker '{worker.Name}' takes {worker.Pace:0.000} s for a logical rank, ")
                    + FormattableString.Invariant($"the others {others:0.000} s")));
                MoveRanks(turn, worker.Name, slow);
            }
        }
    }

    private static void MoveRanks(Turn turn, string worker, bool slow)
    {
        CoordinatorState state = turn.State;
        bool lately = state.SlowRegroup is { } last && turn.Now - last < state.Options.SlowRegroupEvery;
        if (state.Options.MoveRanksFromSlow && !lately && state.RegroupAt is null)
        {
            turn.State = state with { SlowRegroup = turn.Now };
            turn.Interrupt("slow");
            AskRegroup(turn, $"worker '{worker}' is {(slow ? "slow" : "no longer slow")}", urgent: false);
        }
    }

    private static Candidate Candidate(CoordinatorState state, WorkerView worker)
    {
        if (!state.Options.MoveRanksFromSlow || !worker.Slow)
        {
            return new Candidate(worker.Name, worker.Address);
        }

        double others = Median([.. state.Workers.Values.Where(w => w.Paced > 0 && !w.Slow).Select(w => w.Pace)]);
        double share = double.IsFinite(others) ? Math.Clamp(others / worker.Pace, LeastShare, 1) : 1;
        return new Candidate(worker.Name, worker.Address, share);
    }

    private static double Median(double[] values)
    {
        Array.Sort(values);
        return values.Length == 0 ? double.NaN : values[values.Length / 2];
    }
}

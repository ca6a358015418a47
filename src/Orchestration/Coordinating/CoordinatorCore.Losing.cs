using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <content>Workers that go: of themselves, dead, hung, cut off.</content>
public static partial class CoordinatorCore
{
    /// <summary>Names whose losses are remembered.</summary>
    private const int FlapsKept = 1024;

    private static void Lose(Turn turn, string worker, string cause, string reason)
    {
        if (!turn.State.Workers.TryGetValue(worker, out WorkerView? lost))
        {
            return;
        }

        turn.State = turn.State with { Workers = turn.State.Workers.Remove(worker) };
        string why = $"worker '{worker}' is gone ({reason})";
        if (!lost.Leaving)
        {
            why += CountLoss(turn, worker);
        }

        bool asked = turn.State.Asked.Contains(worker);
        switch (turn.State.Phase)
        {
            case RunPhase.Preparing when asked:
                turn.Interrupt(lost.Leaving ? "leave" : cause);
                turn.State = turn.State with { Asked = turn.State.Asked.Remove(worker), Why = why };
                Escalate(turn, why);
                TryStart(turn);
                break;
            case RunPhase.Running or RunPhase.Finishing when turn.IsMember(worker):
                turn.Interrupt(lost.Leaving ? "leave" : cause);
                AskRegroup(turn, why, urgent: true);
                break;
            default:
                turn.State = turn.State with { Why = why };
                break;
        }

        if (turn.State.Workers.IsEmpty && turn.State.Drain is not null && turn.State.Phase != RunPhase.Ended)
        {
            turn.Enter(RunPhase.Gathering, $"{turn.State.Drain}; the last worker is gone and may come back");
        }
    }

    // A worker that comes and goes costs a regroup each time; it is kept out for longer and longer.
    private static string CountLoss(Turn turn, string worker)
    {
        CoordinatorOptions options = turn.State.Options;
        var flap = FlapRecord.After(
            turn.State.Flaps.GetValueOrDefault(worker), turn.Now, options.FlapLimit, options.FlapWindow,
            options.FlapBackoff, options.FlapBackoffLimit);
        turn.State = turn.State with { Flaps = Remember(turn.State.Flaps, worker, flap) };
        TimeSpan wait = flap.NotBefore - turn.Now;
        return wait > TimeSpan.Zero
            ? FormattableString.Invariant(
                $"; it was lost {flap.Losses} times in a row and is kept out for {wait.TotalSeconds:0.#} s")
            : string.Empty;
    }

    private static ImmutableSortedDictionary<string, FlapRecord> Remember(
        ImmutableSortedDictionary<string, FlapRecord> flaps, string worker, FlapRecord flap)
    {
        ImmutableSortedDictionary<string, FlapRecord> all = flaps.SetItem(worker, flap);
        return all.Count > FlapsKept ? all.Remove(all.MinBy(f => f.Value.Last).Key) : all;
    }

    private static void Leave(Turn turn, WorkerLeft e)
    {
        if (!turn.State.Workers.TryGetValue(e.Worker, out WorkerView? view) || view.Leaving)
        {
            return;
        }

        turn.Put(view with { Leaving = true });
        if (turn.State.Phase == RunPhase.Recovering)
        {
            return; // who is a member is settled first
        }

        if (!turn.IsMember(e.Worker) && !turn.State.Asked.Contains(e.Worker))
        {
            turn.State = turn.State with { Workers = turn.State.Workers.Remove(e.Worker) };
            turn.Do(new SendGoodbye(e.Worker, e.Reason, 0));
            return;
        }

        if (turn.State.Phase is RunPhase.Running or RunPhase.Finishing)
        {
            turn.Interrupt("leave");
            AskRegroup(turn, $"worker '{e.Worker}' leaves ({e.Reason})", urgent: false);
        }
        else if (turn.State.Phase == RunPhase.Gathering)
        {
            TryGather(turn);
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

    private static void ReleaseLeavers(Turn turn)
    {
        foreach (WorkerView leaver in turn.State.Workers.Values.Where(w => w.Leaving).ToArray())
        {
            if (!turn.IsMember(leaver.Name) && !turn.State.Asked.Contains(leaver.Name))
            {
                turn.State = turn.State with { Workers = turn.State.Workers.Remove(leaver.Name) };
                turn.Do(new SendGoodbye(leaver.Name, "it asked to leave", 0));
            }
        }
    }
}

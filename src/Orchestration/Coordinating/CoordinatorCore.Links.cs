namespace Colony.Orchestration;

/// <content>Links between workers that break, once or for good.</content>
public static partial class CoordinatorCore
{
    /// <summary>Broken links that are remembered; no step was committed since the oldest.</summary>
    private const int LinksKept = 64;

    private static void LinkLost(Turn turn, WorkerLostLink e)
    {
        if (e.Generation != turn.State.Generation)
        {
            return;
        }

        string why = $"worker '{e.Worker}' cannot reach '{e.Peer}' ({e.Reason})";
        if (turn.State.Phase is RunPhase.Running or RunPhase.Finishing or RunPhase.Preparing)
        {
            why += Blame(turn, e);
        }

        switch (turn.State.Phase)
        {
            case RunPhase.Running or RunPhase.Finishing:
                if (turn.State.RegroupAt is null)
                {
                    turn.Interrupt("link");
                }

                AskRegroup(turn, why, urgent: true);
                break;
            case RunPhase.Preparing:
                Escalate(turn, why); // the others cannot finish the step in flight without it
                break;
            case RunPhase.Recovering:
                turn.State = turn.State with { Urgent = true, Why = why };
                break;
            default:
                break;
        }
    }

    // A link that breaks is made anew with the next generation. One that breaks again before any step was committed is
    // cut for good, as far as anybody can tell: with both its ends no generation would ever step, without one the
    // others can.
    private static string Blame(Turn turn, WorkerLostLink e)
    {
        CoordinatorState state = turn.State;
        bool told = state.BrokenLinks.Any(l => l.Generation == e.Generation && l.Joins(e.Worker, e.Peer));
        bool both = state.Workers.ContainsKey(e.Peer) && turn.IsMember(e.Peer) && turn.IsMember(e.Worker);
        if (e.SecondHand || told || !both)
        {
            return string.Empty; // an end that died is left out anyway
        }

        bool again = state.BrokenLinks.Any(l => l.Joins(e.Worker, e.Peer));
        turn.State = state with
        {
            BrokenLinks =
            [
                .. state.BrokenLinks.TakeLast(LinksKept - 1), new BrokenLink(e.Generation, e.Worker, e.Peer),
            ],
        };
        string? suspect = new[] { e.Peer, e.Worker }.Where(w => IsOnProbation(turn, w))
            .MaxBy(w => turn.State.Flaps[w].Losses);
        return suspect is not null ? LeaveOut(turn, suspect)
            : again ? LeaveOut(turn, Worse(turn.State, e.Worker, e.Peer))
            : string.Empty;
    }

    // Whoever has no state to go on with; else the one with more broken links; else the one that was not reached.
    private static string Worse(CoordinatorState state, string worker, string peer)
    {
        bool Holds(string name) => state.Workers[name] is { Ready: true } view && view.Held >= state.Committed;
        int Broken(string name) => state.BrokenLinks.Count(l => l.Touches(name));
        return Holds(worker) != Holds(peer) ? (Holds(worker) ? peer : worker)
            : Broken(worker) > Broken(peer) ? worker
            : peer;
    }

    // It was kept out not long ago, for whatever reason.
    private static bool IsOnProbation(Turn turn, string worker) =>
        turn.State.Flaps.TryGetValue(worker, out FlapRecord? flap)
        && flap.Losses >= turn.State.Options.FlapLimit
        && turn.Now - flap.Last <= turn.State.Options.FlapWindow;

    private static bool IsKeptOut(Turn turn, string worker) =>
        turn.State.Flaps.TryGetValue(worker, out FlapRecord? flap) && turn.Now < flap.NotBefore;

    // As a worker is that comes and goes: for longer each time.
    private static string LeaveOut(Turn turn, string worker)
    {
        CoordinatorOptions options = turn.State.Options;
        FlapRecord known = IsOnProbation(turn, worker)
            ? turn.State.Flaps[worker]
            : new FlapRecord(options.FlapLimit - 1, turn.Now, turn.Now);
        var flap = FlapRecord.After(
            known, turn.Now, options.FlapLimit, options.FlapWindow, options.FlapBackoff, options.FlapBackoffLimit);
        turn.State = turn.State with { Flaps = Remember(turn.State.Flaps, worker, flap) };
        return FormattableString.Invariant(
            $"; the link does not come back, '{worker}' is left out for ")
            + FormattableString.Invariant($"{(flap.NotBefore - turn.Now).TotalSeconds:0.#} s");
    }
}

using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <content>New generations: asked for, prepared, started.</content>
public static partial class CoordinatorCore
{
    private static void StartDrain(Turn turn, DrainAsked e)
    {
        if (turn.State.Drain is not null)
        {
            return;
        }

        turn.State = turn.State with { Drain = e.Reason };
        switch (turn.State.Phase)
        {
            case RunPhase.Gathering or RunPhase.Recovering when turn.State.Workers.IsEmpty:
                End(turn, RunOutcome.Drained, $"{e.Reason}; no worker was running");
                break;
            case RunPhase.Gathering:
                TryGather(turn);
                break;
            case RunPhase.Running:
                turn.State = turn.State with { Urgent = false };
                Regroup(turn);
                break;
            default:
                break;
        }
    }

    private static void AskRegroup(Turn turn, string why, bool urgent) => turn.State = turn.State with
    {
        RegroupAt = turn.State.RegroupAt ?? turn.Now + turn.State.Options.GatherTime,
        Urgent = turn.State.Urgent || urgent,
        Why = why,
    };

    private static int Minimum(CoordinatorState state) =>
        state.Drain is null ? Math.Max(1, state.Options.MinimumWorkers) : 1;

    // The step up to which every sample is accounted for by a report.
    private static long Reported(CoordinatorState state)
    {
        long step = state.Committed;
        while (state.Applied.ContainsKey(step + 1))
        {
            step++;
        }

        return step;
    }

    private static bool IsUsable(CoordinatorState state, WorkerView worker, long reported) =>
        worker.Ready && worker.Held >= state.Committed && worker.Held <= reported;

    private static void TryGather(Turn turn)
    {
        CoordinatorState state = turn.State;
        bool first = state.Members.IsEmpty && state.Drain is null;
        int expected = Math.Min(state.Options.ExpectedWorkers, state.Options.MaximumWorkers);
        bool inTime = turn.Now - state.PhaseSince <= state.Options.JoinTimeout;
        if (first && inTime && state.Workers.Count < expected && state.Workers.Values.Any(w => !w.Leaving))
        {
            return; // of very many that are to come, each would count all the others
        }

        int ready = state.Workers.Values.Count(w => IsEligible(turn, w));
        bool allLeave = !state.Workers.IsEmpty && state.Workers.Values.All(w => w.Leaving && w.Ready);
        bool enough = allLeave
            || (first
                ? ready >= expected || (ready >= Minimum(state) && !inTime)
                : ready >= Minimum(state));
        if (!enough)
        {
            return;
        }

        long reported = Reported(state);
        if (state.Workers.Values.Any(w => IsUsable(state, w, reported)))
        {
            turn.State = state with { Urgent = true };
            Regroup(turn);
        }
        else if (turn.Now - state.PhaseSince > state.Options.RejoinWait)
        {
            RollBack(turn, $"nobody holds step {state.Committed} any more");
        }
    }

    /// <summary>Announces a generation to its future members and to those who still step in the old one.</summary>
    private static void Regroup(Turn turn)
    {
        CoordinatorState state = turn.State;
        string[] asked = [.. Future(turn)];
        int staying = asked.Count(a => !state.Workers[a].Leaving);
        bool allLeave = staying == 0 && asked.Length > 0;
        if (state.Drain is null && !allLeave && staying < Minimum(state))
        {
            Hold(turn, staying);
            return;
        }

        ulong generation = state.Announced + 1;
        string why = state.Drain ?? state.Why;
        long ahead = state.Workers.Values.Where(w => turn.IsMember(w.Name)).Select(w => w.Held)
            .DefaultIfEmpty(0).Max() + 1;
        turn.State = state with
        {
            Announced = generation,
            RegroupAt = null,
            Asked = state.Asked.Clear().Union(asked),
            StopAfter = state.Urgent ? 0 : ahead,
            Urgent = false,
        };
        turn.Keep(new GenerationAnnounced(generation));
        turn.Enter(RunPhase.Preparing, $"generation {generation}: {why}");
        foreach (string worker in asked)
        {
            // A step of an older generation can never be finished: nobody else is in it any more.
            bool current = state.Workers[worker].Generation == state.Generation;
            turn.Do(new SendPrepare(worker, generation, current ? turn.State.StopAfter : 0, why));
        }

        TryStart(turn);
    }

    // Members that are here, and others that are close enough, as many as there may be. While nobody steps, nobody has
    // to wait for one that is far behind: all wait together.
    private static IEnumerable<string> Future(Turn turn)
    {
        CoordinatorState state = turn.State;
        bool stepping = state.Phase is RunPhase.Running or RunPhase.Finishing;
        var members = state.Members.Where(m => state.Workers.TryGetValue(m.Worker, out WorkerView? w) && w.Ready)
            .Select(m => m.Worker).Where(m => !IsKeptOut(turn, m)).ToList();
        int seats = Math.Max(0, state.Options.MaximumWorkers - members.Count(m => !state.Workers[m].Leaving));
        return members.Concat(state.Workers.Values
            .Where(w => !turn.IsMember(w.Name))
            .Where(w => state.Drain is null && IsEligible(turn, w) && (!stepping || IsClose(state, w)))
            .Take(seats)
            .Select(w => w.Name));
    }

    // Below the minimum the members hold still too: whoever is left would step alone.
    private static void Hold(Turn turn, int staying)
    {
        CoordinatorState state = turn.State;
        turn.State = state with { RegroupAt = null, Urgent = false, Asked = state.Asked.Clear() };
        turn.Enter(
            RunPhase.Gathering, $"{staying} of at least {Minimum(state)} workers are here; waiting ({state.Why})");
    }

    private static void Escalate(Turn turn, string why)
    {
        CoordinatorState state = turn.State;
        if (state.StopAfter == 0)
        {
            return;
        }

        turn.State = state with { StopAfter = 0 };
        foreach (string worker in state.Asked.Where(a => state.Workers[a].Prepared < state.Announced))
        {
            turn.Do(new SendPrepare(worker, state.Announced, 0, why));
        }
    }

    private static void Prepared(Turn turn, WorkerPrepared e)
    {
        if (!turn.State.Workers.TryGetValue(e.Worker, out WorkerView? view)
            || turn.State.Phase != RunPhase.Preparing
            || e.Generation != turn.State.Announced)
        {
            return;
        }

        turn.Put(view with { Prepared = e.Generation, Held = e.Held, Digest = e.Digest });
        TryStart(turn);
    }

    private static void TryStart(Turn turn)
    {
        CoordinatorState state = turn.State;
        if (state.Asked.Any(a => state.Workers[a].Prepared < state.Announced))
        {
            return;
        }

        WorkerView[] asked = [.. state.Asked.Select(a => state.Workers[a])];
        if (state.Drain is null && asked.Length > 0 && state.Workers.Values.All(w => w.Leaving))
        {
            // Nobody stays to hold the state, so it has to go into a checkpoint first.
            turn.State = state = state with { Drain = "every worker was asked to leave" };
        }

        WorkerView[] stay = [.. asked.Where(w => !w.Leaving || state.Drain is not null)];
        if (stay.Length < Minimum(state))
        {
            Hold(turn, stay.Length);
            return;
        }

        long reported = Reported(state);
        WorkerView[] usable = [.. asked.Where(w => IsUsable(state, w, reported))];
        if (usable.Length == 0)
        {
            Hold(turn, stay.Length);
            return;
        }

        long @base = usable.Max(w => w.Held);
        WorkerView[] holders = [.. usable.Where(w => w.Held == @base)];
        if (holders.Any(w => w.Digest != holders[0].Digest))
        {
            Dispute(turn, @base, holders.ToImmutableSortedDictionary(
                w => w.Name, w => w.Digest ?? 0, StringComparer.Ordinal));
            return;
        }

        Start(turn, stay, holders.FirstOrDefault(w => !w.Leaving) ?? holders[0], @base);
    }

    private static void Start(Turn turn, WorkerView[] stay, WorkerView donor, long @base)
    {
        CoordinatorState state = turn.State;
        long final = Math.Max(state.Drain is not null ? @base : state.Geometry!.FinalStep, @base);
        ImmutableArray<Member> members = RankAssignment.Assign(
            state.Options.LogicalRanks, [.. stay.Select(w => Candidate(state, w))], state.Members);
        bool allHold = stay.All(w => w.Held == @base && w.Digest == donor.Digest);
        turn.State = state with
        {
            Generation = state.Announced, Members = members, FinalStep = final, RegroupAt = null, Urgent = false,
        };
        turn.Keep(new GenerationStarted(state.Announced, members, @base, final));
        turn.Enter(
            final <= @base ? RunPhase.Finishing : RunPhase.Running,
            $"generation {state.Announced}: {members.Length} workers from step {@base + 1}");
        var giver = new Member(donor.Name, donor.Address, []);
        var ranks = members.ToDictionary(m => m.Worker, m => m.Ranks.Length, StringComparer.Ordinal);
        foreach (string worker in state.Asked)
        {
            turn.Do(new SendStart(
                worker, state.Announced, members, @base, allHold ? null : giver, turn.State.FinalStep));
            turn.Put(turn.State.Workers[worker] with
            {
                Generation = state.Announced, Ranks = ranks.GetValueOrDefault(worker), Rounds = 0, Donor = null,
            });
        }

        turn.State = turn.State with { Asked = state.Asked.Clear() };
        Commit(turn);
    }
}

using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <content>Members whose bits differ.</content>
public static partial class CoordinatorCore
{
    private static void SawDigests(Turn turn, WorkerSawDigests e)
    {
        if (e.Generation != turn.State.Generation)
        {
            return;
        }

        // Of one who was set aside meanwhile another member may still tell.
        foreach ((string worker, ulong digest) in e.Digests.Where(d => turn.State.Workers.ContainsKey(d.Worker)))
        {
            Note(turn, e.Step, worker, digest);
        }

        Judge(turn, e.Step);
    }

    private static void Note(Turn turn, long step, string worker, ulong digest)
    {
        CoordinatorState state = turn.State;
        StepDigests known = state.Digests.GetValueOrDefault(step, StepDigests.None);
        turn.State = state with { Digests = state.Digests.SetItem(step, known.With(worker, digest)) };
    }

    // A verdict needs the word of every member that is still here: two words alone do not say who is right.
    private static void Judge(Turn turn, long step)
    {
        CoordinatorState state = turn.State;
        if (state.Phase is not (RunPhase.Running or RunPhase.Finishing)
            || !state.Digests.TryGetValue(step, out StepDigests? digests)
            || digests.Agree)
        {
            return;
        }

        StepDigests here = digests.Told.Keys.Where(w => !state.Workers.ContainsKey(w))
            .Aggregate(digests, (rest, gone) => rest.Without(gone));
        if (here.Agree)
        {
            turn.State = state with { Digests = state.Digests.SetItem(step, here) };
        }
        else if (state.Members.All(m => !state.Workers.ContainsKey(m.Worker) || here.Told.ContainsKey(m.Worker)))
        {
            Dispute(turn, step, here.Told);
        }
    }

    private static void Dispute(Turn turn, long step, ImmutableSortedDictionary<string, ulong> digests)
    {
        turn.Interrupt("digest");
        IGrouping<ulong, KeyValuePair<string, ulong>> largest =
            digests.GroupBy(d => d.Value).OrderByDescending(g => g.Count()).First();
        bool decided = largest.Count() * 2 > digests.Count;
        if (!decided)
        {
            turn.Do(new DigestsTied(step, [.. digests.Keys], turn.State.LastCheckpoint));
            turn.State = turn.State with { Tie = (step, digests) };
            RollBack(turn, $"{Names(digests.Keys)} hold different bits after step {step} and no majority says whose");
            return;
        }

        string[] odd = [.. digests.Where(d => d.Value != largest.Key).Select(d => d.Key)];
        string why = $"{Names(odd)} held other bits than the majority after step {step}";
        foreach (string worker in odd)
        {
            SetAside(turn, worker, step, digests[worker], largest.Key);
        }

        // The first report of the step, and a part of its checkpoint, may be of one who was wrong.
        turn.State = turn.State with
        {
            Digests = turn.State.Digests.Clear(),
            Applied = turn.State.Applied.TryGetValue(step, out AppliedStep? report)
                ? turn.State.Applied.SetItem(step, report with { Digest = largest.Key })
                : turn.State.Applied,
            Parts = turn.State.Parts.Remove(step),
        };
        if (turn.State.Options.DigestEvery > 1)
        {
            // Its gradients went into every step since the digest before.
            RollBack(turn, why);
        }
        else if (turn.State.Phase is RunPhase.Running or RunPhase.Finishing)
        {
            AskRegroup(turn, why, urgent: true);
        }
    }

    private static void SetAside(Turn turn, string worker, long step, ulong digest, ulong expected)
    {
        turn.Do(new DigestDiffers(worker, step, digest, expected));
        turn.Do(new SendGoodbye(
            worker, $"set aside: its bits after step {step} are {digest:x16} and the others' {expected:x16}",
            WorkerCore.ExitSetAside));
        Lose(turn, worker, "digest", $"set aside for its bits after step {step}");
    }

    // Once the step that nobody could judge is done again, its digest says who was wrong.
    private static void Settle(Turn turn, long step, ulong? digest)
    {
        if (turn.State.Tie is not { } tie || tie.Step != step || digest is not { } right)
        {
            return;
        }

        turn.State = turn.State with { Tie = null };
        foreach ((string worker, ulong wrong) in tie.Digests.Where(d => d.Value != right))
        {
            if (turn.State.Workers.ContainsKey(worker))
            {
                SetAside(turn, worker, step, wrong, right);
            }
            else
            {
                turn.Do(new DigestDiffers(worker, step, wrong, right));
            }
        }
    }

    private static string Names(IEnumerable<string> workers) => string.Join(", ", workers.Select(w => $"'{w}'"));
}

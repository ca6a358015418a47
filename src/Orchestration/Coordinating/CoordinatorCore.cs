using System.Collections.Immutable;

namespace Colony.Orchestration;

/// <summary>
/// The coordinator's decisions: <c>(state, event, now) → (state, effects, reason)</c>. No clock, no task, no I/O;
/// production and simulation drive this same function.
/// </summary>
public static partial class CoordinatorCore
{
    /// <summary>
    /// A tick that comes later than this after the one before says that this process itself stood still.
    /// </summary>
    private static readonly TimeSpan LateTick = TimeSpan.FromMilliseconds(500);

    /// <summary>Interruptions and recoveries that are kept for the report.</summary>
    private const int RecoveriesKept = 10_000;

    /// <summary>Decides what an event changes.</summary>
    /// <param name="state">The state before.</param>
    /// <param name="happened">What happened.</param>
    /// <param name="now">Monotonic time since any fixed origin; never goes back.</param>
    public static Decision<CoordinatorState, CoordinatorEffect> Decide(
        CoordinatorState state, CoordinatorEvent happened, TimeSpan now)
    {
        ArgumentNullException.ThrowIfNull(state);
        ArgumentNullException.ThrowIfNull(happened);
        var turn = new Turn(state with { Goodput = state.Goodput.BegunAt(now) }, now);
        if (state.Phase == RunPhase.Ended)
        {
            AfterTheEnd(turn, happened);
        }
        else
        {
            Hear(turn, happened);
            Handle(turn, happened);
        }

        string reason = turn.State.Why == state.Why ? string.Empty : turn.State.Why;
        return new(turn.State, turn.Effects.ToImmutable(), reason);
    }

    private static void Handle(Turn turn, CoordinatorEvent happened)
    {
        switch (happened)
        {
            case RunResumed e: Resume(turn, e); break;
            case RunRestored e: Restore(turn, e); break;
            case WorkerJoined e: Join(turn, e); break;
            case WorkerReady e: Ready(turn, e); break;
            case WorkerFellBehind e: FellBehind(turn, e); break;
            case WorkerGone e: Lose(turn, e.Worker, "death", e.Reason); break;
            case WorkerPrepared e: Prepared(turn, e); break;
            case WorkerApplied e: Applied(turn, e); break;
            case WorkerSawDigests e: SawDigests(turn, e); break;
            case WorkerWrotePart e: PartWritten(turn, e); break;
            case WorkerLostPart e: PartLost(turn, e); break;
            case WorkerHasSnapshot e: SnapshotTaken(turn, e); break;
            case WorkerLeft e: Leave(turn, e); break;
            case WorkerBroke e: Broke(turn, e); break;
            case WorkerLostLink e: LinkLost(turn, e); break;
            case WorkerDone e: Finished(turn, e); break;
            case DrainAsked e: StartDrain(turn, e); break;
            case Ticked: Tick(turn); break;
            case CheckpointCommitted e: Committed(turn, e); break;
            case CheckpointFailed e: CommitFailed(turn, e); break;
            case EvaluatorJoined: EvaluatorConnected(turn); break;
            case EvaluatorGone e: EvaluatorLost(turn, e.Reason); break;
            case EvaluatorJudged e: Judged(turn, e); break;
            case EvaluatorBroke e: EvaluationFailed(turn, e); break;
            case HostFailed e: End(turn, RunOutcome.Failed, e.Reason); break;
            case WorkerBeat: break;
            default: throw new InvalidOperationException($"no decision for {happened.GetType().Name}");
        }
    }

    private static void Hear(Turn turn, CoordinatorEvent happened)
    {
        string? worker = happened switch
        {
            WorkerBeat e => e.Worker,
            WorkerReady e => e.Worker,
            WorkerFellBehind e => e.Worker,
            WorkerPrepared e => e.Worker,
            WorkerApplied e => e.Worker,
            WorkerSawDigests e => e.Worker,
            WorkerWrotePart e => e.Worker,
            WorkerHasSnapshot e => e.Worker,
            WorkerLostLink e => e.Worker,
            WorkerDone e => e.Worker,
            _ => null,
        };
        turn.About = worker ?? (happened as WorkerJoined)?.Worker ?? (happened as WorkerGone)?.Worker
            ?? (happened as WorkerLeft)?.Worker ?? (happened as WorkerBroke)?.Worker;
        if (worker is not null && turn.State.Workers.TryGetValue(worker, out WorkerView? view))
        {
            turn.Put(view with { Heard = turn.Now });
        }
    }

    private static void Tick(Turn turn)
    {
        CoordinatorState state = turn.State;
        TimeSpan gap = turn.Now - state.LastTick;
        if (gap > LateTick && state.LastTick > TimeSpan.Zero)
        {
            // This process was stopped or starved: what its peers sent meanwhile is still on its way.
            state = state with
            {
                Workers = state.Workers.SetItems(state.Workers.Select(
                    w => KeyValuePair.Create(w.Key, w.Value with { Heard = w.Value.Heard + gap }))),
            };
        }

        turn.State = state with { LastTick = turn.Now };
        foreach (WorkerView silent in turn.State.Workers.Values
            .Where(w => turn.Now - w.Heard > Patience(turn.State.Options, w)).ToArray())
        {
            string reason = FormattableString.Invariant(
                $"not heard of for {(turn.Now - silent.Heard).TotalSeconds:0.00} s");
            turn.Do(new CutSession(silent.Name, reason));
            Lose(turn, silent.Name, "hang", reason);
        }

        Watch(turn);
    }

    private static TimeSpan Patience(CoordinatorOptions options, WorkerView worker) => worker.Prepared > 0
        || options.LostWhileLoadingAfter < options.LostAfter
            ? options.LostAfter
            : options.LostWhileLoadingAfter;

    private static void Watch(Turn turn)
    {
        CoordinatorState state = turn.State;
        TimeSpan inPhase = turn.Now - state.PhaseSince;
        switch (state.Phase)
        {
            case RunPhase.Recovering when inPhase > state.Options.RejoinWait:
                turn.Enter(RunPhase.Gathering, "not every member of the generation came back");
                TryGather(turn);
                break;
            case RunPhase.Gathering when state.Drain is not null && state.Workers.IsEmpty:
                if (inPhase > state.Options.RejoinWait)
                {
                    End(turn, RunOutcome.Drained, $"{state.Drain}; the last worker is gone");
                }

                break;
            case RunPhase.Gathering:
                TryGather(turn);
                break;
            case RunPhase.Preparing when state.StopAfter > 0 && inPhase > state.Options.FinishTimeout:
                Escalate(
                    turn,
                    FormattableString.Invariant($"step {state.StopAfter} did not end within ")
                    + FormattableString.Invariant($"{state.Options.FinishTimeout.TotalSeconds} s"));
                break;
            case RunPhase.Preparing when inPhase > state.Options.PrepareTimeout:
                foreach (WorkerView late in state.Workers.Values
                    .Where(w => state.Asked.Contains(w.Name) && w.Prepared < state.Announced).ToArray())
                {
                    string reason = $"did not let go of its step within {state.Options.PrepareTimeout.TotalSeconds} s";
                    turn.Do(new CutSession(late.Name, reason));
                    Lose(turn, late.Name, "hang", reason);
                }

                break;
            case RunPhase.Running or RunPhase.Finishing when state.RegroupAt <= turn.Now:
                Regroup(turn);
                break;
            case RunPhase.Running:
                TakeIn(turn);
                break;
            case RunPhase.Finishing:
                TryEnd(turn);
                break;
            default:
                break;
        }
    }

    /// <summary>One decision in the making: the state so far and the effects in order.</summary>
    private sealed class Turn(CoordinatorState state, TimeSpan now)
    {
        private ImmutableArray<Member> _membersOf;
        private HashSet<string>? _members;

        public CoordinatorState State { get; set; } = state;

        public TimeSpan Now { get; } = now;

        public ImmutableArray<CoordinatorEffect>.Builder Effects { get; } =
            ImmutableArray.CreateBuilder<CoordinatorEffect>();

        public void Do(CoordinatorEffect effect) => Effects.Add(effect);

        public void Keep(JournalEntry entry) => Effects.Add(new Record(entry));

        public void Put(WorkerView worker) =>
            State = State with { Workers = State.Workers.SetItem(worker.Name, worker) };

        /// <summary>The worker that the event is about; null for an event of another kind.</summary>
        public string? About { get; set; }

        public void Enter(RunPhase phase, string why)
        {
            TimeSpan waited = Now - State.PhaseSince;
            if (State.Phase != RunPhase.Running && waited > State.Options.StallAfter)
            {
                string last = State.LastCheckpoint < State.FinalStep ? "the last checkpoint" : "the last evaluation";
                string others = State.Workers.IsEmpty ? "workers" : "the time that joins are given";
                Do(new RunStalled(State.Phase, State.Phase == RunPhase.Finishing ? last : About ?? others, waited));
            }

            State = State with { Phase = phase, PhaseSince = Now, Why = why };
        }

        public bool IsMember(string worker)
        {
            if (_members is null || _membersOf != State.Members)
            {
                _membersOf = State.Members;
                _members = [.. State.Members.Select(m => m.Worker)];
            }

            return _members.Contains(worker);
        }

        public void Interrupt(string cause)
        {
            if (State.Generation > 0 && State.Interruptions.Length < RecoveriesKept)
            {
                State = State with
                {
                    Interruptions = State.Interruptions.Add(new Interruption(cause, State.Committed, Now)),
                };
            }
        }
    }
}

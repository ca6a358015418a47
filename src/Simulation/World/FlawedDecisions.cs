using System.Collections.Immutable;
using Colony.Orchestration;

namespace Colony.Simulation;

/// <summary>The product's decisions, with a mistake around them if one is asked for.</summary>
internal static class FlawedDecisions
{
    public static Decision<CoordinatorState, CoordinatorEffect> Decide(
        Flaw flaw, CoordinatorState state, CoordinatorEvent happened, TimeSpan now)
    {
        switch (flaw)
        {
            case Flaw.RejoinIsLost when happened is WorkerJoined hello
                && state.Members.Any(m => m.Worker == hello.Worker):
                return new(state, [], string.Empty);
            case Flaw.ReportIsCountedTwice when happened is WorkerApplied again && again.Step <= state.Committed
                && state.Workers.ContainsKey(again.Worker):
                state = state with { Ledger = CountedAgain(state.Ledger!, again) };
                break;
            case Flaw.DigestsAreNotCompared when happened is WorkerApplied seen:
                happened = seen with { Digest = null };
                break;
            case Flaw.CommittedBeforeAllHold when happened is WorkerApplied first
                && first.Step == state.Committed + 1 && state.Phase == RunPhase.Running:
                state = state with
                {
                    Committed = first.Step, Ledger = state.Ledger!.Commit(first.Step, first.Samples.AsSpan()),
                };
                break;
        }

        var decision = CoordinatorCore.Decide(state, happened, now);
        return flaw == Flaw.OldMembersAreSent && state.Members.Length > 0
            ? decision with { Effects = WithOldMembers(decision.Effects, state.Members) }
            : decision;
    }

    public static Decision<WorkerState, WorkerEffect> Decide(Flaw flaw, WorkerState state, WorkerEvent happened)
    {
        if (flaw == Flaw.WorkIsNotLetGo && happened is PrepareTold && state.Phase == WorkerPhase.Stepping)
        {
            state = state with { Busy = false };
        }

        var decision = WorkerCore.Decide(state, happened);
        return flaw switch
        {
            Flaw.LostLinkIsKeptQuiet => Without<ReportLink>(decision),
            Flaw.ReportsAreNotRepeated => Without<ReportAgain>(decision),
            _ => decision,
        };
    }

    private static SampleLedger CountedAgain(SampleLedger ledger, WorkerApplied again)
    {
        var epoch = ledger.Geometry.EpochOf(again.Step);
        var accounts = ledger.Epochs.Select(e => e.Epoch != epoch ? e : e with
        {
            Consumed = e.Consumed + again.Samples.Length, Duplicates = e.Duplicates + again.Samples.Length,
        });
        return SampleLedger.Restore(ledger.Geometry, ledger.Step, accounts, ledger.Open);
    }

    private static ImmutableArray<CoordinatorEffect> WithOldMembers(
        ImmutableArray<CoordinatorEffect> effects, ImmutableArray<Member> old)
    {
        for (var i = effects.Length - 1; i >= 0; i--)
        {
            if (effects[i] is SendStart start && old.Any(m => m.Worker == start.Worker))
            {
                return effects.SetItem(i, start with { Members = old });
            }
        }

        return effects;
    }

    private static Decision<WorkerState, WorkerEffect> Without<T>(Decision<WorkerState, WorkerEffect> decision)
        where T : WorkerEffect => decision with { Effects = decision.Effects.RemoveAll(static e => e is T) };
}

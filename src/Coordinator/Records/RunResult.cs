using System.Collections.Immutable;
using Colony.Orchestration;
using Proto = Colony.Protos.V1;

namespace Colony.Coordinator;

/// <summary>What a run came to, for the table at its end and report.json.</summary>
public sealed record RunResult
{
    /// <summary>How it ended.</summary>
    public required RunOutcome Outcome { get; init; }

    /// <summary>Why it ended, in one sentence.</summary>
    public required string Reason { get; init; }

    /// <summary>The last committed step.</summary>
    public required long Steps { get; init; }

    /// <summary>Steps of one epoch; 0 when no worker ever came.</summary>
    public required long StepsPerEpoch { get; init; }

    /// <summary>Workers of the last generation.</summary>
    public required int Workers { get; init; }

    /// <summary>Mean over the run.</summary>
    public required double SamplesPerSecond { get; init; }

    /// <summary>From the coordinator's start to the end.</summary>
    public required double WallSeconds { get; init; }

    /// <summary>SHA-256 of the final weights; null when the run did not come so far.</summary>
    public required string? WeightsSha256 { get; init; }

    /// <summary>The account of samples, one entry an epoch.</summary>
    public required ImmutableArray<EpochAccount> Ledger { get; init; }

    /// <summary>Interruptions and how long they took.</summary>
    public required ImmutableArray<Recovery> Recoveries { get; init; }

    /// <summary>Where the time went.</summary>
    public required Goodput Goodput { get; init; }

    /// <summary>The last checkpoint; 0 for none.</summary>
    public required long Checkpoint { get; init; }

    /// <summary>Committed steps for the learning curve.</summary>
    public required IReadOnlyList<StepPoint> Curve { get; init; }

    /// <summary>Every evaluation, in order.</summary>
    public required IReadOnlyList<Proto.Evaluation> Evaluations { get; init; }

    internal static RunResult Of(EndRun end, CoordinatorState state, RunRecord record) => new()
    {
        Outcome = end.Outcome,
        Reason = end.Reason,
        Steps = state.Committed,
        StepsPerEpoch = state.Geometry?.StepsPerEpoch ?? 0,
        Workers = state.Members.Length,
        SamplesPerSecond = record.MeanSpeed,
        WallSeconds = record.Elapsed,
        WeightsSha256 = state.WeightsSha256,
        Ledger = state.Ledger?.Epochs ?? [],
        Recoveries = state.Recoveries,
        Goodput = state.Goodput,
        Checkpoint = state.LastCheckpoint,
        Curve = [.. record.Steps],
        Evaluations = [.. record.Evaluations],
    };
}

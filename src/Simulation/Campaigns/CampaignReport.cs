using Colony.Actors.Simulation;

namespace Colony.Simulation;

/// <summary>How far a campaign is.</summary>
/// <param name="Done">Schedules that have been run.</param>
/// <param name="Events">Events in them.</param>
/// <param name="Violations">How many broke a promise.</param>
public sealed record CampaignProgress(long Done, long Events, int Violations);

/// <summary>What a campaign showed.</summary>
/// <param name="Schedules">Schedules that were run.</param>
/// <param name="Events">Simulated events in all of them.</param>
/// <param name="VirtualSeconds">Virtual time in all of them.</param>
/// <param name="Injected">What went wrong, by kind, and how often.</param>
/// <param name="Recoveries">Interruptions by cause.</param>
/// <param name="FailedSeeds">Seeds whose run broke a promise, ascending; the campaign stops after a few.</param>
/// <param name="Failure">The failure with the shortest schedule that was found; null when all promises held.</param>
/// <param name="ControlPlane">What the coordinator had to do.</param>
public sealed record CampaignReport(
    long Schedules,
    long Events,
    double VirtualSeconds,
    IReadOnlyDictionary<string, long> Injected,
    IReadOnlyList<RecoveryFigures> Recoveries,
    IReadOnlyList<ulong> FailedSeeds,
    CampaignFailure? Failure,
    ControlPlaneFigures ControlPlane);

/// <summary>Interruptions of one cause: virtual time from when the coordinator knew to the next committed
/// step.</summary>
/// <param name="Cause">join, death, hang, link, leave.</param>
/// <param name="Count">How many there were.</param>
/// <param name="P50">Median, seconds.</param>
/// <param name="P95">95th percentile, seconds.</param>
/// <param name="Max">The longest, seconds.</param>
public sealed record RecoveryFigures(string Cause, int Count, double P50, double P95, double Max);

/// <summary>A run that broke a promise, cut down.</summary>
/// <param name="Seed">The number that replays it.</param>
/// <param name="Invariant">Which promise.</param>
/// <param name="Detail">How it was broken.</param>
/// <param name="Schedule">The few faults that it takes, one a line as <see cref="FaultText"/> writes them.</param>
/// <param name="Trace">What the processes said last in the run with those faults.</param>
public sealed record CampaignFailure(
    ulong Seed, string Invariant, string Detail, IReadOnlyList<string> Schedule, IReadOnlyList<string> Trace);

/// <summary>What the coordinator had to do, over all schedules of a campaign.</summary>
/// <param name="Steps">Committed steps.</param>
/// <param name="Generations">Generations that were announced.</param>
/// <param name="Received">Messages to the coordinator, by kind.</param>
/// <param name="Sent">Messages from the coordinator, by kind.</param>
/// <param name="MembersTold">Members named in all messages that start a generation.</param>
/// <param name="RegroupSeconds">
/// Real seconds of deciding in each regroup, ascending; empty without a real clock.
/// </param>
/// <param name="DecideSeconds">Real seconds of deciding and number of decisions, by event; empty without a
/// clock.</param>
/// <param name="Bytes">Managed memory that the last simulated world held, or 0 without a clock.</param>
public sealed record ControlPlaneFigures(
    long Steps,
    long Generations,
    IReadOnlyDictionary<string, long> Received,
    IReadOnlyDictionary<string, long> Sent,
    long MembersTold,
    IReadOnlyList<double> RegroupSeconds,
    IReadOnlyDictionary<string, DecideCost> DecideSeconds,
    long Bytes);

/// <summary>What decisions on events of one kind took.</summary>
/// <param name="Count">How many there were.</param>
/// <param name="Seconds">Real seconds of all of them.</param>
public sealed record DecideCost(long Count, double Seconds);

namespace Colony.Simulation.Tests;

/// <summary>The promises are worth what they catch.</summary>
public sealed class FlawTests
{
    /// <summary>Each deliberate mistake, and the seeds within which it must be caught.</summary>
    public static TheoryData<Flaw, int> Flaws { get; } = new()
    {
        { Flaw.JoinerSkipsTheCopy, 1000 },
        { Flaw.SliceIsLostWithItsWorker, 1000 },
        { Flaw.OldGenerationsChunkIsTaken, 1000 },
        { Flaw.OldStepsChunkIsTaken, 1000 },
        { Flaw.ChunkIsAddedTwice, 1000 },
        { Flaw.CheckpointIsCopiedLate, 1000 },
        { Flaw.CommittedBeforeAllHold, 1000 },
        { Flaw.ReportIsCountedTwice, 1000 },
        { Flaw.RejoinIsLost, 1000 },
        { Flaw.OldMembersAreSent, 1000 },
        { Flaw.WorkIsNotLetGo, 1000 },
        { Flaw.LostLinkIsKeptQuiet, 1000 },
        { Flaw.ReportsAreNotRepeated, 1000 },
        { Flaw.JournalIsNotForced, 1000 },
    };

    [Theory]
    [MemberData(nameof(Flaws))]
    public async Task A_flaw_is_caught_within_so_many_seeds(Flaw flaw, int seeds)
    {
        var report = await SimulationCampaign.RunAsync(
            new CampaignOptions
            {
                Seeds = seeds, Faults = FaultSet.Default, Flaw = flaw, StopAfterViolations = 1, ViolationsToCut = 1,
            },
            null,
            TestContext.Current.CancellationToken);
        Assert.NotNull(report.Failure);
        TestContext.Current.TestOutputHelper!.WriteLine(
            $"{flaw}: seed {report.FailedSeeds[0]} broke '{report.Failure.Invariant}' with "
            + $"{report.Failure.Schedule.Count} faults, {report.Failure.Detail}");
    }

    [Fact]
    public void Every_flaw_is_in_the_list() =>
        Assert.Equal(
            Enum.GetValues<Flaw>().Except([Flaw.None]), Flaws.Select(f => f.Data.Item1));
}

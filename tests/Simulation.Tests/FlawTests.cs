namespace Colony.Simulation.Tests;

/// <summary>The promises are worth what they catch.</summary>
public sealed class FlawTests
{
    /// <summary>Each deliberate mistake, and the seeds within which it must be caught.</summary>
    public static TheoryData<Flaw, int> Flaws { get; } = new()
    {
        { Flaw.JoinerSkipsTheCopy, 200 },
        { Flaw.SliceIsLostWithItsWorker, 200 },
        { Flaw.OldGenerationsChunkIsTaken, 200 },
        { Flaw.OldStepsChunkIsTaken, 200 },
        { Flaw.ChunkIsAddedTwice, 200 },
        { Flaw.CheckpointIsCopiedLate, 200 },
        { Flaw.CommittedBeforeAllHold, 200 },
        { Flaw.ReportIsCountedTwice, 200 },
        { Flaw.RejoinIsLost, 200 },
        { Flaw.OldMembersAreSent, 200 },
        { Flaw.WorkIsNotLetGo, 200 },
        { Flaw.LostLinkIsKeptQuiet, 1000 },
        { Flaw.ReportsAreNotRepeated, 200 },
        { Flaw.JournalIsNotForced, 200 },
        { Flaw.DigestsAreNotCompared, 200 },
    };

    [Theory]
    [MemberData(nameof(Flaws))]
    public async Task A_flaw_is_caught_within_so_many_seeds(Flaw flaw, int seeds)
    {
        var report = await SimulationCampaign.RunAsync(
            new CampaignOptions
            {
                Seeds = seeds, Faults = FaultSet.Showing(flaw), Flaw = flaw,
                StopAfterViolations = 1, ViolationsToCut = 1,
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

using Colony.Actors.Simulation;

namespace Colony.Actors.Tests;

public sealed class SimulationRunTests
{
    [Fact]
    public void The_right_protocol_survives_every_seed_and_every_kind_of_fault_strikes()
    {
        var struck = new HashSet<FaultKind>();
        for (ulong seed = 0; seed < 300; seed++)
        {
            var result = CounterWorld.Run(seed, CounterWorld.Flaw.None);
            Assert.True(result.Violation is null, result.Report());
            struck.UnionWith(result.FaultsByKind.Keys);
        }

        Assert.Equal(CounterWorld.Options.Faults.Kinds.Select(k => k.Kind).Order(), struck.Order());
    }

    [Theory]
    [InlineData("NoFlush", "nothing confirmed is lost", FaultKind.Crash)]
    [InlineData("NoDeduplication", "nothing is added twice", null)]
    public void A_broken_protocol_is_caught_within_a_few_seeds_and_its_schedule_cut_down(
        string flawName, string invariant, FaultKind? culprit)
    {
        var flaw = Enum.Parse<CounterWorld.Flaw>(flawName);
        var caught = Enumerable.Range(0, 20).Select(i => CounterWorld.Run((ulong)i, flaw))
            .Where(r => r.Violation is not null).ToList();
        Assert.NotEmpty(caught);
        Assert.Contains(invariant, caught.Select(r => r.Violation!.Invariant));
        var first = caught.First(r => r.Violation!.Invariant == invariant);
        Assert.NotEmpty(first.TraceTail);

        // Only the number is needed to see it again, and the schedule alone does it too.
        var again = CounterWorld.Run(first.Seed, flaw);
        Assert.Equal(
            (first.TraceHash, first.Events, first.Violation), (again.TraceHash, again.Events, again.Violation));
        Assert.Equal(first.TraceTail, again.TraceTail);
        Assert.Equal(first.TraceHash, CounterWorld.Run(first.Seed, flaw, first.Faults).TraceHash);

        // Some seeds need several faults that delay each other just so; the shortest schedule tells the story best.
        var few = caught.Where(r => r.Violation!.Invariant == invariant).Take(5)
            .Select(r => CutDown(r, flaw, invariant)).MinBy(f => f.Count)!;
        Assert.InRange(few.Count, 1, 3);
        if (culprit is { } kind)
        {
            Assert.Equal([kind], few.Select(f => f.Kind));
        }
    }

    private static IReadOnlyList<Fault> CutDown(SimulationResult failed, CounterWorld.Flaw flaw, string invariant)
    {
        bool Fails(IReadOnlyList<Fault> faults) =>
            CounterWorld.Run(failed.Seed, flaw, faults).Violation?.Invariant == invariant;
        var few = ScheduleMinimizer.Minimize(failed.Faults, Fails);
        Assert.True(Fails(few));
        Assert.All(few, one => Assert.False(Fails([.. few.Where(f => f != one)])));
        return few;
    }

    [Fact]
    public void A_world_that_never_ends_or_throws_is_a_violation()
    {
        var silent = SimulationRun.Run(1, CounterWorld.Options, stage => new Idle(stage, throws: false));
        Assert.Equal("it ends", silent.Violation?.Invariant);
        var broken = SimulationRun.Run(1, CounterWorld.Options, stage => new Idle(stage, throws: true));
        Assert.Equal("nothing is thrown", broken.Violation?.Invariant);
        Assert.Contains("deliberate", broken.Report(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_drawn_schedule_ends_in_time_and_strikes_where_it_may()
    {
        var profile = CounterWorld.Options.Faults with { StopAt = TimeSpan.FromSeconds(60) };
        for (ulong seed = 0; seed < 50; seed++)
        {
            var faults = profile.Draw(["client", "server"], new SeededRandom(seed));
            Assert.InRange(faults.Count, 100, 300);
            Assert.Equal(faults.OrderBy(f => f.At), faults);
            Assert.All(faults, f => Assert.True(f.At + f.Duration <= profile.StopAt));
            Assert.All(faults.Where(f => f.Kind == FaultKind.Crash), f => Assert.Equal("server", f.Node));
            Assert.All(faults.Where(f => f.Peer is not null), f => Assert.NotEqual(f.Node, f.Peer));
        }
    }

    [Fact]
    public void The_minimizer_leaves_exactly_what_is_needed()
    {
        Fault[] faults = [.. Enumerable.Range(0, 64).Select(i =>
            new Fault(TimeSpan.FromSeconds(i), FaultKind.Crash, $"n{i}", null, TimeSpan.Zero, 1))];
        var needed = new[] { 3, 17, 18, 60 };
        var runs = 0;
        var left = ScheduleMinimizer.Minimize(faults, part =>
        {
            runs++;
            return needed.All(n => part.Contains(faults[n]));
        });

        Assert.Equal(needed.Select(n => faults[n]), left);
        Assert.InRange(runs, 5, 300);
        Assert.Equal(faults, ScheduleMinimizer.Minimize(faults, part => part.Count == 64));
        Assert.Empty(ScheduleMinimizer.Minimize(faults, _ => true));
    }

    [Fact]
    public void The_minimizer_shortens_what_is_left_and_keeps_what_must_last()
    {
        Fault[] faults = [.. Enumerable.Range(0, 3).Select(i =>
            new Fault(TimeSpan.FromSeconds(i), FaultKind.Hang, $"n{i}", null, TimeSpan.FromSeconds(4), 1))];
        var left = ScheduleMinimizer.Shorten(faults, f => f[1].Duration >= TimeSpan.FromSeconds(1.5));

        Assert.Equal(faults.Select(f => (f.At, f.Node)), left.Select(f => (f.At, f.Node)));
        Assert.True(left[0].Duration <= TimeSpan.FromMilliseconds(1), $"{left[0].Duration}");
        Assert.Equal(TimeSpan.FromSeconds(2), left[1].Duration);
        Assert.Equal(faults, ScheduleMinimizer.Shorten(faults, _ => false));
    }

    private sealed class Idle : ISimulatedWorld
    {
        public Idle(SimulationStage stage, bool throws)
        {
            stage.Scheduler.AddNode("client");
            stage.Scheduler.AddNode("server").After(TimeSpan.FromSeconds(1), "e", () =>
            {
                if (throws)
                {
                    throw new InvalidOperationException("deliberate");
                }
            });
        }

        public IReadOnlyList<Func<Violation?>> Invariants => [];

        public bool IsFinished => false;

        public string Status => "idle";

        public Violation? CheckOutcome() => null;
    }
}

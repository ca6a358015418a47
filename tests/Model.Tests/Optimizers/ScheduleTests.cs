namespace Colony.Model.Tests;

public sealed class ScheduleTests
{
    [Theory]
    [InlineData(0, 0.002)]
    [InlineData(1, 0.003)]
    [InlineData(997, 0.999)]
    [InlineData(998, 1)]
    [InlineData(5000, 1)]
    public void Warm_up_starts_with_two_parts(long step, double factor)
    {
        var schedule = Schedules.Create(new ScheduleOptions { LearningRate = 2e-6, WarmupSteps = 1000 });
        Assert.Equal(factor * 2e-6, schedule.LearningRate(step, 1_000_000), 1e-18);
    }

    [Theory]
    [InlineData(0, 1e-3)]
    [InlineData(1, 9.99808e-4)]
    [InlineData(2, 9.99569e-4)]
    [InlineData(113, 4.96540e-4)]
    [InlineData(225, 4.78830e-8)]
    [InlineData(226, 1e-3)]
    [InlineData(227, 9.99952e-4)]
    public void Cosine_restarts_every_epoch_as_published(long step, double expected)
    {
        var schedule = Schedules.Create(new ScheduleOptions { LearningRate = 1e-3, Decay = "cosine_restarts" });
        Assert.Equal(1, schedule.LearningRate(step, 227) / expected, 1e-5);
    }

    [Fact]
    public void Milestones_count_epochs()
    {
        var schedule = Schedules.Create(
            new ScheduleOptions { LearningRate = 1, Decay = "milestones", Milestones = [2, 3], Gamma = 0.5 });
        Assert.Equal(
            [1.0, 1.0, 1.0, 1.0, 0.5, 0.5, 0.25, 0.25],
            Enumerable.Range(0, 8).Select(step => schedule.LearningRate(step, 2)));
    }

    [Fact]
    public void A_constant_rate_stays_and_wrong_arguments_are_refused()
    {
        var schedule = Schedules.Create(new ScheduleOptions { LearningRate = 0.25, Decay = "constant" });
        Assert.Equal(0.25, schedule.LearningRate(1_000_000, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => schedule.LearningRate(-1, 3));
        Assert.Throws<ArgumentOutOfRangeException>(() => schedule.LearningRate(0, 0));
        Assert.Throws<ArgumentException>(() => Schedules.Create(new ScheduleOptions { Decay = "cliff" }));
    }

    /// <summary>Those cases of the golden file that Colony has, with the settings that the golden README gives
    /// them.</summary>
    public static TheoryData<string, ScheduleOptions, long> Golden => new()
    {
        { "step", new() { LearningRate = 2e-4, DecayEpochs = 3 }, 1 },
        { "multistep", new() { LearningRate = 2e-4, Decay = "milestones", Milestones = [3, 7] }, 1 },
        { "cosine", new() { LearningRate = 2e-4, Decay = "cosine", DecayEpochs = 10, MinimumRate = 1e-5 }, 1 },
        { "tern", new() { LearningRate = 2e-6, DecayEpochs = 2, WarmupSteps = 10 }, 7 },
        { "kaylode_cosine2", new() { LearningRate = 1e-3, Decay = "cosine_restarts" }, 8 },
        { "vsepp_epochs", new() { LearningRate = 2e-4, DecayEpochs = 15 }, 1 },
        { "camera_epochs", new() { LearningRate = 1e-4, DecayEpochs = 10 }, 1 },
        { "hrem_epochs", new() { LearningRate = 5e-4, Decay = "milestones", Milestones = [15, 25] }, 1 },
        { "vse_infty_epochs", new() { LearningRate = 5e-4, Decay = "milestones", Milestones = [15] }, 1 },
    };

    [Theory]
    [MemberData(nameof(Golden), DisableDiscoveryEnumeration = true)]
    public void Rates_are_those_of_the_published_training_loops(string name, ScheduleOptions options, long perEpoch)
    {
        var expected = GoldenFolder.Open("schedules.npz")[$"lr/{name}"].ToDoubles();
        var schedule = Schedules.Create(options);
        for (var step = 0; step < expected.Length; step++)
        {
            var rate = schedule.LearningRate(step, perEpoch);
            Assert.True(
                Math.Abs(rate - expected[step]) <= 1e-14 * options.LearningRate,
                $"{name}, step {step}: {rate:R}, expected {expected[step]:R}");
        }
    }
}

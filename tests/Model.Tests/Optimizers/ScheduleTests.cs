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
        Assert.Throws<ArgumentException>(() => Schedules.Create(new ScheduleOptions { Warmup = "hot" }));
    }

    /// <summary>The settings behind the case names, as the golden README gives them, with the steps of an epoch; files
    /// hold numbers only.</summary>
    private static readonly Dictionary<string, (ScheduleOptions Options, long PerEpoch)> Known = new()
    {
        ["step"] = (new() { LearningRate = 2e-4, DecayLength = 3 }, 1),
        ["multistep"] = (new() { LearningRate = 2e-4, Decay = "milestones", Milestones = [3, 7] }, 1),
        ["cosine"] = (new() { LearningRate = 2e-4, Decay = "cosine", DecayLength = 10, MinimumRate = 1e-5 }, 1),
        ["tern"] = (new() { LearningRate = 2e-6, DecayLength = 2, WarmupSteps = 10 }, 7),
        ["kaylode_cosine2"] = (new() { LearningRate = 1e-3, Decay = "cosine_restarts" }, 8),
        ["kaylode_cosine"] = (
            new() { LearningRate = 1e-3, Decay = "warm_restarts", DecayLength = 8, MinimumRate = 1e-4 }, 1),
        ["kaylode_1cycle_yolo"] = (
            new() { LearningRate = 1e-3, Decay = "cosine", DecayLength = 10, MinimumRate = 2e-4 }, 1),
        ["kaylode_1cycle"] = (
            new() { LearningRate = 1e-3, Decay = "one_cycle", DecayLength = 10, PeakAt = 0.1, EndDivisor = 1e5 }, 4),
        ["vsepp_epochs"] = (new() { LearningRate = 2e-4, DecayLength = 15 }, 1),
        ["camera_epochs"] = (new() { LearningRate = 1e-4, DecayLength = 10 }, 1),
        ["hrem_epochs"] = (new() { LearningRate = 5e-4, Decay = "milestones", Milestones = [15, 25] }, 1),
        ["vse_infty_epochs"] = (new() { LearningRate = 5e-4, Decay = "milestones", Milestones = [15] }, 1),
        ["hf_linear_warmup"] = (Transformers with { Decay = "linear" }, 5),
        ["hf_cosine_warmup"] = (Transformers with { Decay = "cosine" }, 5),
    };

    /// <summary>A rate that falls with what is measured on the way; it has a test of its own.</summary>
    private const string Plateau = "kaylode_plateau";

    private static ScheduleOptions Transformers => new()
    {
        LearningRate = 1e-3, DecayLength = 20, DecayBySteps = true, WarmupSteps = 4, Warmup = "linear",
    };

    public static TheoryData<string, string> Golden
    {
        get
        {
            var cases = new TheoryData<string, string>();
            foreach (var file in GoldenFolder.Files("schedules*.npz").Select(row => row.Data))
            {
                string[] names = file.EndsWith(".npz", StringComparison.Ordinal)
                    ? [.. GoldenFolder.Open(file).Under("lr/").Select(pair => pair.Name).Where(name => name != Plateau)]
                    : [""];
                cases.AddRange([.. names.Select(name => (file, name))]);
            }

            return cases;
        }
    }

    [Theory]
    [MemberData(nameof(Golden))]
    public void Rates_are_those_of_the_published_training_loops(string file, string name)
    {
        var expected = GoldenFolder.Open(file)[$"lr/{name}"].ToDoubles();
        Assert.True(Known.TryGetValue(name, out var known), $"no schedule is known for {name}");
        var schedule = Schedules.Create(known.Options);
        for (var step = 0; step < expected.Length; step++)
        {
            var rate = schedule.LearningRate(step, known.PerEpoch);
            Assert.True(
                Math.Abs(rate - expected[step]) <= 1e-14 * known.Options.LearningRate,
                $"{name}, step {step}: {rate:R}, expected {expected[step]:R}");
        }
    }

    public static TheoryData<string> Files => GoldenFolder.Files("schedules*.npz");

    [Theory]
    [MemberData(nameof(Files))]
    public void Plateaus_are_those_of_the_published_training_loop(string file)
    {
        var golden = GoldenFolder.Open(file);
        var (rates, metric) = (golden[$"lr/{Plateau}"].ToDoubles(), golden["input/plateau_metric"].ToDoubles());
        var rule = new PlateauRule(Patience: 1, Threshold: 1e-4, Relative: false, Factor: 0.5, MinimumRate: 1e-8);
        var schedule = Schedules.Create(new ScheduleOptions { LearningRate = rates[0], Decay = "plateau" });
        var state = PlateauState.First(rates[0]);
        for (var epoch = 0; epoch < rates.Length; epoch++)
        {
            Assert.Equal(rates[epoch], schedule.LearningRate(epoch, 1, state.Rate), 1e-18);
            state = state.After(metric[epoch], samples: 3, endsEpoch: true, rule);
        }

        Assert.True(rates[^1] < rates[0]);
    }

    [Fact]
    public void A_plateau_weighs_steps_by_their_samples_and_leaves_out_what_is_not_finite()
    {
        var rule = new PlateauRule(Patience: 0, Threshold: 0.1, Relative: true, Factor: 0.1, MinimumRate: 0.05);
        var first = PlateauState.First(1).After(2, 30, false, rule).After(double.NaN, 30, false, rule)
            .After(6, 10, true, rule);
        Assert.Equal(new PlateauState(1, 3, 0, 0, 0), first);
        Assert.Equal(first with { Best = 2.6 }, first.After(2.6, 1, true, rule));
        var fallen = first.After(2.8, 1, true, rule);
        Assert.Equal(first with { Rate = 0.1 }, fallen);
        Assert.Equal(0.05, fallen.After(2.8, 1, true, rule).Rate);
        Assert.Equal(fallen, fallen.After(double.NaN, 1, true, rule));
        var numbers = new double[PlateauState.Length];
        fallen.CopyTo(numbers);
        Assert.Equal(fallen, PlateauState.From(numbers));
    }

    [Fact]
    public void An_interval_in_steps_is_that_of_as_many_epochs_set_every_step()
    {
        var options = new ScheduleOptions { LearningRate = 1, Decay = "linear", DecayLength = 4 };
        var (epochs, steps) = (Schedules.Create(options), Schedules.Create(
            options with { DecayLength = 12, DecayBySteps = true }));
        Assert.Equal(0.5, epochs.LearningRate(6, 3));
        Assert.All(Enumerable.Range(0, 20), step =>
            Assert.Equal(steps.LearningRate(step, 3), epochs.LearningRate(step, 3)));
        var falling = Schedules.Create(new ScheduleOptions { LearningRate = 1, DecayLength = 2, DecayBySteps = true });
        Assert.Equal([1.0, 1.0, 0.1, 0.1], Enumerable.Range(0, 4).Select(step => falling.LearningRate(step, 100)));
    }

    [Fact]
    public void One_cycle_ends_at_its_lowest_rate_and_stays_there()
    {
        var schedule = Schedules.Create(new ScheduleOptions
        {
            LearningRate = 1, Decay = "one_cycle", DecayLength = 10, DecayBySteps = true, StartDivisor = 10,
            EndDivisor = 100,
        });
        Assert.Equal(0.1, schedule.LearningRate(0, 5), 1e-15);
        Assert.Equal(1, schedule.LearningRate(2, 5), 1e-15);
        Assert.Equal(1e-3, schedule.LearningRate(9, 5), 1e-15);
        Assert.Equal(1e-3, schedule.LearningRate(99, 5), 1e-15);
    }
}

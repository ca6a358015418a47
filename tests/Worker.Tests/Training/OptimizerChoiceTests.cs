using Colony.Jobs;
using Colony.Storage;

namespace Colony.Worker.Tests;

/// <summary>What a job says about its optimizer, through whole steps: three of them are an epoch.</summary>
public sealed class OptimizerChoiceTests
{
    private const long Steps = 5;
    private const StringComparison Exactly = StringComparison.Ordinal;

    public static TheoryData<string> Choices => [.. Sections.Keys];

    private static readonly Dictionary<string, TrainSection> Sections = new()
    {
        ["adamw"] = new() { Optimizer = OptimizerKind.Adamw, WeightDecay = 0.1, LearningRate = 1e-2 },
        ["sgd"] = new()
        {
            Optimizer = OptimizerKind.Sgd, Momentum = 0.9, Nesterov = true, WeightDecay = 0.1, LearningRate = 1e-2,
        },
        ["groups"] = new()
        {
            Optimizer = OptimizerKind.Adamw,
            WeightDecay = 0.1,
            Decay = DecayKind.Cosine,
            DecaySteps = 4,
            Groups =
            [
                new() { Match = "*.bias", WeightDecay = 0 },
                new() { Match = "image.*", Rate = 0.1, FrozenEpochs = 1, WarmupSteps = 2 },
                new() { Match = "caption.first.*", Frozen = true },
            ],
        },
    };

    [Theory]
    [MemberData(nameof(Choices))]
    public async Task AnyNumberOfWorkers_EndsWithTheSameState(string choice)
    {
        Tiny tiny = Of(Sections[choice]) with { Dropout = 0.4, Idle = true };
        Ended alone = await Ended.TrainAsync(tiny, 1, Steps);
        Assert.Equal(alone, await Ended.TrainAsync(tiny, 2, Steps));
        Assert.Equal(alone, await Ended.TrainAsync(tiny, 3, Steps));
        Assert.Equal(alone, await Ended.TrainAsync(tiny.Train(t => t with { Recompute = true }), 2, Steps));
    }

    /// <summary>As PyTorch leaves parameters without gradient; weight decay would shrink them else.</summary>
    [Fact]
    public async Task ALayerThatNoLossReaches_StaysAsItIs()
    {
        Tiny tiny = Of(Sections["adamw"]) with { Idle = true };
        float[] before = [];
        await using Crew crew = await Crew.StartAsync(tiny, 2);
        await crew.OnComputeAsync(() => before = Weights(crew, "idle.weight"));
        await crew.RunToAsync(2);
        await crew.OnComputeAsync(() =>
        {
            Assert.Equal(before, Weights(crew, "idle.weight"));
            Assert.Equal(0, Moves(crew, "idle.weight"));
            Assert.Equal(2, Moves(crew, "image.first.weight"));
        });
    }

    [Fact]
    public async Task AGroup_IsFrozenForItsEpochsAndTrainedThen()
    {
        await using Crew crew = await Crew.StartAsync(Of(Sections["groups"]), 2);
        float[] image = [], caption = [], other = [];
        await crew.OnComputeAsync(() => (image, caption, other) = Three());
        await crew.RunToAsync(3);
        await crew.OnComputeAsync(() =>
        {
            Assert.Equal(image, Weights(crew, "image.second.weight"));
            Assert.NotEqual(other, Weights(crew, "caption.second.weight"));
            Assert.Equal(0, Moves(crew, "image.second.weight"));
        });
        await crew.RunToAsync(4);
        await crew.OnComputeAsync(() =>
        {
            Assert.NotEqual(image, Weights(crew, "image.second.weight"));
            Assert.Equal(caption, Weights(crew, "caption.first.weight"));
            Assert.Equal(1, Moves(crew, "image.second.weight"));
        });

        (float[], float[], float[]) Three() => (Weights(crew, "image.second.weight"),
            Weights(crew, "caption.first.weight"), Weights(crew, "caption.second.weight"));
    }

    /// <summary>The published VSRN lists its captioner twice: Adam counts two steps of it for one.</summary>
    [Fact]
    public async Task AGroupThatStandsTwice_IsClippedAndMovedTwice()
    {
        Tiny once = Of(new TrainSection { LearningRate = 1e-2 });
        Tiny twice = once.Train(t => t with { Groups = [new() { Match = "caption.*", Twice = true }] });
        await using Crew crew = await Crew.StartAsync(twice, 2);
        StepReport report = await crew.RunToAsync(1);
        await using Crew plain = await Crew.StartAsync(once, 2);
        StepReport other = await plain.RunToAsync(1);
        Assert.True(report.GradientNorm > other.GradientNorm);
        await crew.OnComputeAsync(() =>
        {
            Assert.Equal(2, Moves(crew, "caption.first.weight"));
            Assert.Equal(1, Moves(crew, "image.first.weight"));
        });
        Assert.Equal(
            await Ended.TrainAsync(twice, 1, Steps), await Ended.TrainAsync(twice, 3, Steps));
    }

    [Fact]
    public async Task MomentumTravelsWithTheState()
    {
        Tiny tiny = Of(Sections["sgd"]);
        await using Crew crew = await Crew.StartAsync(tiny, 1);
        await crew.RunToAsync(2);
        await crew.OnComputeAsync(() =>
        {
            using StateCopy copy = crew.Members[0].Replica.Copy(weightsOnly: false);
            Assert.Contains(copy.Entries, e => e.Name == "optimizer.image.first.weight.momentum_buffer");
            using Replica other = tiny.Replica();
            other.Load(2, copy.Entries.ToDictionary(e => e.Name, StringComparer.Ordinal));
            Assert.Equal(crew.Members[0].Replica.Digest(), other.Digest());
            Assert.Equal(copy.Digest(), other.Digest());
        });
    }

    /// <summary>No epoch's loss is a hundredth of the first one's, so the rate halves after the second.</summary>
    [Fact]
    public async Task ARateThatFallsOnPlateaus_IsTheSameForAnyNumberOfWorkers_AndTravelsWithTheState()
    {
        Tiny tiny = Of(new TrainSection
        {
            Decay = DecayKind.Plateau, Patience = 0, Threshold = 0.99, DecayFactor = 0.5, LearningRate = 1e-2,
        });
        await using Crew crew = await Crew.StartAsync(tiny, 2);
        Assert.Equal(1e-2, (await crew.RunToAsync(6)).LearningRate);
        Assert.Equal(5e-3, (await crew.RunToAsync(8)).LearningRate);
        await crew.OnComputeAsync(() =>
        {
            using StateCopy copy = crew.Members[0].Replica.Copy(weightsOnly: false);
            using Replica other = tiny.Replica();
            other.Load(8, copy.Entries.ToDictionary(e => e.Name, StringComparer.Ordinal));
            Assert.Equal(crew.Members[0].Replica.Digest(), other.Digest());
            Assert.Equal(5e-3, other.RateOf(9));
            using StateCopy weights = other.Copy(weightsOnly: true);
            Assert.DoesNotContain(weights.Entries, e => e.Name.Contains("plateau", Exactly));
        });
        Ended alone = await Ended.TrainAsync(tiny, 1, 8);
        Assert.Equal(alone, await Ended.TrainAsync(tiny, 3, 8));
    }

    [Fact]
    public async Task AStateOfAnotherOptimizer_IsRefused()
    {
        await using Crew crew = await Crew.StartAsync(Of(Sections["sgd"]), 1);
        await crew.OnComputeAsync(() =>
        {
            using StateCopy copy = crew.Members[0].Replica.Copy(weightsOnly: false);
            using Replica other = Of(Sections["adamw"]).Replica();
            StorageException refused = Assert.Throws<StorageException>(
                () => other.Load(0, copy.Entries.ToDictionary(e => e.Name, StringComparer.Ordinal)));
            Assert.Contains("'optimizer.image.first.weight.exp_avg' is missing", refused.Message, Exactly);
        });
    }

    [Fact]
    public void AGroupThatFitsNoParameter_IsRefused()
    {
        Tiny tiny = Of(new TrainSection { Groups = [new() { Match = "bert.*" }] });
        ArgumentException refused = Assert.Throws<ArgumentException>(() => tiny.Replica().Dispose());
        Assert.StartsWith("train.groups: no parameter's name fits 'bert.*'", refused.Message, Exactly);
    }

    /// <summary>A worker with many slices accumulates their gradients: with nothing in the model that looks across a
    /// slice, five small slices train like one large batch, to rounding.</summary>
    [Fact]
    public async Task MoreSlices_AreGradientAccumulation()
    {
        Tiny slices = Of(Sections["sgd"]);
        Tiny whole = slices with { Job = slices.Job with { Batch = slices.Job.Batch with { LogicalRanks = 1 } } };
        (float[] cut, int graphs) = await WeightsAfterAsync(slices.Train(t => t with { Recompute = true }));
        (float[] uncut, _) = await WeightsAfterAsync(whole);
        Assert.Equal(1, graphs);
        Assert.All(cut.Zip(uncut), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
        (float[] start, _) = await WeightsAfterAsync(whole, steps: 0);
        Assert.Contains(uncut.Zip(start), pair => Math.Abs(pair.First - pair.Second) > 1e-3);

        static async Task<(float[] Weights, int Graphs)> WeightsAfterAsync(Tiny tiny, long steps = Steps)
        {
            await using Crew crew = await Crew.StartAsync(tiny, 1);
            if (steps > 0)
            {
                await crew.RunToAsync(steps);
            }

            float[] weights = [];
            await crew.OnComputeAsync(() => weights = Weights(crew, "image.first.weight"));
            return (weights, crew.Members[0].Runner.PeakGraphs);
        }
    }

    private static Tiny Of(TrainSection train) =>
        new Tiny().Train(_ => train with { Epochs = 5, ClipNorm = 1 });

    private static float[] Weights(Crew crew, string name)
    {
        Replica replica = crew.Members[^1].Replica;
        return replica.Parameters[replica.Names.ToList().IndexOf(name)].ToArray<float>();
    }

    private static long Moves(Crew crew, string name) =>
        crew.Members[^1].Replica.Optimizer.State().Single(s => s.Name == $"{name}.step").Tensor.ToInt64();
}

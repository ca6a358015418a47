using Colony.Jobs;
using Colony.Model;
using Colony.Torch;

namespace Colony.Worker.Tests;

/// <summary>Every objective that jobs can name, on the gathered global batch: the same weights for any number of
/// workers. Those that go with one model alone are in <see cref="PublishedModelsTests"/>.</summary>
public sealed class ObjectivesTests
{
    private const long Steps = 3;

    private static readonly string[] OfOneModel = ["selfalign", "hrem"];

    private static readonly Dictionary<string, (string Name, object Options)> More = new(StringComparer.Ordinal)
    {
        ["hinge, order"] = ("hinge", new HingeOptions { Measure = "order", MaxViolation = false }),
        ["hinge, order_penalty"] = ("hinge", new HingeOptions { Measure = "order_penalty", MaxViolation = false }),
        ["triplet, batch_hard"] = ("triplet", new TripletOptions { Pairs = new PairOptions { Miner = "batch_hard" } }),
        ["triplet, semi_hard"] = ("triplet", new TripletOptions { Pairs = new PairOptions { Miner = "semi_hard" } }),
        ["multi_similarity, mined"] = (
            "multi_similarity", new MultiSimilarityOptions { Pairs = new PairOptions { Miner = "multi_similarity" } }),
    };

    public static TheoryData<string> Names =>
        [.. ObjectiveRegistry.All.Select(o => o.Name).Except(OfOneModel).Concat(More.Keys)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task AnyNumberOfWorkers_EndsWithTheSameWeights(string objective)
    {
        long before = TensorCounters.Live;
        Tiny tiny = Of(objective);
        Ended alone = await Ended.TrainAsync(tiny, 1, Steps);
        Assert.True(alone.Loss > 0 && double.IsFinite(alone.Loss), $"the loss is {alone.Loss}");
        Assert.Equal(alone, await Ended.TrainAsync(tiny, 2, Steps));
        Assert.Equal(alone, await Ended.TrainAsync(tiny, 3, Steps));
        Assert.Equal(before, TensorCounters.Live);
    }

    // Were it the loss of each slice alone, cutting the batch otherwise would change it.
    [Theory]
    [MemberData(nameof(Names))]
    public async Task TheLossIsThatOfTheWholeBatch(string objective)
    {
        Tiny cut = Of(objective);
        Tiny whole = cut with { Job = cut.Job with { Batch = cut.Job.Batch with { LogicalRanks = 1 } } };
        double expected = (await Ended.TrainAsync(whole, 1, 1)).Loss;
        Assert.Equal(expected, (await Ended.TrainAsync(cut, 2, 1)).Loss, 1e-5 * Math.Abs(expected));
    }

    private static Tiny Of(string objective)
    {
        var tiny = new Tiny { Samples = 27, Published = () => Make(objective) };
        return tiny with { Job = tiny.Job with { Batch = new BatchSection { Size = 12, LogicalRanks = 3 } } };
    }

    private static (IEncoder Encoder, IObjective Objective) Make(string objective)
    {
        (string name, object? options) = More.TryGetValue(objective, out var more) ? more : (objective, null);
        Assert.True(ModelRegistry.TryGet("vse", out ModelEntry? encoder));
        Assert.True(ObjectiveRegistry.TryGet(name, out ObjectiveEntry? goal));
        var inputs = new ModelInputs(
            PublishedData.Features, PublishedData.Tokens, PublishedData.Words, PublishedData.Pieces);
        return (
            encoder.Create(new VseOptions { EmbedSize = 8, WordDim = 4 }, inputs),
            goal.Create(options ?? Activator.CreateInstance(goal.OptionsType)!));
    }
}

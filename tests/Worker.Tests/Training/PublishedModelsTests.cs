using Colony.Jobs;
using Colony.Model;
using Colony.Torch;

namespace Colony.Worker.Tests;

/// <summary>Every model that jobs can name, small, through whole steps.</summary>
public sealed class PublishedModelsTests
{
    private const long Steps = 3;
    private const string Relative = "with relative positions";

    private static readonly Dictionary<string, (object Model, string Objective, object Loss)> Small = new()
    {
        ["tern"] = (
            new TernOptions
            {
                EmbedSize = 8, Heads = 2, Feedforward = 8, ImageLayers = 1, JointLayers = 1, Text = "words",
            },
            "hinge", new HingeOptions()),
        ["kaylode_tern"] = (
            new KaylodeTernOptions { EmbedSize = 8, ModelDim = 5, Feedforward = 8, Heads = 1, ImageLayers = 1 },
            "triplet", new TripletOptions()),
        [$"kaylode_tern {Relative}"] = (
            new KaylodeTernOptions
            {
                EmbedSize = 8, ModelDim = 6, Feedforward = 8, Heads = 2, ImageLayers = 2, TextLayers = 1,
                ProjectText = true, TextRelative = true, ImageRelative = "index", RelativeDistance = 2,
                RelativeLayers = "first",
            },
            "contrastive", new ContrastiveOptions()),
        ["vse"] = (new VseOptions { EmbedSize = 8, WordDim = 4 }, "hinge", new HingeOptions()),
        ["vsrn"] = (
            new VsrnOptions { EmbedSize = 8, WordDim = 4, CaptionHidden = 4, CaptionWordDim = 3, CaptionLength = 7 },
            "hinge", new HingeOptions()),
        ["camera"] = (
            new CameraOptions { EmbedSize = 8, Heads = 2, Views = 3, Text = "features", CaptionLength = 8 },
            "hinge", new HingeOptions { Measure = "views" }),
        ["selfalign_vsrn"] = (
            new SelfAlignVsrnOptions
            {
                EmbedSize = 8, WordDim = 4, CaptionHidden = 4, CaptionWordDim = 3, CaptionLength = 7,
            },
            "selfalign", new SelfAlignOptions { EmbedSize = 8, Prototypes = 5, Negatives = 9 }),
        ["selfalign_camera"] = (
            new SelfAlignCameraOptions { EmbedSize = 8, Heads = 2, Views = 3, Text = "features", CaptionLength = 8 },
            "selfalign",
            new SelfAlignOptions { EmbedSize = 8, Prototypes = 5, Negatives = 9, Measure = "views", FrozenEpochs = 1 }),
        ["vse_infinity"] = (
            new VseInfinityOptions
            {
                EmbedSize = 8, BertDim = 8, BertLayers = 1, BertHeads = 2, BertIntermediate = 8, BertMaxPositions = 8,
                PoolPositionDim = 4, PoolHidden = 3,
            },
            "hinge", new HingeOptions()),
        ["hrem"] = (
            new HremOptions
            {
                EmbedSize = 8, Heads = 2, BertDim = 8, BertLayers = 1, BertHeads = 2, BertIntermediate = 8,
                BertMaxPositions = 8,
            },
            "hrem",
            new HremObjectiveOptions
            {
                EmbedSize = 8, Heads = 2, Warmup = 1, RelationSize = 3, NormalizeInput = false, FarthestNegative = 2,
            }),
    };

    public static TheoryData<string> Names => [.. ModelRegistry.All.Select(model => model.Name).Union(Small.Keys)];

    [Theory]
    [MemberData(nameof(Names))]
    public async Task AnyNumberOfWorkers_EndsWithTheSameWeights(string model)
    {
        long before = TensorCounters.Live;
        Tiny tiny = Of(model);
        Ended alone = await Ended.TrainAsync(tiny, 1, Steps);
        Assert.True(double.IsFinite(alone.Loss));
        Assert.Equal(alone, await Ended.TrainAsync(tiny, 2, Steps));
        Assert.Equal(alone, await Ended.TrainAsync(tiny, 3, Steps));
        Assert.Equal(alone, await Ended.TrainAsync(tiny.Train(t => t with { Recompute = true }), 2, Steps));
        Assert.Equal(alone, await Ended.TrainAsync(tiny, 2, Steps, rehearsed: true));
        Assert.Equal(before, TensorCounters.Live);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public async Task ProductsInBfloat16_StayCloseAndAreTheSameForAnyNumberOfWorkers(string model)
    {
        long before = TensorCounters.Live;
        Tiny narrow = Of(model).Train(t => t with { Precision = Precision.Bf16 });
        Ended alone = await Ended.TrainAsync(narrow, 1, Steps);
        Ended whole = await Ended.TrainAsync(Of(model), 1, Steps);
        Assert.NotEqual(whole, alone);
        Assert.InRange(alone.Loss, 0.95 * whole.Loss, 1.05 * whole.Loss);
        Assert.Equal(alone, await Ended.TrainAsync(narrow.Train(t => t with { Recompute = true }), 2, Steps));
        Assert.Equal(before, TensorCounters.Live);
    }

    /// <summary>The captioning loss is a mean over the global batch, wherever it is cut; VSRN's BatchNorm starts as
    /// nothing, so that the first step shows it.</summary>
    [Fact]
    public async Task SlicesOwnLosses_AddUpToThatOfTheWholeBatch()
    {
        (object model, string objective, object loss) = Small["vsrn"];
        Tiny tiny = Of("vsrn", (VsrnOptions)model with { Variant = "coco", Dropout = 0 }, objective, loss);
        Ended cut = await Ended.TrainAsync(tiny, 2, 1);
        Tiny whole = tiny with { Job = tiny.Job with { Batch = tiny.Job.Batch with { LogicalRanks = 1 } } };
        Ended uncut = await Ended.TrainAsync(whole, 1, 1);
        Assert.Equal(uncut.Loss, cut.Loss, 1e-4 * uncut.Loss);
        Tiny silent = Of("vsrn", (VsrnOptions)model with { Captioning = false }, objective, loss);
        Assert.True((await Ended.TrainAsync(silent, 2, 1)).Loss < cut.Loss - 1);
    }

    /// <summary>What an objective learns moves, is part of weights and digest, and reaches who only follows.</summary>
    [Fact]
    public async Task ObjectivesParameters_AreTrainedWithTheModels()
    {
        Tiny tiny = Of("selfalign_vsrn");
        await using Crew crew = await Crew.StartAsync(tiny, 2);
        float[] before = [], after = [];
        await crew.OnComputeAsync(() => before = Prototypes(crew.Members[1].Replica));
        await crew.RunToAsync(2);
        await crew.OnComputeAsync(() =>
        {
            Replica replica = crew.Members[1].Replica;
            after = Prototypes(replica);
            Assert.Contains(replica.Inventory(), t => t.Name == "objective.v_prototypes.weight");
            Assert.Contains(replica.Optimizer.State(), s => s.Name == "objective.v_prototypes.weight.exp_avg");
            using StateCopy snapshot = replica.Copy(weightsOnly: true);
            Assert.DoesNotContain(snapshot.Entries, e => e.Name.Contains("prototypes", StringComparison.Ordinal));
        });
        Assert.NotEqual(before, after);
        foreach (float[] row in after.Chunk(8))
        {
            Assert.Equal(1, row.Sum(x => x * x), 0.1);
        }
    }

    private static float[] Prototypes(Replica replica) => replica.Parameters[^1].ToArray<float>();

    private static Tiny Of(string name) => Of(name, Small[name].Model, Small[name].Objective, Small[name].Loss);

    private static Tiny Of(string name, object model, string objective, object loss)
    {
        // The third batch has one sample for each logical rank.
        var tiny = new Tiny { Samples = 27, Published = () => Make(name, model, objective, loss) };
        return tiny with { Job = tiny.Job with { Batch = new BatchSection { Size = 12, LogicalRanks = 3 } } };
    }

    private static (IEncoder Encoder, IObjective Objective) Make(
        string model, object options, string objective, object loss)
    {
        Assert.True(ModelRegistry.TryGet(model.Split(' ')[0], out ModelEntry? encoder));
        Assert.True(ObjectiveRegistry.TryGet(objective, out ObjectiveEntry? goal));
        var inputs = new ModelInputs(
            PublishedData.Features, PublishedData.Tokens, PublishedData.Words, PublishedData.Pieces);
        return (encoder.Create(options, inputs), goal.Create(loss));
    }
}

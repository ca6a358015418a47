using Colony.Torch;

namespace Colony.Model.Tests;

/// <summary>Small models and slices for the tests of encoders.</summary>
internal static class Samples
{
    public const int FeatureDim = 12;
    public const int WordDim = 8;
    public const int Vocabulary = 30;

    public static readonly ModelInputs Inputs = new(
        FeatureDim, WordDim, Vocabulary, new WordPieces(4, new HashSet<int> { 5 }));

    public static readonly TernOptions Tern = new()
    {
        EmbedSize = 8, Heads = 4, Feedforward = 16, ImageLayers = 2, JointLayers = 2, WordDim = WordDim,
        BertHeads = 2, BertLayers = 2, BertIntermediate = 16, BertMaxPositions = 16, MaxWords = 16,
    };

    public static readonly KaylodeTernOptions Kaylode = new()
    {
        EmbedSize = 8, ModelDim = WordDim, Feedforward = 16, Heads = 2, ImageLayers = 2, TextLayers = 1,
        SharedLayers = 1,
    };

    public static readonly VseOptions Vse = new() { EmbedSize = 8, WordDim = 6 };

    public static readonly VsrnOptions Vsrn = new()
    {
        EmbedSize = 8, WordDim = 6, CaptionHidden = 5, CaptionWordDim = 4, CaptionLength = 7,
    };

    public static readonly VseInfinityOptions VseInfinity = new()
    {
        EmbedSize = 8, WordDim = 6, BertDim = 8, BertLayers = 1, BertHeads = 2, BertIntermediate = 12,
        BertMaxPositions = 16, PoolPositionDim = 6, PoolHidden = 4,
    };

    public static readonly CameraOptions Camera = new()
    {
        EmbedSize = 8, Heads = 2, Views = 3, Text = "features", BertDim = 8, BertLayers = 1, BertHeads = 2,
        BertIntermediate = 12, BertMaxPositions = 16, CaptionLength = 8,
    };

    public static readonly SelfAlignVsrnOptions SelfAlignVsrn = new()
    {
        EmbedSize = 8, WordDim = 6, CaptionHidden = 5, CaptionWordDim = 4, CaptionLength = 7,
    };

    public static readonly SelfAlignCameraOptions SelfAlignCamera = new()
    {
        EmbedSize = 8, Heads = 2, Views = 3, Text = "features", CaptionLength = 8, Dropout = 0,
    };

    private static readonly SelfAlignOptions SelfAlign = new()
    {
        EmbedSize = 8, Prototypes = 6, Negatives = 5, MaxViolation = false, Margin = 1,
    };

    public static readonly HremOptions Hrem = new()
    {
        EmbedSize = 8, Heads = 2, BertDim = 8, BertLayers = 1, BertHeads = 2, BertIntermediate = 12,
        BertMaxPositions = 16,
    };

    private static readonly HremObjectiveOptions Relations = new()
    {
        EmbedSize = 8, Heads = 2, RelationSize = 3, Warmup = 0, Dropout = 0, Margin = 1,
        BaseLoss = "vse", GraphLoss = "vse",
    };

    /// <summary>What a model is trained for in the tests.</summary>
    public static IObjective Objective(string model) => model switch
    {
        "camera" => new BidirectionalHinge(new HingeOptions { MaxViolation = false, Margin = 1, Measure = "views" }),
        "selfalign_vsrn" => new SelfAlignObjective(SelfAlign),
        "selfalign_camera" => new SelfAlignObjective(SelfAlign with { Measure = "views" }),
        "hrem" => new HremObjective(Relations),
        _ => new BidirectionalHinge(new HingeOptions { MaxViolation = false, Margin = 1 }),
    };

    /// <summary>Random samples, padded to the longest; what lies behind a length is zero. The caller disposes
    /// it.</summary>
    public static NamedTensors Slice(int seed, int[] regions, int[] words)
    {
        var random = new Random(seed);
        var (count, most, longest) = (regions.Length, regions.Max(), words.Max());
        var features = new float[count * most * FeatureDim];
        var boxes = new float[count * most * 4];
        var texts = new float[count * longest * WordDim];
        var ids = new long[count * longest];
        for (var i = 0; i < count; i++)
        {
            Fill(features.AsSpan(i * most * FeatureDim, regions[i] * FeatureDim)[FeatureDim..]);
            Fill(boxes.AsSpan(i * most * 4, regions[i] * 4)[4..]);
            Fill(texts.AsSpan(i * longest * WordDim, words[i] * WordDim));
            for (var t = 0; t < words[i]; t++)
            {
                ids[(i * longest) + t] = random.Next(1, Vocabulary);
            }
        }

        var batch = new NamedTensors();
        batch.Add(TensorNames.Features, torch.tensor(features, [count, most, FeatureDim]));
        batch.Add(TensorNames.Boxes, torch.tensor(boxes, [count, most, 4]));
        batch.Add(TensorNames.FeatureLengths, torch.tensor(Array.ConvertAll(regions, n => (long)n), [count]));
        batch.Add(TensorNames.CaptionFeatures, torch.tensor(texts, [count, longest, WordDim]));
        batch.Add(TensorNames.Captions, torch.tensor(ids, [count, longest]));
        batch.Add(TensorNames.CaptionLengths, torch.tensor(Array.ConvertAll(words, n => (long)n), [count]));
        batch.Add(TensorNames.Image, torch.arange(count));
        return batch;

        void Fill(Span<float> values)
        {
            foreach (ref var value in values)
            {
                value = (float)random.NextDouble();
            }
        }
    }

    public static IEncoder Create(string name, object options, long seed = 1)
    {
        Assert.True(ModelRegistry.TryGet(name, out var entry));
        torch.manual_seed(seed);
        return entry.Create(options, Inputs);
    }

    public static double[] Parameters(IEncoder encoder) =>
        [.. encoder.Module.named_parameters().SelectMany(pair => Arrays.Doubles(pair.parameter))];

    public static long Count(IEncoder encoder) => encoder.Module.named_parameters().Sum(pair => pair.parameter.numel());
}

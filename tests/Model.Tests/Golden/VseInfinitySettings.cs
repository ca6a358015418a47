using Colony.Testing.Npy;

namespace Colony.Model.Tests;

/// <summary>VSE-infinity with a BERT inside.</summary>
internal static class VseInfinitySettings
{
    public static GoldenSetup Of(string file, NpzFile numbers)
    {
        var options = new VseInfinityOptions
        {
            EmbedSize = numbers.Whole("embed"),
            BertDim = numbers.Whole("bert_hidden"),
            BertLayers = numbers.Whole("bert_layers"),
            BertHeads = numbers.Whole("bert_heads"),
            BertIntermediate = numbers.Whole("bert_intermediate"),
            BertMaxPositions = BertPositions(numbers),
            PoolPositionDim = numbers.Whole("gpo_d_pe"),
            PoolHidden = numbers.Whole("gpo_d_hidden"),
            Dropout = 0,
            RegionDrop = 0,
            PieceChange = 0,
            PublishedUnusedLayers = true,
        };
        var inputs = new ModelInputs(numbers.Whole("img_dim"), 0, numbers.Whole("vocab"));
        var objective = new BidirectionalHinge(new HingeOptions
        {
            Margin = numbers.Meta("margin"), MaxViolation = numbers.Whole("max_violation") != 0,
        });
        return new GoldenSetup(new VseInfinityEncoder(options, inputs), objective)
        {
            Options = options,
            Inputs = inputs,
            Names = Names,
            Adam = new AdamOptions { WeightDecay = numbers.Meta("weight_decay"), Decoupled = true },
            RateOf = name => BertRate(name, numbers),
        };
    }

    public static IReadOnlyDictionary<string, string> Names { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [TensorNames.Features] = "images",
            [TensorNames.FeatureLengths] = "image_lengths",
            [TensorNames.CaptionLengths] = "lengths",
        };

    public static int BertPositions(NpzFile numbers) =>
        (int)numbers["param/txt_enc.bert.embeddings.position_embeddings.weight"].Shape[0];

    public static double BertRate(string name, NpzFile numbers) =>
        name.StartsWith("txt_enc.bert.", StringComparison.Ordinal)
            ? numbers.Meta("bert_lr") / numbers.Meta("lr")
            : 1;
}

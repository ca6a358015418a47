using Colony.Testing.Npy;

namespace Colony.Model.Tests;

/// <summary>VSE-infinity with a BERT inside.</summary>
internal static class VseInfinitySettings
{
    public static GoldenSetup Of(string file, NpzFile numbers)
    {
        var encoder = new VseInfinityEncoder(
            new VseInfinityOptions
            {
                EmbedSize = Meta("embed"),
                BertDim = Meta("bert_hidden"),
                BertLayers = Meta("bert_layers"),
                BertHeads = Meta("bert_heads"),
                BertIntermediate = Meta("bert_intermediate"),
                BertMaxPositions = BertPositions(numbers),
                PoolPositionDim = Meta("gpo_d_pe"),
                PoolHidden = Meta("gpo_d_hidden"),
                Dropout = 0,
                RegionDrop = 0,
                PieceChange = 0,
                PublishedUnusedLayers = true,
            },
            new ModelInputs(Meta("img_dim"), 0, Meta("vocab")));
        var objective = new BidirectionalHinge(new HingeOptions
        {
            Margin = numbers["meta/margin"].Scalar(), MaxViolation = Meta("max_violation") != 0,
        });
        return new GoldenSetup(encoder, objective)
        {
            Names = Names,
            Adam = new AdamOptions { WeightDecay = numbers["meta/weight_decay"].Scalar(), Decoupled = true },
            RateOf = name => BertRate(name, numbers),
        };

        int Meta(string name) => (int)numbers[$"meta/{name}"].Scalar();
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
            ? numbers["meta/bert_lr"].Scalar() / numbers["meta/lr"].Scalar()
            : 1;
}

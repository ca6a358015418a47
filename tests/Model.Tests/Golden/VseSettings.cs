using Colony.Testing.Npy;

namespace Colony.Model.Tests;

/// <summary>Order embeddings and VSE++. The measure, which is no number, is in the name:
/// <c>vsepp_MEASURE_….npz</c>.</summary>
internal static class VseSettings
{
    public static GoldenSetup Of(string file, NpzFile numbers)
    {
        var encoder = new VseEncoder(
            new VseOptions
            {
                EmbedSize = Meta("embed"),
                WordDim = Meta("word_dim"),
                TextLayers = Meta("num_layers"),
                Absolute = Meta("use_abs") != 0,
                NormalizeImages = Meta("no_imgnorm") == 0,
            },
            new ModelInputs(Meta("img_dim"), 0, Meta("vocab")));
        var objective = new BidirectionalHinge(new HingeOptions
        {
            Margin = numbers["meta/margin"].Scalar(),
            Measure = file.Contains("_order", StringComparison.Ordinal) ? "order" : "dot",
            MaxViolation = Meta("max_violation") != 0,
        });
        return new GoldenSetup(encoder, objective)
        {
            Names = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [TensorNames.Features] = "images",
                [TensorNames.CaptionLengths] = "lengths",
            },
        };

        int Meta(string name) => (int)numbers[$"meta/{name}"].Scalar();
    }
}

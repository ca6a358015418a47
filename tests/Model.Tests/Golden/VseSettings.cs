using Colony.Testing.Npy;

namespace Colony.Model.Tests;

/// <summary>Order embeddings and VSE++. The measure, which is no number, is in the name:
/// <c>vsepp_MEASURE_….npz</c>.</summary>
internal static class VseSettings
{
    public static GoldenSetup Of(string file, NpzFile numbers)
    {
        var options = new VseOptions
        {
            EmbedSize = numbers.Whole("embed"),
            WordDim = numbers.Whole("word_dim"),
            TextLayers = numbers.Whole("num_layers"),
            Absolute = numbers.Whole("use_abs") != 0,
            NormalizeImages = numbers.Whole("no_imgnorm") == 0,
        };
        var inputs = new ModelInputs(numbers.Whole("img_dim"), 0, numbers.Whole("vocab"));
        var objective = new BidirectionalHinge(new HingeOptions
        {
            Margin = numbers.Meta("margin"),
            Measure = file.Contains("_order", StringComparison.Ordinal) ? "order" : "dot",
            MaxViolation = numbers.Whole("max_violation") != 0,
        });
        return new GoldenSetup(new VseEncoder(options, inputs), objective)
        {
            Options = options,
            Inputs = inputs,
            Names = new Dictionary<string, string>(StringComparer.Ordinal)
            {
                [TensorNames.Features] = "images",
                [TensorNames.CaptionLengths] = "lengths",
            },
        };
    }
}

using Colony.Testing.Npy;

namespace Colony.Model.Tests;

/// <summary>VSRN; which variant it is, the weights show.</summary>
internal static class VsrnSettings
{
    public static IReadOnlyDictionary<string, string> Names { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [TensorNames.Features] = "images",
            [TensorNames.CaptionLengths] = "lengths",
        };

    public static GoldenSetup Of(string file, NpzFile numbers)
    {
        var objective = new BidirectionalHinge(new HingeOptions
        {
            Margin = numbers.Meta("margin"), MaxViolation = numbers.Meta("max_violation") != 0,
        });
        return new GoldenSetup(new VsrnEncoder(Options(numbers), Inputs(numbers)), objective)
        {
            Options = Options(numbers),
            Inputs = Inputs(numbers),
            Names = Names,
            Twice = IsCaptioner,
            ObjectiveLoss = "retrieval",
        };
    }

    /// <summary>The captioner stands twice in the published optimizer's list.</summary>
    public static bool IsCaptioner(string name) => name.StartsWith("caption_model.", StringComparison.Ordinal);

    public static VsrnOptions Options(NpzFile numbers) => new()
    {
        EmbedSize = numbers.Whole("embed"),
        WordDim = numbers.Whole("word_dim"),
        TextLayers = numbers.Contains("meta/num_layers") ? numbers.Whole("num_layers") : 1,
        Variant = numbers.Contains("param/img_enc.bn.weight") ? "f30k" : "coco",
        CaptionHidden = numbers.Whole("dim_hidden"),
        CaptionWordDim = numbers.Whole("dim_word"),
        CaptionLength = numbers.Whole("max_len"),
        CaptionBidirectional = numbers.Contains("param/caption_model.encoder.rnn.weight_ih_l0_reverse"),
        Dropout = 0,
    };

    public static ModelInputs Inputs(NpzFile numbers) => new(numbers.Whole("img_dim"), 0, numbers.Whole("vocab"));
}

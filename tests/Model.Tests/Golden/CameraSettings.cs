using Colony.Testing.Npy;

namespace Colony.Model.Tests;

/// <summary>CAMERA on given BERT hidden states.</summary>
internal static class CameraSettings
{
    public static IReadOnlyDictionary<string, string> Names { get; } =
        new Dictionary<string, string>(StringComparer.Ordinal)
        {
            [TensorNames.Features] = "images",
            [TensorNames.ImageSizes] = "imgs_wh",
            [TensorNames.CaptionFeatures] = "bert_hidden",
            [TensorNames.CaptionLengths] = "lengths",
        };

    public static GoldenSetup Of(string file, NpzFile numbers) =>
        new(new CameraEncoder(Options(numbers), Inputs(numbers)), new BidirectionalHinge(Hinge(numbers)))
        {
            Options = Options(numbers),
            Inputs = Inputs(numbers),
            Names = Names,
            ObjectiveLoss = "ranking",
        };

    public static CameraOptions Options(NpzFile numbers) => new()
    {
        EmbedSize = numbers.Whole("embed"),
        Heads = numbers.Whole("head"),
        Views = numbers.Whole("smry_k"),
        DiversityWeight = numbers.Meta("smry_lamda"),
        Text = "features",
        CaptionLength = 0,
        PixelBoxes = true,
    };

    public static HingeOptions Hinge(NpzFile numbers) => new()
    {
        Margin = numbers.Meta("margin"), MaxViolation = numbers.Whole("max_violation") != 0, Measure = "views",
    };

    public static ModelInputs Inputs(NpzFile numbers) => new(numbers.Whole("img_dim"), numbers.Whole("bert_dim"), 0);
}

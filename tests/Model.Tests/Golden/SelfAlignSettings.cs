using Colony.Testing.Npy;

namespace Colony.Model.Tests;

/// <summary>SelfAlign on both of its backbones.</summary>
internal static class SelfAlignSettings
{
    private const string Prefix = "region_loss.";

    /// <summary>The objective's sum, which the files have only in parts.</summary>
    private const string Share = "(objective)";

    public static GoldenSetup Vsrn(string file, NpzFile numbers)
    {
        var backbone = VsrnSettings.Options(numbers);
        var options = new SelfAlignVsrnOptions
        {
            EmbedSize = backbone.EmbedSize,
            WordDim = backbone.WordDim,
            TextLayers = backbone.TextLayers,
            Variant = backbone.Variant,
            CaptionHidden = backbone.CaptionHidden,
            CaptionWordDim = backbone.CaptionWordDim,
            CaptionLength = backbone.CaptionLength,
            CaptionBidirectional = backbone.CaptionBidirectional,
            Dropout = 0,
            ContextRelu = numbers.Meta("ctx_relu") != 0,
        };
        var inputs = VsrnSettings.Inputs(numbers);
        return new GoldenSetup(
            new SelfAlignVsrnEncoder(options, inputs), new SelfAlignObjective(Losses(numbers)))
        {
            Options = options,
            Inputs = inputs,
            Names = With(VsrnSettings.Names, "img_loc_feas", "cap_loc_feas", "cap_atd_glo_fea"),
            ObjectivePrefix = Prefix,
            ObjectiveLoss = Share,
            Twice = VsrnSettings.IsCaptioner,
        };
    }

    public static GoldenSetup Camera(string file, NpzFile numbers)
    {
        var backbone = CameraSettings.Options(numbers);
        var options = new SelfAlignCameraOptions
        {
            EmbedSize = backbone.EmbedSize,
            Heads = backbone.Heads,
            Views = backbone.Views,
            DiversityWeight = backbone.DiversityWeight,
            Text = backbone.Text,
            CaptionLength = 0,
            PixelBoxes = backbone.PixelBoxes,
            ContextRelu = numbers.Meta("ctx_fc_relu") != 0,
        };
        var inputs = CameraSettings.Inputs(numbers);
        var losses = Losses(numbers) with
        {
            Measure = "views", FrozenEpochs = numbers.Whole("epoch") == 0 ? 1 : 0,
        };
        return new GoldenSetup(new SelfAlignCameraEncoder(options, inputs), new SelfAlignObjective(losses))
        {
            Options = options,
            Inputs = inputs,
            Names = With(CameraSettings.Names, "img_fc_emb", "cap_local_emb", "cap_atd_glo"),
            ObjectivePrefix = Prefix,
            ObjectiveLoss = Share,
            LeavesGradientsOut = name => name.Contains(".convs_dilate.", StringComparison.Ordinal),
        };
    }

    public static SelfAlignOptions Losses(NpzFile numbers) => new()
    {
        EmbedSize = numbers.Whole("embed"),
        Margin = numbers.Meta("margin"),
        MaxViolation = numbers.Whole("max_violation") != 0,
        Prototypes = numbers.Whole("prototypes"),
        SinkhornIterations = numbers.Whole("sinkhorn_iterations"),
        SinkhornEpsilon = numbers.Meta("epsilon"),
        ConceptTemperature = numbers.Meta("student_temp"),
        RegionTemperature = numbers.Meta("v5_tao"),
        WordTemperature = numbers.Meta("v6_tao"),
        Negatives = numbers.Whole("neg_num"),
    };

    private static Dictionary<string, string> With(
        IReadOnlyDictionary<string, string> names, string regions, string words, string captions) => new(
        names, StringComparer.Ordinal)
    {
        [TensorNames.ImageEmbeddings] = "img_emb_joint",
        [TensorNames.CaptionEmbeddings] = "cap_emb_joint",
        [TensorNames.ImageConcepts] = regions,
        [TensorNames.CaptionConcepts] = words,
        [TensorNames.ImageLocals] = "img_locals",
        [TensorNames.CaptionLocals] = "cap_locals",
        [TensorNames.ImageGlobals] = "img_atd_glo",
        [TensorNames.CaptionGlobals] = captions,
    };
}

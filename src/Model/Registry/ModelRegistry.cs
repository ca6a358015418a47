using System.Diagnostics.CodeAnalysis;

namespace Colony.Model;

/// <summary>A model that jobs can name.</summary>
/// <param name="Name">Its name in job files.</param>
/// <param name="Paper">Where it was published.</param>
/// <param name="OptionsType">The record of its options.</param>
/// <param name="ZeroRegion">Whether batches carry a zero row as region 0, with the zero box, counted in
/// <c>feat_len</c>.</param>
/// <param name="Create">Makes it, with initial values from torch's seeded generator. Throws
/// <see cref="ArgumentException"/> when options and data do not fit each other.</param>
public sealed record ModelEntry(
    string Name, string Paper, Type OptionsType, bool ZeroRegion, Func<object, ModelInputs, IEncoder> Create)
{
    /// <summary>Adds what the published state has beside the model's weights, for options of the model; null where it
    /// has nothing.</summary>
    public Action<object, PublishedRest>? Rest { get; init; }
}

/// <summary>All models.</summary>
public static class ModelRegistry
{
    private const string SelfAlignPaper =
        "Zhuang et al., Towards Fast and Accurate Image-Text Retrieval with Self-Supervised Fine-Grained Alignment, "
        + "2023";

    /// <summary>Every model, in the order in which they are listed to people.</summary>
    public static IReadOnlyList<ModelEntry> All { get; } =
    [
        new("tern", "Messina et al., Transformer Reasoning Network for Image-Text Matching and Retrieval, ICPR 2020",
            typeof(TernOptions), true, (options, inputs) => new TernEncoder((TernOptions)options, inputs))
        {
            Rest = (options, rest) => TernEncoder.Rest((TernOptions)options, rest),
        },
        new("kaylode_tern", "kaylode/tern: TERN re-made with pre-norm layers and metric losses, on Flickr30K",
            typeof(KaylodeTernOptions), false,
            (options, inputs) => new KaylodeTernEncoder((KaylodeTernOptions)options, inputs)),
        new("vse", "Vendrov et al., Order-Embeddings, ICLR 2016; Faghri et al., VSE++, BMVC 2018",
            typeof(VseOptions), false, (options, inputs) => new VseEncoder((VseOptions)options, inputs)),
        new("vsrn", "Li et al., Visual Semantic Reasoning for Image-Text Matching, ICCV 2019",
            typeof(VsrnOptions), false, (options, inputs) => new VsrnEncoder((VsrnOptions)options, inputs)),
        new("camera", "Qu et al., Context-Aware Multi-View Summarization Network for Image-Text Matching, ACM MM 2020",
            typeof(CameraOptions), false, (options, inputs) => new CameraEncoder((CameraOptions)options, inputs))
        {
            Rest = (options, rest) => CameraTextEncoder.Rest((CameraOptions)options, rest),
        },
        new("selfalign_vsrn", SelfAlignPaper, typeof(SelfAlignVsrnOptions), false,
            (options, inputs) => new SelfAlignVsrnEncoder((SelfAlignVsrnOptions)options, inputs)),
        new("selfalign_camera", SelfAlignPaper, typeof(SelfAlignCameraOptions), false,
            (options, inputs) => new SelfAlignCameraEncoder((SelfAlignCameraOptions)options, inputs))
        {
            Rest = (options, rest) => CameraTextEncoder.Rest((CameraOptions)options, rest),
        },
        new("vse_infinity", "Chen et al., Learning the Best Pooling Strategy for Visual Semantic Embedding, CVPR 2021",
            typeof(VseInfinityOptions), false,
            (options, inputs) => new VseInfinityEncoder((VseInfinityOptions)options, inputs))
        {
            Rest = (options, rest) => VseInfinityEncoder.Rest((VseInfinityOptions)options, rest),
        },
        new("hrem", "Fu et al., Learning Semantic Relationship among Instances for Image-Text Matching, CVPR 2023",
            typeof(HremOptions), false, (options, inputs) => new HremEncoder((HremOptions)options, inputs))
        {
            Rest = (options, rest) => HremEncoder.Rest((HremOptions)options, rest),
        },
    ];

    /// <summary>The model of that name.</summary>
    /// <exception cref="ArgumentException">There is none.</exception>
    public static ModelEntry Get(string name) => TryGet(name, out var entry)
        ? entry
        : throw new ArgumentException($"no model is called '{name}'", nameof(name));

    /// <summary>The model of that name; false when there is none.</summary>
    public static bool TryGet(string name, [NotNullWhen(true)] out ModelEntry? entry)
    {
        entry = All.FirstOrDefault(candidate => string.Equals(candidate.Name, name, StringComparison.Ordinal));
        return entry is not null;
    }
}

using System.ComponentModel.DataAnnotations;

namespace Colony.Model;

/// <summary>SelfAlign's encoder on VSRN (Zhuang et al., "Towards Fast and Accurate Image-Text Retrieval With
/// Self-Supervised Fine-Grained Alignment", 2023; Zjamie813/SelfAlign). The defaults are the published ones.</summary>
public sealed record SelfAlignVsrnOptions : VsrnOptions, ICaptionLimit
{
    /// <summary>Whether the context blocks have ReLUs.</summary>
    public bool ContextRelu { get; init; } = true;

    /// <summary>Words that every caption is padded to, since padding takes part in the contexts; 0: the longest of the
    /// slice.</summary>
    [Range(0, 65536)]
    public int PaddedLength { get; init; }

    int ICaptionLimit.LongestCaption => PaddedLength;
}

/// <summary>SelfAlign's encoder on CAMERA. The defaults are the published ones.</summary>
public sealed record SelfAlignCameraOptions : CameraOptions
{
    /// <summary>Whether the context blocks have ReLUs.</summary>
    public bool ContextRelu { get; init; } = true;
}

/// <summary>SelfAlign's losses (models.md 5B): the hinge, the concept level (LCA, prototypes of its own, swapped
/// prediction) and the context level (CRA, hard negatives), on the gathered batch. For models of SelfAlign.</summary>
public sealed record SelfAlignOptions
{
    /// <summary>Size E of the model's embeddings, which the prototypes have too.</summary>
    [Range(1, 16384)]
    public int EmbedSize { get; init; } = 2048;

    /// <summary>How much closer a pair shall be than a wrong one.</summary>
    [Range(0.0, 10.0)]
    public double Margin { get; init; } = 0.2;

    /// <summary>Only the hardest negative of each query counts; otherwise all do.</summary>
    public bool MaxViolation { get; init; } = true;

    /// <summary>How scores come from embeddings: <c>dot</c> on VSRN, <c>views</c> on CAMERA.</summary>
    [AllowedValues("dot", "views")]
    public string Measure { get; init; } = "dot";

    /// <summary>Prototypes of concepts.</summary>
    [Range(2, 1_000_000)]
    public int Prototypes { get; init; } = 1024;

    /// <summary>Rounds in which assignments of regions to prototypes are balanced.</summary>
    [Range(1, 100)]
    public int SinkhornIterations { get; init; } = 2;

    /// <summary>Divides the scores that assignments are made of.</summary>
    [Range(1e-4, 100.0)]
    public double SinkhornEpsilon { get; init; } = 0.05;

    /// <summary>Divides the words' scores with prototypes.</summary>
    [Range(1e-4, 100.0)]
    public double ConceptTemperature { get; init; } = 0.1;

    /// <summary>Divides the scores of regions with captions.</summary>
    [Range(1e-4, 100.0)]
    public double RegionTemperature { get; init; } = 0.7;

    /// <summary>Divides the scores of words with images.</summary>
    [Range(1e-4, 100.0)]
    public double WordTemperature { get; init; } = 0.7;

    /// <summary>Negatives of a query that count, the hardest; fewer where the batch has fewer.</summary>
    [Range(1, 1_000_000)]
    public int Negatives { get; init; } = 512;

    /// <summary>Weight of the concept level.</summary>
    [Range(0.0, 100.0)]
    public double ConceptWeight { get; init; } = 1;

    /// <summary>Weight of each direction of the context level.</summary>
    [Range(0.0, 100.0)]
    public double ContextWeight { get; init; } = 0.5;

    /// <summary>Epochs at the start in which the prototypes' gradient is dropped after clipping: 1 on CAMERA, as
    /// published.</summary>
    [Range(0, 1_000_000)]
    public int FrozenEpochs { get; init; }
}

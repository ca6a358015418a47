using System.ComponentModel.DataAnnotations;

namespace Colony.Data;

/// <summary>Sizes of a synthetic world.</summary>
public sealed record WorldOptions
{
    /// <summary>Scenes in the dev split.</summary>
    [Range(1, 100_000)]
    public int DevScenes { get; init; } = 1000;

    /// <summary>Scenes in the test split.</summary>
    [Range(1, 100_000)]
    public int TestScenes { get; init; } = 1000;

    /// <summary>Regions of a scene (R); each object takes one to three, the rest is background. At least 4.</summary>
    [Range(4, 256)]
    public int Regions { get; init; } = 36;

    /// <summary>Size of a region feature (D).</summary>
    [Range(8, 4096)]
    public int FeatureDim { get; init; } = 64;

    /// <summary>Standard deviation of the noise on each value of a feature; a prototype's values have about
    /// 1.7.</summary>
    [Range(0.0, 100.0)]
    public double Noise { get; init; } = 0.6;

    /// <summary>Whether every scene is drawn into <c>svg/</c>.</summary>
    public bool Drawings { get; init; } = true;
}

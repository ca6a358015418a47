using System.ComponentModel.DataAnnotations;

namespace Colony.Model;

/// <summary>Adam (Kingma and Ba, 2015) and AdamW (Loshchilov and Hutter, 2019), as PyTorch computes them.</summary>
public sealed record AdamOptions
{
    /// <summary>Decay of the first moment.</summary>
    [Range(0.0, 0.999999)]
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment.</summary>
    [Range(0.0, 0.9999999)]
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the second moment.</summary>
    [Range(0.0, 1.0)]
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>Weight decay.</summary>
    [Range(0.0, 1.0)]
    public double WeightDecay { get; init; }

    /// <summary>AdamW: weights shrink by lr × weight decay before the step. Otherwise weight decay is added to the
    /// gradient (the L2 form of Adam).</summary>
    public bool Decoupled { get; init; }
}

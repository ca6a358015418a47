using System.ComponentModel.DataAnnotations;

namespace Colony.Model;

/// <summary>The two-sided hinge of order embeddings, VSE0, VSE++, TERN, VSRN, CAMERA and VSE-infinity.</summary>
public sealed record HingeOptions
{
    /// <summary>How much closer a pair shall be than a wrong one.</summary>
    [Range(0.0, 10.0)]
    public double Margin { get; init; } = 0.2;

    /// <summary>How scores come from embeddings; must be the model's own measure: <c>dot</c>; <c>order</c>, as VSE++
    /// and TERN have it; <c>order_penalty</c>, the squared one of the original order embeddings; <c>views</c>, the best
    /// of an image's views (CAMERA).</summary>
    [AllowedValues("dot", "order", "order_penalty", "views")]
    public string Measure { get; init; } = "dot";

    /// <summary>Only the hardest negative of each query counts; otherwise all do.</summary>
    public bool MaxViolation { get; init; } = true;

    /// <summary>Epochs at the start in which all negatives count, whatever <see cref="MaxViolation"/> says.</summary>
    [Range(0, 1_000_000)]
    public int SumEpochs { get; init; }
}

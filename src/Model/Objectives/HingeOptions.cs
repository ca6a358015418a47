using System.ComponentModel.DataAnnotations;

namespace Colony.Model;

/// <summary>The two-sided hinge of VSE0, VSE++ and TERN.</summary>
public sealed record HingeOptions
{
    /// <summary>How much closer a pair shall be than a wrong one.</summary>
    [Range(0.0, 10.0)]
    public double Margin { get; init; } = 0.2;

    /// <summary>How scores come from embeddings; must be the model's own measure.</summary>
    [AllowedValues("dot", "order")]
    public string Measure { get; init; } = "dot";

    /// <summary>Only the hardest negative of each query counts; otherwise all do.</summary>
    public bool MaxViolation { get; init; } = true;

    /// <summary>Epochs at the start in which all negatives count, whatever <see cref="MaxViolation"/> says.</summary>
    [Range(0, 1_000_000)]
    public int SumEpochs { get; init; }
}

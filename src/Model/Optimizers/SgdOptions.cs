using System.ComponentModel.DataAnnotations;

namespace Colony.Model;

/// <summary>Stochastic gradient descent, as PyTorch computes it.</summary>
public sealed record SgdOptions
{
    /// <summary>Share of the last direction that is kept (Polyak's momentum).</summary>
    [Range(0.0, 0.999999)]
    public double Momentum { get; init; }

    /// <summary>Share of the gradient that does not enter the direction after the first step.</summary>
    [Range(0.0, 1.0)]
    public double Dampening { get; init; }

    /// <summary>The gradient looks ahead along the direction (Nesterov's momentum); needs momentum and no
    /// dampening.</summary>
    public bool Nesterov { get; init; }

    /// <summary>Weight decay, added to the gradient.</summary>
    [Range(0.0, 1.0)]
    public double WeightDecay { get; init; }
}

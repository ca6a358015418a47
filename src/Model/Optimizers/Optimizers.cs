using Colony.Torch;

namespace Colony.Model;

/// <summary>Builds optimizers from options.</summary>
public static class Optimizers
{
    /// <summary>The optimizer of these options.</summary>
    /// <param name="parameters">The parameters with their names. One listed twice under one name has one state and is
    /// moved twice a step.</param>
    /// <param name="options"><see cref="AdamOptions"/> or <see cref="SgdOptions"/>.</param>
    /// <param name="decayOf">The weight decay of a parameter by name; null: that of the options.</param>
    /// <exception cref="ArgumentException">Two different parameters have the same name, or the options are of no
    /// optimizer.</exception>
    public static IOptimizer Create(
        IReadOnlyList<(string Name, Tensor Parameter)> parameters, object options, Func<string, double>? decayOf = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(options);
        return options switch
        {
            AdamOptions adam => new Adam(parameters, adam, decayOf),
            SgdOptions { Nesterov: true } sgd when sgd is { Momentum: 0 } or { Dampening: not 0 } =>
                throw new ArgumentException(
                    $"Nesterov's momentum needs momentum, not {sgd.Momentum}, and no dampening, not {sgd.Dampening}.",
                    nameof(options)),
            SgdOptions sgd => new Sgd(parameters, sgd, decayOf),
            _ => throw new ArgumentException($"{options.GetType().Name} is of no optimizer.", nameof(options)),
        };
    }
}

using Colony.Torch;

namespace Colony.Model;

/// <summary>Moves parameters along their gradients; its state is part of a checkpoint.</summary>
public interface IOptimizer : IDisposable
{
    /// <summary>One step. Parameters without gradient are left alone, and so is their state.</summary>
    /// <param name="lr">The learning rate.</param>
    /// <param name="factorOf">A factor on it for each parameter by name; null: 1.</param>
    void Step(double lr, Func<string, double>? factorOf = null);

    /// <summary>The state: the tensors themselves, in a fixed order, under names that begin with the parameter's and a
    /// dot. Values of the parameter's shape, such as <c>parameter.exp_avg</c>, lie where the parameter does;
    /// <c>parameter.step</c> ([1] int64), how often it was moved, on the CPU. Writing into them restores it.</summary>
    IEnumerable<(string Name, Tensor Tensor)> State();
}

using Colony.Torch;

namespace Colony.Model;

/// <summary>Moves parameters along their gradients; its state is part of a checkpoint.</summary>
public interface IOptimizer : IDisposable
{
    /// <summary>One step at this learning rate. Parameters without gradient are left alone, and so is their
    /// state.</summary>
    void Step(double lr);

    /// <summary>The state: the tensors themselves, in a fixed order, under the names <c>parameter.exp_avg</c>,
    /// <c>parameter.exp_avg_sq</c> (the parameter's shape) and <c>parameter.step</c> ([1] int64, on the CPU). Writing
    /// into them restores it.</summary>
    IEnumerable<(string Name, Tensor Tensor)> State();
}

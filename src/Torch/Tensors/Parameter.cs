namespace Colony.Torch;

/// <summary>A tensor that a module learns: it requires gradients and belongs to its module, not to a scope.</summary>
public sealed class Parameter : Tensor
{
    /// <summary>Takes over the tensor, which must not be used under its old wrapper's life any more.</summary>
    /// <param name="data">The initial values; a leaf of the graph.</param>
    /// <param name="requires_grad">Whether it learns.</param>
    public Parameter(Tensor data, bool requires_grad = true)
        : base(data) => requires_grad_(requires_grad);
}

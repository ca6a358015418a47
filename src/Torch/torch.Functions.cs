namespace Colony.Torch;

/// <content>Functions of one or several tensors; those of one tensor alone are its methods.</content>
public static partial class torch
{
    /// <summary>Tensors one after the other along an existing dimension.</summary>
    public static unsafe Tensor cat(ReadOnlySpan<Tensor> tensors, long dim = 0)
    {
        using var list = new HandleList(tensors);
        fixed (nint* pointers = list.Pointers)
        {
            return Native.Give(Native.colony_cat(pointers, tensors.Length, dim, out var result), result);
        }
    }

    /// <inheritdoc cref="cat(ReadOnlySpan{Tensor}, long)"/>
    public static Tensor cat(IReadOnlyList<Tensor> tensors, long dim = 0) =>
        cat((ReadOnlySpan<Tensor>)[.. tensors], dim);

    /// <summary>Tensors of one shape one after the other along a new dimension.</summary>
    public static unsafe Tensor stack(ReadOnlySpan<Tensor> tensors, long dim = 0)
    {
        using var list = new HandleList(tensors);
        fixed (nint* pointers = list.Pointers)
        {
            return Native.Give(Native.colony_stack(pointers, tensors.Length, dim, out var result), result);
        }
    }

    /// <inheritdoc cref="stack(ReadOnlySpan{Tensor}, long)"/>
    public static Tensor stack(IReadOnlyList<Tensor> tensors, long dim = 0) =>
        stack((ReadOnlySpan<Tensor>)[.. tensors], dim);

    /// <summary>Elements of the first where the condition (bool) holds, else of the second.</summary>
    public static Tensor where(Tensor condition, Tensor self, Tensor other) =>
        Native.Give(Native.colony_where(condition.Handle, self.Handle, other.Handle, out var result), result);

    /// <inheritdoc cref="Tensor.matmul"/>
    public static Tensor matmul(Tensor input, Tensor other) => input.matmul(other);

    /// <inheritdoc cref="Tensor.bmm"/>
    public static Tensor bmm(Tensor input, Tensor batch2) => input.bmm(batch2);

    /// <inheritdoc cref="Tensor.maximum"/>
    public static Tensor maximum(Tensor input, Tensor other) => input.maximum(other);

    /// <inheritdoc cref="Tensor.minimum"/>
    public static Tensor minimum(Tensor input, Tensor other) => input.minimum(other);

    /// <summary>
    /// The p-distance of each row of the first, [.., n, d], to each of the second, [.., m, d]: [.., n, m].
    /// </summary>
    public static Tensor cdist(Tensor x1, Tensor x2, double p = 2) =>
        Native.Give(Native.colony_cdist(x1.Handle, x2.Handle, p, out var result), result);

    /// <inheritdoc cref="Tensor.exp"/>
    public static Tensor exp(Tensor input) => input.exp();

    /// <inheritdoc cref="Tensor.log"/>
    public static Tensor log(Tensor input) => input.log();

    /// <inheritdoc cref="Tensor.sqrt"/>
    public static Tensor sqrt(Tensor input) => input.sqrt();

    /// <inheritdoc cref="Tensor.abs"/>
    public static Tensor abs(Tensor input) => input.abs();

    /// <inheritdoc cref="Tensor.tanh"/>
    public static Tensor tanh(Tensor input) => input.tanh();

    /// <inheritdoc cref="Tensor.sigmoid"/>
    public static Tensor sigmoid(Tensor input) => input.sigmoid();

    /// <inheritdoc cref="Tensor.isfinite"/>
    public static Tensor isfinite(Tensor input) => input.isfinite();
}

namespace Colony.Torch;

/// <content>Matrix products, distances and distributions along a dimension.</content>
public partial class Tensor
{
    /// <summary>The matrix product over the last two dimensions, broadcast over the others.</summary>
    public Tensor matmul(Tensor other) =>
        Native.Give(Native.colony_matmul(Handle, other.Handle, out var result), result);

    /// <summary>The matrix product of each pair in two batches, [b, n, m] and [b, m, p].</summary>
    public Tensor bmm(Tensor batch2) => Native.Give(Native.colony_bmm(Handle, batch2.Handle, out var result), result);

    /// <summary>exp(x) over its sum along the dimension.</summary>
    public Tensor softmax(long dim) => Native.Give(Native.colony_softmax(Handle, dim, out var result), result);

    /// <summary>The logarithm of <see cref="softmax"/>, without overflow.</summary>
    public Tensor log_softmax(long dim) => Native.Give(Native.colony_log_softmax(Handle, dim, out var result), result);
}

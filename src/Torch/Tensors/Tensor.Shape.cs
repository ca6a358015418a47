namespace Colony.Torch;

/// <content>Views, rearrangements and selections. Dimensions count from the end when negative.</content>
public partial class Tensor
{
    /// <summary>
    /// The same memory under another shape, one size of which may be -1; fails where strides forbid it.
    /// </summary>
    public Tensor view(params ReadOnlySpan<long> shape) =>
        Native.Give(Native.colony_view(Handle, shape, shape.Length, out var result), result);

    /// <summary>The elements under another shape, one size of which may be -1; copies where it must.</summary>
    public Tensor reshape(params ReadOnlySpan<long> shape) =>
        Native.Give(Native.colony_reshape(Handle, shape, shape.Length, out var result), result);

    /// <summary>Dimensions of size 1 repeated without a copy; -1 keeps a size.</summary>
    public Tensor expand(params ReadOnlySpan<long> sizes) =>
        Native.Give(Native.colony_expand(Handle, sizes, sizes.Length, out var result), result);

    /// <summary>The dimensions in another order, without a copy.</summary>
    public Tensor permute(params ReadOnlySpan<long> dims) =>
        Native.Give(Native.colony_permute(Handle, dims, dims.Length, out var result), result);

    /// <summary>The tensor laid side by side, so many times along each dimension.</summary>
    public Tensor repeat(params ReadOnlySpan<long> repeats) =>
        Native.Give(Native.colony_repeat(Handle, repeats, repeats.Length, out var result), result);

    /// <summary>The elements in reverse order along the dimensions.</summary>
    public Tensor flip(params ReadOnlySpan<long> dims) =>
        Native.Give(Native.colony_flip(Handle, dims, dims.Length, out var result), result);

    /// <summary>Broadcast to the shape of the other, without a copy.</summary>
    public Tensor expand_as(Tensor other) => expand(other.shape);

    /// <summary>Two dimensions exchanged, without a copy.</summary>
    public Tensor transpose(long dim0, long dim1) =>
        Native.Give(Native.colony_transpose(Handle, dim0, dim1, out var result), result);

    /// <summary>The transpose of a matrix.</summary>
    public Tensor t() => dim() < 2 ? transpose(0, 0) : transpose(0, 1);

    /// <summary>A new dimension of size 1 in the given place.</summary>
    public Tensor unsqueeze(long dim) => Native.Give(Native.colony_unsqueeze(Handle, dim, out var result), result);

    /// <summary>Without all dimensions of size 1.</summary>
    public Tensor squeeze() => Native.Give(Native.colony_squeeze(Handle, out var result), result);

    /// <summary>Without the dimension, if its size is 1.</summary>
    public Tensor squeeze(long dim) => Native.Give(Native.colony_squeeze_dim(Handle, dim, out var result), result);

    /// <summary>A range along one dimension, without a copy.</summary>
    public Tensor narrow(long dim, long start, long length) =>
        Native.Give(Native.colony_narrow(Handle, dim, start, length, out var result), result);

    /// <summary>One place along a dimension, which disappears; no copy.</summary>
    public Tensor select(long dim, long index) =>
        Native.Give(Native.colony_select(Handle, dim, index, out var result), result);

    /// <summary>The diagonals of the planes that two dimensions span, as the last dimension; no copy.</summary>
    public Tensor diagonal(long offset = 0, long dim1 = 0, long dim2 = 1) =>
        Native.Give(Native.colony_diagonal(Handle, offset, dim1, dim2, out var result), result);

    /// <summary>Zero above the diagonal.</summary>
    public Tensor tril(long diagonal = 0) => Native.Give(Native.colony_tril(Handle, diagonal, out var result), result);

    /// <summary>Zero below the diagonal.</summary>
    public Tensor triu(long diagonal = 0) => Native.Give(Native.colony_triu(Handle, diagonal, out var result), result);

    /// <summary>Pieces of the size along a dimension, without a copy; the last may be smaller.</summary>
    public Tensor[] split(long split_size, long dim = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(split_size);
        return Split(split_size, dim, Math.Max(1, (size(dim) + split_size - 1) / split_size));
    }

    /// <summary>
    /// At most so many pieces of equal size along a dimension, without a copy; the last may be smaller.
    /// </summary>
    public Tensor[] chunk(long chunks, long dim = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(chunks);
        return split(Math.Max(1, (size(dim) + chunks - 1) / chunks), dim);
    }

    /// <summary>The places along a dimension that the index (int64, one dimension) names.</summary>
    public Tensor index_select(long dim, Tensor index) =>
        Native.Give(Native.colony_index_select(Handle, dim, index.Handle, out var result), result);

    /// <summary>
    /// The leading dimensions indexed by one tensor each (int64, or bool as a mask), as Python's x[i, j].
    /// </summary>
    public unsafe Tensor index(params ReadOnlySpan<Tensor> indices)
    {
        using var list = new HandleList(indices);
        fixed (nint* pointers = list.Pointers)
        {
            return Native.Give(Native.colony_index(Handle, pointers, indices.Length, out var result), result);
        }
    }

    /// <summary>One place along the first dimension, which disappears; no copy.</summary>
    public Tensor this[long index] => select(0, index);

    /// <summary>The elements that the tensors name, see <see cref="index"/>.</summary>
    public Tensor this[params ReadOnlySpan<Tensor> indices] => index(indices);

    /// <summary>result[i][j] = self[index[i][j]][j] for dimension 0, and so on; index is int64.</summary>
    public Tensor gather(long dim, Tensor index) =>
        Native.Give(Native.colony_gather(Handle, dim, index.Handle, out var result), result);

    /// <summary>A copy with result[index[i][j]][j] = src[i][j] for dimension 0, and so on; index is int64.</summary>
    public Tensor scatter(long dim, Tensor index, Tensor src) =>
        Native.Give(Native.colony_scatter(Handle, dim, index.Handle, src.Handle, out var result), result);

    private unsafe Tensor[] Split(long splitSize, long dim, long count)
    {
        var pointers = new nint[checked((int)count)];
        fixed (nint* results = pointers)
        {
            Native.Check(Native.colony_split(Handle, splitSize, dim, results, pointers.Length));
        }

        return Array.ConvertAll(pointers, pointer => new Tensor(new TensorHandle(pointer)));
    }
}

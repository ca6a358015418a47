namespace Colony.Torch;

/// <content>
/// Reductions and orders. Dimensions count from the end when negative; an empty list of them means all.
/// </content>
public partial class Tensor
{
    /// <summary>The sum of all elements.</summary>
    public Tensor sum() => sum([]);

    /// <summary>The mean of all elements.</summary>
    public Tensor mean() => mean([]);

    /// <summary>The sum along the dimensions.</summary>
    public Tensor sum(ReadOnlySpan<long> dims, bool keepdim = false) =>
        Native.Give(Native.colony_sum(Handle, dims, dims.Length, keepdim, out var result), result);

    /// <summary>The sum along the dimension.</summary>
    public Tensor sum(long dim, bool keepdim = false) => sum([dim], keepdim);

    /// <summary>The mean along the dimensions.</summary>
    public Tensor mean(ReadOnlySpan<long> dims, bool keepdim = false) =>
        Native.Give(Native.colony_mean(Handle, dims, dims.Length, keepdim, out var result), result);

    /// <summary>The mean along the dimension.</summary>
    public Tensor mean(long dim, bool keepdim = false) => mean([dim], keepdim);

    /// <summary>The greatest element along the dimensions; equal ones share the gradient.</summary>
    public Tensor amax(ReadOnlySpan<long> dims, bool keepdim = false) =>
        Native.Give(Native.colony_amax(Handle, dims, dims.Length, keepdim, out var result), result);

    /// <summary>The greatest element along the dimension; equal ones share the gradient.</summary>
    public Tensor amax(long dim, bool keepdim = false) => amax([dim], keepdim);

    /// <summary>The logarithm of the sum of exponentials along the dimensions, without overflow.</summary>
    public Tensor logsumexp(ReadOnlySpan<long> dims, bool keepdim = false) =>
        Native.Give(Native.colony_logsumexp(Handle, dims, dims.Length, keepdim, out var result), result);

    /// <summary>The logarithm of the sum of exponentials along the dimension, without overflow.</summary>
    public Tensor logsumexp(long dim, bool keepdim = false) => logsumexp([dim], keepdim);

    /// <summary>The p-norm of all elements.</summary>
    public Tensor norm(double p = 2) => norm([], p);

    /// <summary>The p-norm along the dimension.</summary>
    public Tensor norm(long dim, double p = 2, bool keepdim = false) => norm([dim], p, keepdim);

    /// <summary>The p-norm along the dimensions.</summary>
    public Tensor norm(ReadOnlySpan<long> dims, double p = 2, bool keepdim = false) =>
        Native.Give(Native.colony_norm(Handle, p, dims, dims.Length, keepdim, out var result), result);

    /// <summary>The variance of all elements; unbiased divides by one less than their number.</summary>
    public Tensor var(bool unbiased = true) => var([], unbiased);

    /// <summary>The variance along the dimension; unbiased divides by one less than its size.</summary>
    public Tensor var(long dim, bool unbiased = true, bool keepdim = false) => var([dim], unbiased, keepdim);

    /// <summary>The variance along the dimensions; unbiased divides by one less than their size.</summary>
    public Tensor var(ReadOnlySpan<long> dims, bool unbiased = true, bool keepdim = false) =>
        Native.Give(Native.colony_var(Handle, dims, dims.Length, unbiased, keepdim, out var result), result);

    /// <summary>The standard deviation of all elements; unbiased divides by one less than their number.</summary>
    public Tensor std(bool unbiased = true) => std([], unbiased);

    /// <summary>The standard deviation along the dimension; unbiased divides by one less than its size.</summary>
    public Tensor std(long dim, bool unbiased = true, bool keepdim = false) => std([dim], unbiased, keepdim);

    /// <summary>The standard deviation along the dimensions; unbiased divides by one less than their size.</summary>
    public Tensor std(ReadOnlySpan<long> dims, bool unbiased = true, bool keepdim = false) =>
        Native.Give(Native.colony_std(Handle, dims, dims.Length, unbiased, keepdim, out var result), result);

    /// <summary>The greatest element.</summary>
    public Tensor max() => Native.Give(Native.colony_max(Handle, out var result), result);

    /// <summary>The smallest element.</summary>
    public Tensor min() => Native.Give(Native.colony_min(Handle, out var result), result);

    /// <summary>Whether all elements are true.</summary>
    public Tensor all() => Native.Give(Native.colony_all(Handle, out var result), result);

    /// <summary>Whether an element is true.</summary>
    public Tensor any() => Native.Give(Native.colony_any(Handle, out var result), result);

    /// <summary>The place of the greatest element, counted over all elements in order.</summary>
    public Tensor argmax() => Native.Give(Native.colony_argmax(Handle, out var result), result);

    /// <summary>The greatest elements along the dimension, and their places (int64).</summary>
    public (Tensor values, Tensor indexes) max(long dim, bool keepdim = false) =>
        Native.Give(Native.colony_max_dim(Handle, dim, keepdim, out var values, out var indices), values, indices);

    /// <summary>The smallest elements along the dimension, and their places (int64).</summary>
    public (Tensor values, Tensor indexes) min(long dim, bool keepdim = false) =>
        Native.Give(Native.colony_min_dim(Handle, dim, keepdim, out var values, out var indices), values, indices);

    /// <summary>Whether all elements along the dimension are true.</summary>
    public Tensor all(long dim, bool keepdim = false) =>
        Native.Give(Native.colony_all_dim(Handle, dim, keepdim, out var result), result);

    /// <summary>Whether an element along the dimension is true.</summary>
    public Tensor any(long dim, bool keepdim = false) =>
        Native.Give(Native.colony_any_dim(Handle, dim, keepdim, out var result), result);

    /// <summary>The place of the greatest element along the dimension (int64).</summary>
    public Tensor argmax(long dim, bool keepdim = false) =>
        Native.Give(Native.colony_argmax_dim(Handle, dim, keepdim, out var result), result);

    /// <summary>The elements in order along the dimension, and where they were (int64).</summary>
    public (Tensor values, Tensor indexes) sort(long dim = -1, bool descending = false, bool stable = false) =>
        Native.Give(
            Native.colony_sort(Handle, dim, descending, stable, out var values, out var indices), values, indices);

    /// <summary>The places that <see cref="sort"/> reports.</summary>
    public Tensor argsort(long dim = -1, bool descending = false, bool stable = false)
    {
        var (values, indexes) = sort(dim, descending, stable);
        values.Dispose();
        return indexes;
    }

    /// <summary>The k greatest (or smallest) elements along the dimension, and their places (int64).</summary>
    public (Tensor values, Tensor indexes) topk(long k, long dim = -1, bool largest = true, bool sorted = true) =>
        Native.Give(
            Native.colony_topk(Handle, k, dim, largest, sorted, out var values, out var indices), values, indices);
}

using System.Runtime.InteropServices;

namespace Colony.Torch;

internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial nint colony_sum(
        TensorHandle self, ReadOnlySpan<long> dims, int count, Flag keepDim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_mean(
        TensorHandle self, ReadOnlySpan<long> dims, int count, Flag keepDim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_amax(
        TensorHandle self, ReadOnlySpan<long> dims, int count, Flag keepDim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_norm(
        TensorHandle self, double p, ReadOnlySpan<long> dims, int count, Flag keepDim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_var(
        TensorHandle self, ReadOnlySpan<long> dims, int count, Flag unbiased, Flag keepDim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_std(
        TensorHandle self, ReadOnlySpan<long> dims, int count, Flag unbiased, Flag keepDim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_logsumexp(
        TensorHandle self, ReadOnlySpan<long> dims, int count, Flag keepDim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_max(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_min(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_all(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_any(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_argmax(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_max_dim(
        TensorHandle self, long dim, Flag keepDim, out TensorHandle values, out TensorHandle indices);

    [LibraryImport(Library)]
    internal static partial nint colony_min_dim(
        TensorHandle self, long dim, Flag keepDim, out TensorHandle values, out TensorHandle indices);

    [LibraryImport(Library)]
    internal static partial nint colony_all_dim(TensorHandle self, long dim, Flag keepDim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_any_dim(TensorHandle self, long dim, Flag keepDim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_argmax_dim(TensorHandle self, long dim, Flag keepDim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_sort(
        TensorHandle self, long dim, Flag descending, Flag stable, out TensorHandle values, out TensorHandle indices);

    [LibraryImport(Library)]
    internal static partial nint colony_topk(
        TensorHandle self, long k, long dim, Flag largest, Flag sorted, out TensorHandle values,
        out TensorHandle indices);
}

using System.Runtime.InteropServices;

namespace Colony.Torch;

internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial nint colony_view(
        TensorHandle self, ReadOnlySpan<long> sizes, int dim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_reshape(
        TensorHandle self, ReadOnlySpan<long> sizes, int dim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_expand(
        TensorHandle self, ReadOnlySpan<long> sizes, int dim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_permute(
        TensorHandle self, ReadOnlySpan<long> dims, int count, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_repeat(
        TensorHandle self, ReadOnlySpan<long> repeats, int count, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_flip(
        TensorHandle self, ReadOnlySpan<long> dims, int count, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_transpose(TensorHandle self, long dim0, long dim1, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_unsqueeze(TensorHandle self, long dim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_squeeze(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_squeeze_dim(TensorHandle self, long dim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_narrow(
        TensorHandle self, long dim, long start, long length, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_select(TensorHandle self, long dim, long index, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_diagonal(
        TensorHandle self, long offset, long dim1, long dim2, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_tril(TensorHandle self, long diagonal, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_triu(TensorHandle self, long diagonal, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_cat(nint* tensors, int count, long dim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_stack(nint* tensors, int count, long dim, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_split(TensorHandle self, long splitSize, long dim, nint* results, int count);

    [LibraryImport(Library)]
    internal static partial nint colony_index_select(
        TensorHandle self, long dim, TensorHandle index, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_index(TensorHandle self, nint* indices, int count, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_gather(
        TensorHandle self, long dim, TensorHandle index, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_scatter(
        TensorHandle self, long dim, TensorHandle index, TensorHandle source, out TensorHandle result);
}

using System.Runtime.InteropServices;

namespace Colony.Torch;

internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial nint colony_from_data(
        void* data, ReadOnlySpan<long> sizes, int dim, int type, int deviceType, int deviceIndex,
        out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_empty(
        ReadOnlySpan<long> sizes, int dim, int type, int deviceType, int deviceIndex, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_zeros(
        ReadOnlySpan<long> sizes, int dim, int type, int deviceType, int deviceIndex, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_full(
        ReadOnlySpan<long> sizes, int dim, Scalar value, int type, int deviceType, int deviceIndex,
        out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_rand(
        ReadOnlySpan<long> sizes, int dim, int type, int deviceType, int deviceIndex, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_randn(
        ReadOnlySpan<long> sizes, int dim, int type, int deviceType, int deviceIndex, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_arange(
        Scalar start, Scalar end, Scalar step, int type, int deviceType, int deviceIndex, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_eye(
        long rows, long columns, int type, int deviceType, int deviceIndex, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_zeros_like(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_full_like(TensorHandle self, Scalar value, out TensorHandle result);
}

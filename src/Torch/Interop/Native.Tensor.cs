using System.Runtime.InteropServices;

namespace Colony.Torch;

internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial nint colony_tensor_free(nint self);

    [LibraryImport(Library)]
    internal static partial nint colony_dim(TensorHandle self, out int dim);

    [LibraryImport(Library)]
    internal static partial nint colony_size(TensorHandle self, long dim, out long size);

    [LibraryImport(Library)]
    internal static partial nint colony_sizes(TensorHandle self, Span<long> sizes, int capacity);

    [LibraryImport(Library)]
    internal static partial nint colony_strides(TensorHandle self, Span<long> strides, int capacity);

    [LibraryImport(Library)]
    internal static partial nint colony_numel(TensorHandle self, out long count);

    [LibraryImport(Library)]
    internal static partial nint colony_scalar_type(TensorHandle self, out int type);

    [LibraryImport(Library)]
    internal static partial nint colony_device(TensorHandle self, out int type, out int index);

    [LibraryImport(Library)]
    internal static partial nint colony_is_contiguous(TensorHandle self, out Flag contiguous);

    [LibraryImport(Library)]
    internal static partial nint colony_data_ptr(TensorHandle self, out nint data);

    [LibraryImport(Library)]
    internal static partial nint colony_item(TensorHandle self, out Scalar value);

    [LibraryImport(Library)]
    internal static partial nint colony_to_device(
        TensorHandle self, int deviceType, int deviceIndex, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_to_type(TensorHandle self, int type, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_clone(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_contiguous(TensorHandle self, out TensorHandle result);
}

using System.Runtime.InteropServices;

namespace Colony.Torch;

internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial nint colony_add_(TensorHandle self, TensorHandle other, Scalar alpha);

    [LibraryImport(Library)]
    internal static partial nint colony_sub_(TensorHandle self, TensorHandle other, Scalar alpha);

    [LibraryImport(Library)]
    internal static partial nint colony_mul_(TensorHandle self, TensorHandle other);

    [LibraryImport(Library)]
    internal static partial nint colony_div_(TensorHandle self, TensorHandle other);

    [LibraryImport(Library)]
    internal static partial nint colony_add_scalar_(TensorHandle self, Scalar other);

    [LibraryImport(Library)]
    internal static partial nint colony_sub_scalar_(TensorHandle self, Scalar other);

    [LibraryImport(Library)]
    internal static partial nint colony_mul_scalar_(TensorHandle self, Scalar other);

    [LibraryImport(Library)]
    internal static partial nint colony_div_scalar_(TensorHandle self, Scalar other);

    [LibraryImport(Library)]
    internal static partial nint colony_zero_(TensorHandle self);

    [LibraryImport(Library)]
    internal static partial nint colony_fill_(TensorHandle self, Scalar value);

    [LibraryImport(Library)]
    internal static partial nint colony_copy_(TensorHandle self, TensorHandle source);

    [LibraryImport(Library)]
    internal static partial nint colony_sqrt_(TensorHandle self);

    [LibraryImport(Library)]
    internal static partial nint colony_masked_fill_(TensorHandle self, TensorHandle mask, Scalar value);

    [LibraryImport(Library)]
    internal static partial nint colony_addcmul_(
        TensorHandle self, TensorHandle first, TensorHandle second, Scalar value);

    [LibraryImport(Library)]
    internal static partial nint colony_addcdiv_(
        TensorHandle self, TensorHandle first, TensorHandle second, Scalar value);

    [LibraryImport(Library)]
    internal static partial nint colony_uniform_(TensorHandle self, double low, double high);

    [LibraryImport(Library)]
    internal static partial nint colony_normal_(TensorHandle self, double mean, double std);
}

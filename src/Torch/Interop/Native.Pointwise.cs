using System.Runtime.InteropServices;

namespace Colony.Torch;

internal static unsafe partial class Native
{
    [LibraryImport(Library)]
    internal static partial nint colony_neg(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_abs(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_exp(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_log(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_sqrt(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_rsqrt(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_relu(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_gelu(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_tanh(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_sigmoid(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_sin(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_cos(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_square(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_isfinite(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_logical_not(TensorHandle self, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_clamp(TensorHandle self, Scalar min, Scalar max, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_add(TensorHandle self, TensorHandle other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_sub(TensorHandle self, TensorHandle other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_mul(TensorHandle self, TensorHandle other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_div(TensorHandle self, TensorHandle other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_pow(TensorHandle self, TensorHandle other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_maximum(TensorHandle self, TensorHandle other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_minimum(TensorHandle self, TensorHandle other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_eq(TensorHandle self, TensorHandle other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_ne(TensorHandle self, TensorHandle other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_lt(TensorHandle self, TensorHandle other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_le(TensorHandle self, TensorHandle other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_gt(TensorHandle self, TensorHandle other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_ge(TensorHandle self, TensorHandle other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_logical_and(TensorHandle self, TensorHandle other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_logical_or(TensorHandle self, TensorHandle other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_add_scalar(TensorHandle self, Scalar other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_sub_scalar(TensorHandle self, Scalar other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_mul_scalar(TensorHandle self, Scalar other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_div_scalar(TensorHandle self, Scalar other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_pow_scalar(TensorHandle self, Scalar other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_rsub_scalar(TensorHandle self, Scalar other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_rdiv_scalar(TensorHandle self, Scalar other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_eq_scalar(TensorHandle self, Scalar other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_ne_scalar(TensorHandle self, Scalar other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_lt_scalar(TensorHandle self, Scalar other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_le_scalar(TensorHandle self, Scalar other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_gt_scalar(TensorHandle self, Scalar other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_ge_scalar(TensorHandle self, Scalar other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_where(
        TensorHandle condition, TensorHandle self, TensorHandle other, out TensorHandle result);

    [LibraryImport(Library)]
    internal static partial nint colony_masked_fill(
        TensorHandle self, TensorHandle mask, Scalar value, out TensorHandle result);
}

using System.Runtime.InteropServices;

namespace Colony.Torch;

/// <content>New tensors, in host memory unless a device is named, float32 unless a type is.</content>
public static partial class torch
{
    /// <summary>Memory as it is found.</summary>
    public static Tensor empty(
        ReadOnlySpan<long> size, ScalarType dtype = ScalarType.Float32, Device device = default) =>
        Native.Give(
            Native.colony_empty(size, size.Length, (int)dtype, (int)device.Type, device.Index, out var result), result);

    /// <summary>All zeros.</summary>
    public static Tensor zeros(
        ReadOnlySpan<long> size, ScalarType dtype = ScalarType.Float32, Device device = default) =>
        Native.Give(
            Native.colony_zeros(size, size.Length, (int)dtype, (int)device.Type, device.Index, out var result), result);

    /// <summary>All ones.</summary>
    public static Tensor ones(
        ReadOnlySpan<long> size, ScalarType dtype = ScalarType.Float32, Device device = default) =>
        full(size, 1, dtype, device);

    /// <summary>One number everywhere.</summary>
    public static Tensor full(
        ReadOnlySpan<long> size, Scalar value, ScalarType dtype = ScalarType.Float32, Device device = default) =>
        Native.Give(
            Native.colony_full(
                size, size.Length, value, (int)dtype, (int)device.Type, device.Index, out var result),
            result);

    /// <summary>Evenly distributed in [0, 1), from the seeded generator.</summary>
    public static Tensor rand(
        ReadOnlySpan<long> size, ScalarType dtype = ScalarType.Float32, Device device = default) =>
        Native.Give(
            Native.colony_rand(size, size.Length, (int)dtype, (int)device.Type, device.Index, out var result), result);

    /// <summary>Normally distributed around 0 with deviation 1, from the seeded generator.</summary>
    public static Tensor randn(
        ReadOnlySpan<long> size, ScalarType dtype = ScalarType.Float32, Device device = default) =>
        Native.Give(
            Native.colony_randn(size, size.Length, (int)dtype, (int)device.Type, device.Index, out var result), result);

    /// <summary>0, 1, 2, ... below the end.</summary>
    public static Tensor arange(Scalar stop, ScalarType dtype = ScalarType.Int64, Device device = default) =>
        arange(0, stop, 1, dtype, device);

    /// <summary>From start in steps, below the end.</summary>
    public static Tensor arange(
        Scalar start, Scalar stop, Scalar step, ScalarType dtype = ScalarType.Int64, Device device = default) =>
        Native.Give(
            Native.colony_arange(start, stop, step, (int)dtype, (int)device.Type, device.Index, out var result),
            result);

    /// <summary>Ones on the diagonal, zeros elsewhere.</summary>
    public static Tensor eye(
        long rows, long columns = -1, ScalarType dtype = ScalarType.Float32, Device device = default) =>
        Native.Give(
            Native.colony_eye(
                rows, columns < 0 ? rows : columns, (int)dtype, (int)device.Type, device.Index, out var result),
            result);

    /// <summary>Zeros with shape, type and device of another tensor.</summary>
    public static Tensor zeros_like(Tensor input) =>
        Native.Give(Native.colony_zeros_like(input.Handle, out var result), result);

    /// <summary>Ones with shape, type and device of another tensor.</summary>
    public static Tensor ones_like(Tensor input) => full_like(input, 1);

    /// <summary>One number everywhere, with shape, type and device of another tensor.</summary>
    public static Tensor full_like(Tensor input, Scalar value) =>
        Native.Give(Native.colony_full_like(input.Handle, value, out var result), result);

    /// <summary>A single number.</summary>
    public static Tensor scalar_tensor(
        Scalar value, ScalarType dtype = ScalarType.Float32, Device device = default) => full([], value, dtype, device);

    /// <summary>A copy of the values; without a shape, a row of them.</summary>
    public static Tensor tensor(
        ReadOnlySpan<float> values, ReadOnlySpan<long> shape = default, Device device = default) =>
        Copy(values, shape, ScalarType.Float32, device);

    /// <inheritdoc cref="tensor(ReadOnlySpan{float}, ReadOnlySpan{long}, Device)"/>
    public static Tensor tensor(
        ReadOnlySpan<double> values, ReadOnlySpan<long> shape = default, Device device = default) =>
        Copy(values, shape, ScalarType.Float64, device);

    /// <inheritdoc cref="tensor(ReadOnlySpan{float}, ReadOnlySpan{long}, Device)"/>
    public static Tensor tensor(
        ReadOnlySpan<long> values, ReadOnlySpan<long> shape = default, Device device = default) =>
        Copy(values, shape, ScalarType.Int64, device);

    /// <inheritdoc cref="tensor(ReadOnlySpan{float}, ReadOnlySpan{long}, Device)"/>
    public static Tensor tensor(
        ReadOnlySpan<int> values, ReadOnlySpan<long> shape = default, Device device = default) =>
        Copy(values, shape, ScalarType.Int32, device);

    /// <inheritdoc cref="tensor(ReadOnlySpan{float}, ReadOnlySpan{long}, Device)"/>
    public static Tensor tensor(
        ReadOnlySpan<bool> values, ReadOnlySpan<long> shape = default, Device device = default) =>
        Copy(values, shape, ScalarType.Bool, device);

    /// <inheritdoc cref="tensor(ReadOnlySpan{float}, ReadOnlySpan{long}, Device)"/>
    public static Tensor tensor(
        ReadOnlySpan<Half> values, ReadOnlySpan<long> shape = default, Device device = default) =>
        Copy(values, shape, ScalarType.Float16, device);

    /// <summary>A copy of elements of any type from their bytes, little-endian and in order.</summary>
    /// <exception cref="ArgumentException">The bytes are not as many as shape and type need.</exception>
    public static Tensor frombuffer(
        ReadOnlySpan<byte> bytes, ScalarType dtype, ReadOnlySpan<long> shape, Device device = default) =>
        FromBytes(bytes, shape, dtype, device);

    private static Tensor Copy<T>(ReadOnlySpan<T> values, ReadOnlySpan<long> shape, ScalarType type, Device device)
        where T : unmanaged
    {
        // A default span says that no shape was given. An empty one, as in `[]`, cannot be told apart from it; a single
        // number without dimensions is what scalar_tensor makes.
        ReadOnlySpan<long> row = [values.Length];
        return FromBytes(MemoryMarshal.AsBytes(values), shape.IsEmpty ? row : shape, type, device);
    }

    private static unsafe Tensor FromBytes(
        ReadOnlySpan<byte> bytes, ReadOnlySpan<long> shape, ScalarType type, Device device)
    {
        long count = 1;
        foreach (var size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size, nameof(shape));
            count = checked(count * size);
        }

        if (checked(count * type.ElementSize()) != bytes.Length)
        {
            throw new ArgumentException(
                $"shape [{string.Join(", ", shape.ToArray())}] of {type} needs {count * type.ElementSize()} bytes, "
                + $"but {bytes.Length} were given",
                nameof(shape));
        }

        fixed (byte* data = bytes)
        {
            return Native.Give(
                Native.colony_from_data(
                    data, shape, shape.Length, (int)type, (int)device.Type, device.Index, out var result),
                result);
        }
    }
}

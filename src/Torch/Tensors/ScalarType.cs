namespace Colony.Torch;

/// <summary>The type of a tensor's elements, numbered as in libtorch.</summary>
public enum ScalarType
{
    /// <summary>Unsigned 8-bit integer.</summary>
    Byte = 0,

    /// <summary>Signed 16-bit integer.</summary>
    Int16 = 2,

    /// <summary>Signed 32-bit integer.</summary>
    Int32 = 3,

    /// <summary>Signed 64-bit integer: indices, lengths and ids.</summary>
    Int64 = 4,

    /// <summary>IEEE half precision.</summary>
    Float16 = 5,

    /// <summary>IEEE single precision, the default.</summary>
    Float32 = 6,

    /// <summary>IEEE double precision.</summary>
    Float64 = 7,

    /// <summary>One byte, 0 or 1.</summary>
    Bool = 11,

    /// <summary>The upper half of a float32.</summary>
    BFloat16 = 15,
}

/// <summary>What can be said of an element type.</summary>
public static class ScalarTypes
{
    /// <summary>Bytes of one element.</summary>
    public static int ElementSize(this ScalarType type) => type switch
    {
        ScalarType.Byte or ScalarType.Bool => 1,
        ScalarType.Int16 or ScalarType.Float16 or ScalarType.BFloat16 => 2,
        ScalarType.Int32 or ScalarType.Float32 => 4,
        ScalarType.Int64 or ScalarType.Float64 => 8,
        _ => throw new ArgumentOutOfRangeException(nameof(type), type, "no such element type"),
    };

    /// <summary>Whether elements are real numbers, which alone can have gradients.</summary>
    public static bool IsFloatingPoint(this ScalarType type) =>
        type is ScalarType.Float16 or ScalarType.BFloat16 or ScalarType.Float32 or ScalarType.Float64;

    /// <summary>
    /// The element type that the C# type stands for; <see cref="ushort"/> has none (raw 16-bit floats).
    /// </summary>
    internal static ScalarType? Of<T>()
        where T : unmanaged => default(T) switch
        {
            float => ScalarType.Float32,
            long => ScalarType.Int64,
            int => ScalarType.Int32,
            double => ScalarType.Float64,
            bool => ScalarType.Bool,
            byte => ScalarType.Byte,
            short => ScalarType.Int16,
            Half => ScalarType.Float16,
            _ => null,
        };

    /// <summary>Whether memory of the element type may be read as T: the same type, or raw 16-bit floats.</summary>
    internal static bool MayBeReadAs<T>(this ScalarType type)
        where T : unmanaged =>
        Of<T>() == type
        || (typeof(T) == typeof(ushort) && type is (ScalarType.Float16 or ScalarType.BFloat16));
}

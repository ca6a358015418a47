using System.Numerics;
using System.Runtime.InteropServices;

namespace Colony.Collective;

/// <summary>Element-wise operations on what arrives; associative and commutative, so no order of arrival
/// matters.</summary>
internal static class IntegerKernels
{
    /// <summary>Adds little-endian integers into a run of the same length.</summary>
    public static void Add(IntegerRun target, ReadOnlySpan<byte> values)
    {
        if (target.IsWide)
        {
            Add(MemoryMarshal.Cast<byte, long>(target.Memory.Span), MemoryMarshal.Cast<byte, long>(values));
        }
        else
        {
            Add(MemoryMarshal.Cast<byte, int>(target.Memory.Span), MemoryMarshal.Cast<byte, int>(values));
        }
    }

    public static void Or(Span<byte> target, ReadOnlySpan<byte> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            target[i] |= values[i];
        }
    }

    private static void Add<T>(Span<T> target, ReadOnlySpan<T> values)
        where T : unmanaged, IBinaryInteger<T>
    {
        var vectors = MemoryMarshal.Cast<T, Vector<T>>(target);
        var others = MemoryMarshal.Cast<T, Vector<T>>(values);
        for (var i = 0; i < vectors.Length; i++)
        {
            vectors[i] += others[i];
        }

        for (var i = vectors.Length * Vector<T>.Count; i < target.Length; i++)
        {
            target[i] = unchecked(target[i] + values[i]);
        }
    }
}

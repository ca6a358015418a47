using System.Numerics;
using System.Runtime.InteropServices;

namespace Colony.Collective;

/// <summary>
/// Element-wise operations on what arrives; associative and commutative, so no order of arrival matters. Additions wrap
/// around: a partial sum may leave its width as long as the total does not.
/// </summary>
internal static class IntegerKernels
{
    /// <summary>Adds little-endian integers into a run of the same length.</summary>
    public static void Add(IntegerRun target, ReadOnlySpan<byte> values)
    {
        switch (target.ElementBytes)
        {
            case sizeof(sbyte):
                Add<sbyte>(target.Memory.Span, values);
                break;
            case sizeof(short):
                Add<short>(target.Memory.Span, values);
                break;
            case sizeof(int):
                Add<int>(target.Memory.Span, values);
                break;
            default:
                Add<long>(target.Memory.Span, values);
                break;
        }
    }

    public static void Or(Span<byte> target, ReadOnlySpan<byte> values)
    {
        for (var i = 0; i < values.Length; i++)
        {
            target[i] |= values[i];
        }
    }

    private static void Add<T>(Span<byte> target, ReadOnlySpan<byte> values)
        where T : unmanaged, IBinaryInteger<T>
    {
        var sums = MemoryMarshal.Cast<byte, T>(target);
        var added = MemoryMarshal.Cast<byte, T>(values);
        var vectors = MemoryMarshal.Cast<T, Vector<T>>(sums);
        var others = MemoryMarshal.Cast<T, Vector<T>>(added);
        for (var i = 0; i < vectors.Length; i++)
        {
            vectors[i] += others[i];
        }

        for (var i = vectors.Length * Vector<T>.Count; i < sums.Length; i++)
        {
            sums[i] = unchecked(sums[i] + added[i]);
        }
    }
}

using System.Numerics;
using System.Runtime.InteropServices;

namespace Colony.Collective;

/// <summary>
/// The codec's hot loops with the machine's own vector width. Each element is computed on its own, so the width changes
/// no bits; a property test holds them equal to <see cref="ScalarKernels"/>.
/// </summary>
/// <remarks>
/// Accumulate reads 4 bytes of gradient, reads and writes 4 bytes of sum: the 12 bytes of memory traffic of a plain
/// float addition, which is the peer that the benchmark runs beside it.
/// </remarks>
internal static class VectorKernels
{
    public static bool Accumulate(ReadOnlySpan<float> values, Span<int> sums, float scale, float limit)
    {
        var scales = new Vector<float>(scale);
        var limits = new Vector<float>(limit);
        var fits = Vector<int>.AllBitsSet;
        var source = MemoryMarshal.Cast<float, Vector<float>>(values);
        var target = MemoryMarshal.Cast<int, Vector<int>>(sums[..values.Length]);
        for (var i = 0; i < source.Length; i++)
        {
            var rounded = Vector.Round(source[i] * scales, MidpointRounding.ToEven);
            // NaN compares false, so it is caught by the same test.
            fits &= Vector.LessThanOrEqual(Vector.Abs(rounded), limits);
            target[i] += Vector.ConvertToInt32Native(rounded);
        }

        var done = source.Length * Vector<float>.Count;
        var tailFits = ScalarKernels.Accumulate(values[done..], sums[done..values.Length], scale, limit);
        return tailFits && Vector.EqualsAll(fits, Vector<int>.AllBitsSet);
    }

    public static void Retract(ReadOnlySpan<float> values, Span<int> sums, float scale)
    {
        var scales = new Vector<float>(scale);
        var source = MemoryMarshal.Cast<float, Vector<float>>(values);
        var target = MemoryMarshal.Cast<int, Vector<int>>(sums[..values.Length]);
        for (var i = 0; i < source.Length; i++)
        {
            var rounded = Vector.Round(source[i] * scales, MidpointRounding.ToEven);
            target[i] -= Vector.ConvertToInt32Native(rounded);
        }

        var done = source.Length * Vector<float>.Count;
        ScalarKernels.Retract(values[done..], sums[done..values.Length], scale);
    }

    /// <summary>
    /// sum * scale rounded once: int to float rounds, and the product with a power of two is exact because an exponent
    /// of at least -48 keeps it out of the denormals.
    /// </summary>
    public static void Dequantise(ReadOnlySpan<int> sums, Span<float> destination, float scale)
    {
        var scales = new Vector<float>(scale);
        var source = MemoryMarshal.Cast<int, Vector<int>>(sums);
        var target = MemoryMarshal.Cast<float, Vector<float>>(destination[..sums.Length]);
        for (var i = 0; i < source.Length; i++)
        {
            target[i] = Vector.ConvertToSingle(source[i]) * scales;
        }

        var done = source.Length * Vector<int>.Count;
        ScalarKernels.Dequantise(sums[done..], destination[done..sums.Length], scale);
    }

    public static ulong Largest(ReadOnlySpan<int> sums)
    {
        var high = Vector<int>.Zero;
        var low = Vector<int>.Zero;
        var source = MemoryMarshal.Cast<int, Vector<int>>(sums);
        foreach (var vector in source)
        {
            high = Vector.Max(high, vector);
            low = Vector.Min(low, vector);
        }

        var largest = ScalarKernels.Largest(sums[(source.Length * Vector<int>.Count)..]);
        for (var lane = 0; lane < Vector<int>.Count; lane++)
        {
            largest = Math.Max(largest, (ulong)Math.Max(high[lane], -(long)low[lane]));
        }

        return largest;
    }
}

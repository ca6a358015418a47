using System.Numerics;
using System.Runtime.InteropServices;

namespace Colony.Collective;

/// <summary>
/// Sums of 8, 16, 32 and 64 bits of a block whose values were rounded to 32 bits before: adding, widening, reading.
/// </summary>
internal static class NarrowKernels
{
    public static void Add(Span<sbyte> sums, ReadOnlySpan<int> integers)
    {
        var target = MemoryMarshal.Cast<sbyte, Vector<sbyte>>(sums);
        var source = MemoryMarshal.Cast<int, Vector<int>>(integers);
        for (var i = 0; i < target.Length; i++)
        {
            var four = source.Slice(i * 4, 4);
            target[i] += Vector.Narrow(Vector.Narrow(four[0], four[1]), Vector.Narrow(four[2], four[3]));
        }

        AddScalar(sums, integers, target.Length * Vector<sbyte>.Count);
    }

    public static void Add(Span<short> sums, ReadOnlySpan<int> integers)
    {
        var target = MemoryMarshal.Cast<short, Vector<short>>(sums);
        var source = MemoryMarshal.Cast<int, Vector<int>>(integers);
        for (var i = 0; i < target.Length; i++)
        {
            target[i] += Vector.Narrow(source[i * 2], source[(i * 2) + 1]);
        }

        AddScalar(sums, integers, target.Length * Vector<short>.Count);
    }

    public static void Add(Span<int> sums, ReadOnlySpan<int> integers)
    {
        var target = MemoryMarshal.Cast<int, Vector<int>>(sums);
        var source = MemoryMarshal.Cast<int, Vector<int>>(integers);
        for (var i = 0; i < target.Length; i++)
        {
            target[i] += source[i];
        }

        AddScalar(sums, integers, target.Length * Vector<int>.Count);
    }

    /// <summary>Adds from element <paramref name="first"/> on; what the vector forms must equal.</summary>
    public static void AddScalar<T>(Span<T> sums, ReadOnlySpan<int> integers, int first = 0)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (var i = first; i < sums.Length; i++)
        {
            sums[i] = unchecked(sums[i] + T.CreateTruncating(integers[i]));
        }
    }

    /// <summary>Copies integers to a wider type.</summary>
    public static void Widen<TFrom, TTo>(ReadOnlySpan<TFrom> from, Span<TTo> to)
        where TFrom : unmanaged, IBinaryInteger<TFrom>
        where TTo : unmanaged, IBinaryInteger<TTo>
    {
        for (var i = 0; i < from.Length; i++)
        {
            to[i] = TTo.CreateTruncating(from[i]);
        }
    }

    /// <summary>sum * scale; exact, since the sum has fewer bits than a float.</summary>
    public static void Dequantise(ReadOnlySpan<sbyte> sums, Span<float> destination, float scale)
    {
        var scales = new Vector<float>(scale);
        var source = MemoryMarshal.Cast<sbyte, Vector<sbyte>>(sums);
        var target = MemoryMarshal.Cast<float, Vector<float>>(destination);
        for (var i = 0; i < source.Length; i++)
        {
            Vector.Widen(source[i], out var low, out var high);
            Write(low, target.Slice(i * 4, 2), scales);
            Write(high, target.Slice((i * 4) + 2, 2), scales);
        }

        DequantiseScalar(sums, destination, scale, source.Length * Vector<sbyte>.Count);
    }

    public static void Dequantise(ReadOnlySpan<short> sums, Span<float> destination, float scale)
    {
        var scales = new Vector<float>(scale);
        var source = MemoryMarshal.Cast<short, Vector<short>>(sums);
        var target = MemoryMarshal.Cast<float, Vector<float>>(destination);
        for (var i = 0; i < source.Length; i++)
        {
            Write(source[i], target.Slice(i * 2, 2), scales);
        }

        DequantiseScalar(sums, destination, scale, source.Length * Vector<short>.Count);
    }

    public static void DequantiseScalar<T>(ReadOnlySpan<T> sums, Span<float> destination, float scale, int first = 0)
        where T : unmanaged, IBinaryInteger<T>
    {
        for (var i = first; i < sums.Length; i++)
        {
            destination[i] = float.CreateTruncating(sums[i]) * scale;
        }
    }

    public static ulong Largest<T>(ReadOnlySpan<T> sums)
        where T : unmanaged, IBinaryInteger<T>
    {
        ulong largest = 0;
        foreach (var sum in sums)
        {
            largest = Math.Max(largest, (ulong)Math.Abs(int.CreateTruncating(sum)));
        }

        return largest;
    }

    private static void Write(Vector<short> sums, Span<Vector<float>> target, Vector<float> scale)
    {
        Vector.Widen(sums, out var low, out var high);
        target[0] = Vector.ConvertToSingle(low) * scale;
        target[1] = Vector.ConvertToSingle(high) * scale;
    }
}

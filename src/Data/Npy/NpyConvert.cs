using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Colony.Data;

/// <summary>From stored elements to float32, and the search for values that are no number.</summary>
internal static class NpyConvert
{
    private const ushort HalfExponent = 0x7C00;

    /// <summary>Converts little-endian elements; integers beyond 2²⁴ and doubles are rounded to the nearest
    /// float.</summary>
    public static void ToSingle(ReadOnlySpan<byte> source, NpyType type, Span<float> destination)
    {
        if (!BitConverter.IsLittleEndian)
        {
            throw new PlatformNotSupportedException("Feature files are little-endian and so must the machine be.");
        }

        switch (type)
        {
            case NpyType.Float16:
                HalfToSingle(MemoryMarshal.Cast<byte, ushort>(source), destination);
                break;
            case NpyType.Float32:
                source.CopyTo(MemoryMarshal.AsBytes(destination));
                break;
            case NpyType.Float64:
                Each(MemoryMarshal.Cast<byte, double>(source), destination);
                break;
            case NpyType.Int64:
                Each(MemoryMarshal.Cast<byte, long>(source), destination);
                break;
            case NpyType.Int32:
                Each(MemoryMarshal.Cast<byte, int>(source), destination);
                break;
            default:
                Each(source, destination);
                break;
        }
    }

    /// <summary>
    /// Half to single, eight or sixteen at a time. Moves exponent and fraction into place, adds the difference of the
    /// exponent biases, lifts infinities and NaN to the top exponent, and turns subnormal halves into normal floats
    /// by subtracting 2⁻¹⁴, which is exact and does not depend on the processor's flush-to-zero setting.
    /// </summary>
    public static void HalfToSingle(ReadOnlySpan<ushort> source, Span<float> destination)
    {
        var width = Vector<ushort>.Count;
        var at = 0;
        for (; at + width <= source.Length; at += width)
        {
            Vector.Widen(new Vector<ushort>(source[at..]), out var low, out var high);
            Widened(low).CopyTo(destination[at..]);
            Widened(high).CopyTo(destination[(at + (width / 2))..]);
        }

        for (; at < source.Length; at++)
        {
            destination[at] = (float)BitConverter.UInt16BitsToHalf(source[at]);
        }
    }

    /// <summary>The place of the first NaN or infinity, or −1.</summary>
    public static int IndexOfNonFinite(ReadOnlySpan<float> values)
    {
        var top = new Vector<uint>(0x7F800000);
        var bits = MemoryMarshal.Cast<float, uint>(values);
        var at = 0;
        for (; at + Vector<uint>.Count <= bits.Length; at += Vector<uint>.Count)
        {
            var exponent = new Vector<uint>(bits[at..]) & top;
            if (Vector.EqualsAny(exponent, top))
            {
                break;
            }
        }

        for (; at < values.Length; at++)
        {
            if (!float.IsFinite(values[at]))
            {
                return at;
            }
        }

        return -1;
    }

    /// <summary>Copies halves in one pass; the place of the first that is NaN or an infinity, or −1. Not inlined:
    /// within a larger method the accumulator has no register of its own, which costs a third of the rate.</summary>
    [MethodImpl(MethodImplOptions.NoInlining)]
    public static int CopyFinite(ReadOnlySpan<ushort> source, Span<ushort> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(destination.Length, source.Length);
        ref var from = ref MemoryMarshal.GetReference(source);
        ref var to = ref MemoryMarshal.GetReference(destination);
        var (width, top, found) = ((nuint)Vector<ushort>.Count, new Vector<ushort>(HalfExponent), Vector<ushort>.Zero);
        nuint at = 0;
        for (; at + (4 * width) <= (nuint)source.Length; at += 4 * width)
        {
            var a = Vector.LoadUnsafe(ref from, at);
            var b = Vector.LoadUnsafe(ref from, at + width);
            var c = Vector.LoadUnsafe(ref from, at + (2 * width));
            var d = Vector.LoadUnsafe(ref from, at + (3 * width));
            found |= (Vector.Equals(a & top, top) | Vector.Equals(b & top, top))
                | (Vector.Equals(c & top, top) | Vector.Equals(d & top, top));
            a.StoreUnsafe(ref to, at);
            b.StoreUnsafe(ref to, at + width);
            c.StoreUnsafe(ref to, at + (2 * width));
            d.StoreUnsafe(ref to, at + (3 * width));
        }

        var rest = (int)at;
        source[rest..].CopyTo(destination[rest..]);
        return found == Vector<ushort>.Zero
            ? IndexOfNonFinite(source[rest..]) is var bad and >= 0 ? rest + bad : -1
            : IndexOfNonFinite(source);
    }

    /// <summary>The place of the first half that is NaN or an infinity, or −1.</summary>
    public static int IndexOfNonFinite(ReadOnlySpan<ushort> halves)
    {
        var top = new Vector<ushort>(HalfExponent);
        var at = 0;
        for (; at + Vector<ushort>.Count <= halves.Length; at += Vector<ushort>.Count)
        {
            if (Vector.EqualsAny(new Vector<ushort>(halves[at..]) & top, top))
            {
                break;
            }
        }

        for (; at < halves.Length; at++)
        {
            if ((halves[at] & HalfExponent) == HalfExponent)
            {
                return at;
            }
        }

        return -1;
    }

    private static Vector<float> Widened(Vector<uint> half)
    {
        var sign = (half & new Vector<uint>(0x8000)) << 16;
        var body = (half & new Vector<uint>(0x7FFF)) << 13;
        var exponent = body & new Vector<uint>(0x7C00u << 13);
        var biased = body + new Vector<uint>((127 - 15) << 23);
        var isTop = Vector.Equals(exponent, new Vector<uint>(0x7C00u << 13));
        var top = biased + new Vector<uint>((128 - 16) << 23);
        var isSmall = Vector.Equals(exponent, Vector<uint>.Zero);
        var lifted = Vector.AsVectorSingle(biased + new Vector<uint>(1 << 23));
        var small = Vector.AsVectorUInt32(lifted - new Vector<float>(BitConverter.UInt32BitsToSingle(113u << 23)));
        var value = Vector.ConditionalSelect(isTop, top, Vector.ConditionalSelect(isSmall, small, biased));
        return Vector.AsVectorSingle(value | sign);
    }

    private static void Each<T>(ReadOnlySpan<T> source, Span<float> destination)
        where T : struct, INumber<T>
    {
        for (var i = 0; i < source.Length; i++)
        {
            destination[i] = float.CreateTruncating(source[i]);
        }
    }
}

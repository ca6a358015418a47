namespace Colony.Collective;

/// <summary>
/// The codec's arithmetic one element at a time: what the vector kernels must equal bit for bit, what they use for a
/// block's tail, and the only form of the rare 64-bit path.
/// </summary>
internal static class ScalarKernels
{
    /// <summary>Bits of a sum beyond double's 53 that are folded into a sticky bit, so that only float rounding is
    /// left.</summary>
    private const int FoldedBits = 11;

    private const long ExactInDouble = 1L << 53;

    /// <summary>Adds rounded values; false when one exceeds the limit or is not a number (the sums are then to be
    /// taken back with <see cref="Retract"/>).</summary>
    public static bool Accumulate(ReadOnlySpan<float> values, Span<int> sums, float scale, float limit)
    {
        var fits = true;
        for (var i = 0; i < values.Length; i++)
        {
            var rounded = MathF.Round(values[i] * scale, MidpointRounding.ToEven);
            fits &= MathF.Abs(rounded) <= limit;
            sums[i] = unchecked(sums[i] + float.ConvertToIntegerNative<int>(rounded));
        }

        return fits;
    }

    /// <summary>The inverse of <see cref="Accumulate"/>: wrap-around addition forgets nothing.</summary>
    public static void Retract(ReadOnlySpan<float> values, Span<int> sums, float scale)
    {
        for (var i = 0; i < values.Length; i++)
        {
            var rounded = MathF.Round(values[i] * scale, MidpointRounding.ToEven);
            sums[i] = unchecked(sums[i] - float.ConvertToIntegerNative<int>(rounded));
        }
    }

    /// <summary>Adds rounded values to 64-bit sums. Double arithmetic is exact here: 24 bits times a power of
    /// two.</summary>
    public static ValueRange AccumulateWide(ReadOnlySpan<float> values, Span<long> sums, double scale, double limit)
    {
        var range = ValueRange.Fits;
        for (var i = 0; i < values.Length; i++)
        {
            var rounded = Math.Round(values[i] * scale, MidpointRounding.ToEven);
            if (Math.Abs(rounded) <= limit)
            {
                sums[i] = unchecked(sums[i] + (long)rounded);
            }
            else
            {
                range |= float.IsFinite(values[i]) ? ValueRange.TooLarge : ValueRange.NotFinite;
            }
        }

        return range;
    }

    public static void Dequantise(ReadOnlySpan<int> sums, Span<float> destination, double scale)
    {
        for (var i = 0; i < sums.Length; i++)
        {
            destination[i] = (float)(sums[i] * scale);
        }
    }

    public static void DequantiseWide(ReadOnlySpan<long> sums, Span<float> destination, double scale)
    {
        for (var i = 0; i < sums.Length; i++)
        {
            destination[i] = ToSingle(sums[i], scale);
        }
    }

    public static ulong Largest(ReadOnlySpan<int> sums)
    {
        ulong largest = 0;
        foreach (var sum in sums)
        {
            largest = Math.Max(largest, (ulong)Math.Abs((long)sum));
        }

        return largest;
    }

    public static ulong LargestWide(ReadOnlySpan<long> sums)
    {
        ulong largest = 0;
        foreach (var sum in sums)
        {
            largest = Math.Max(largest, sum < 0 ? 0UL - (ulong)sum : (ulong)sum);
        }

        return largest;
    }

    /// <summary>sum * scale, rounded once: more than 53 bits are first folded to round-to-odd, which a later rounding
    /// to fewer bits does not notice (Boldo and Melquiond, 2008).</summary>
    private static float ToSingle(long sum, double scale)
    {
        if (sum is > -ExactInDouble and < ExactInDouble)
        {
            return (float)(sum * scale);
        }

        var folded = sum >> FoldedBits;
        if ((sum & ((1L << FoldedBits) - 1)) != 0)
        {
            folded |= 1;
        }

        return (float)(folded * (double)(1L << FoldedBits) * scale);
    }
}

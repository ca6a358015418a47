using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Colony.Collective;

/// <summary>
/// Stochastic rounding of a block: |x| / 2^e is rounded down or up, up with the probability of its fractional part, so
/// that the mean of many roundings is the value itself.
/// </summary>
/// <remarks>
/// With n the element's 16 bits, it goes up when the fractional part exceeds (n + 1/2) / 2^16. The scaled value, its
/// whole and its fractional part are exact in float and in double alike (the scale is a power of two), so all three
/// forms below give the same integer and a property test holds them equal.
/// </remarks>
internal static class StochasticKernels
{
    /// <summary>What a rounded value may be to stay in 32 bits: the largest float below 2^31.</summary>
    public const float NarrowLimit = 2147483520f;

    private const float Unit = 1f / (1 << RoundingStream.Bits);
    private const float HalfUnit = Unit / 2;

    /// <summary>Rounds a block to 32-bit integers.</summary>
    /// <returns>The largest magnitude, or -1 when a value is beyond <see cref="NarrowLimit"/> or not a number; the
    /// integers are then of no use.</returns>
    public static long Round(ReadOnlySpan<float> values, ReadOnlySpan<uint> words, Span<int> integers, float scale)
    {
        var whole = values.Length / (2 * Philox.Lanes) * (2 * Philox.Lanes);
        var scales = Vector256.Create(scale);
        var largest = Vector256<int>.Zero;
        ref var source = ref MemoryMarshal.GetReference(values);
        ref var target = ref MemoryMarshal.GetReference(integers[..values.Length]);
        ref var drawn = ref MemoryMarshal.GetReference(words[..(whole / 2)]);
        for (nuint i = 0; i < (nuint)whole; i += 2 * Philox.Lanes)
        {
            var word = Vector256.LoadUnsafe(ref drawn, i / 2);
            var low = Vector256.LoadUnsafe(ref source, i) * scales;
            var high = Vector256.LoadUnsafe(ref source, i + Philox.Lanes) * scales;
            var roundedLow = RoundMagnitude(Vector256.Abs(low), word & Vector256.Create(0xFFFFu));
            var roundedHigh = RoundMagnitude(
                Vector256.Abs(high), Vector256.ShiftRightLogical(word, RoundingStream.Bits));

            // Bits of floats that are not negative are in the order of the floats, with NaN above all.
            largest = Vector256.Max(largest, Vector256.Max(roundedLow.AsInt32(), roundedHigh.AsInt32()));
            var sign = Vector256.Create(-0f);
            Vector256.ConvertToInt32Native(roundedLow | (low & sign)).StoreUnsafe(ref target, i);
            Vector256.ConvertToInt32Native(roundedHigh | (high & sign)).StoreUnsafe(ref target, i + Philox.Lanes);
        }

        var magnitude = RoundScalar(values, words, integers, scale, whole);
        for (var lane = 0; lane < Vector256<int>.Count && magnitude >= 0; lane++)
        {
            var one = BitConverter.Int32BitsToSingle(largest[lane]);
            magnitude = one <= NarrowLimit ? Math.Max(magnitude, (long)one) : -1;
        }

        return magnitude;
    }

    /// <summary>The same, one element at a time, from element <paramref name="first"/> on.</summary>
    public static long RoundScalar(
        ReadOnlySpan<float> values, ReadOnlySpan<uint> words, Span<int> integers, float scale, int first = 0)
    {
        var largest = 0f;
        var fits = true;
        for (var i = first; i < values.Length; i++)
        {
            var scaled = values[i] * scale;
            var magnitude = MathF.Abs(scaled);
            var rounded = MathF.Floor(magnitude);
            var threshold = (RoundingStream.Of(words, i) * Unit) + HalfUnit;
            rounded += magnitude - rounded > threshold ? 1 : 0;
            fits &= rounded <= NarrowLimit;
            largest = MathF.Max(largest, rounded);
            integers[i] = float.ConvertToIntegerNative<int>(MathF.CopySign(rounded, scaled));
        }

        return fits ? (long)largest : -1;
    }

    /// <summary>Rounds a block that has larger values and adds it to 64-bit sums.</summary>
    /// <param name="values">The gradient.</param>
    /// <param name="words">The block's random words.</param>
    /// <param name="sums">Left as they were where a value is beyond the limit.</param>
    /// <param name="scale">2^-exponent.</param>
    /// <param name="limit">Largest magnitude of one logical rank.</param>
    /// <param name="largest">The largest magnitude within the limit.</param>
    public static ValueRange AccumulateWide(
        ReadOnlySpan<float> values,
        ReadOnlySpan<uint> words,
        Span<long> sums,
        double scale,
        double limit,
        out long largest)
    {
        var range = ValueRange.Fits;
        largest = 0;
        for (var i = 0; i < values.Length; i++)
        {
            var scaled = values[i] * scale;
            var magnitude = Math.Abs(scaled);
            var rounded = Math.Floor(magnitude);
            var threshold = (RoundingStream.Of(words, i) * (double)Unit) + HalfUnit;
            rounded += magnitude - rounded > threshold ? 1 : 0;
            if (rounded <= limit)
            {
                largest = Math.Max(largest, (long)rounded);
                sums[i] += (long)Math.CopySign(rounded, scaled);
            }
            else
            {
                range |= float.IsFinite(values[i]) ? ValueRange.TooLarge : ValueRange.NotFinite;
            }
        }

        return range;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<float> RoundMagnitude(Vector256<float> magnitude, Vector256<uint> bits)
    {
        var rounded = Vector256.Floor(magnitude);
        var threshold = (Vector256.ConvertToSingle(bits.AsInt32()) * Unit) + Vector256.Create(HalfUnit);
        return rounded + (Vector256.GreaterThan(magnitude - rounded, threshold) & Vector256<float>.One);
    }
}

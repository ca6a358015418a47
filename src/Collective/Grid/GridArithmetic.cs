using System.Numerics;

namespace Colony.Collective;

/// <summary>The numbers that make integer gradient sums exact, and why they are safe.</summary>
/// <remarks>
/// A logical rank's value x in a block of exponent e becomes q, the integer nearest to x / 2^e (ties to even). Of L
/// logical ranks none may exceed floor((2^31 - 1) / L) in a narrow block, so no partial sum of any of them, in any
/// order, leaves 32 bits; in a wide block the same holds with 2^63 - 1. The limits know L and not the number of
/// workers, so which blocks are wide does not depend on who computed what.
/// That is the arithmetic of 32 bits; <see cref="ReachArithmetic"/> has that of 16 and 8.
/// <list type="bullet">
/// <item>First grid, e = -40: narrow up to 2^-9 / L, wide up to 2^23 / L (L = 64: 131,072), one unit is 9e-13.</item>
/// <item>Next grid: the largest |sum| of the block lands in [2^22, 2^23), so the rounding error of a logical rank is at
/// most 2^-23 of the block's largest sum, about float32's own. A logical rank may then exceed the last largest sum
/// 2^8 / L times before the block goes wide, and 2^40 / L times before it is out of range.</item>
/// <item>Exponents stay in [-48, 104]. At -48 a wide block still takes 2^15 / L; at 104 all finite floats fit as long
/// as L is at most 2^39. Within that range a float times 2^-e is exact unless the product is below 2^-126 (and rounds
/// to 0) or beyond 2^128 (and is far over the narrow limit), so float arithmetic rounds exactly like real arithmetic.
/// </item>
/// <item>A block whose sum is all zero (rows of an embedding that no sample touched) restarts at e = -34: narrow up to
/// 2^-3 / L, one unit is 6e-11, far below what Adam's epsilon of 1e-8 lets through.</item>
/// </list>
/// Shared exponents for blocks are those of SwitchML (Sapio et al., NSDI 2021, section 3.7).
/// </remarks>
internal static class GridArithmetic
{
    public const short FirstExponent = -40;
    public const short ZeroExponent = -34;
    public const short MinExponent = -48;
    public const short MaxExponent = 104;

    /// <summary>The narrow limit is at least 2^15 up to this many logical ranks, so a quantised value keeps its
    /// meaning.</summary>
    public const int MaxLogicalRanks = 1 << 16;

    /// <summary>Bits of the largest sum on the next grid.</summary>
    private const int TargetBits = 23;

    /// <summary>How much coarser a block becomes after a value did not even fit 64 bits; five such steps reach any
    /// float.</summary>
    private const int OverflowShift = 32;

    /// <summary>Largest |q| of a narrow block, and the largest float that does not exceed it.</summary>
    public static float NarrowLimit(int logicalRanks) => FloorToSingle(int.MaxValue / logicalRanks);

    /// <summary>Largest |q| of a wide block, as the largest double that does not exceed it.</summary>
    public static double WideLimit(int logicalRanks) => FloorToDouble(long.MaxValue / logicalRanks);

    public static float Scale(int exponent) => MathF.ScaleB(1f, exponent);

    public static double WideScale(int exponent) => Math.ScaleB(1d, exponent);

    /// <summary>The next exponent of a block: a function of its largest |sum| * 2^exponent alone.</summary>
    public static short NextExponent(int exponent, ulong largest)
    {
        if (largest == 0)
        {
            return ZeroExponent;
        }

        var bits = 64 - BitOperations.LeadingZeroCount(largest);
        return (short)Math.Clamp(exponent + bits - TargetBits, MinExponent, MaxExponent);
    }

    public static short ExponentAfterOverflow(int exponent) => (short)Math.Min(exponent + OverflowShift, MaxExponent);

    /// <summary>Whether |sum| * 2^exponent rounds to a finite float.</summary>
    public static bool FitsSingle(int exponent, ulong largest) =>
        float.IsFinite((float)((double)largest * WideScale(exponent)));

    private static float FloorToSingle(int value)
    {
        var rounded = (float)value;
        return (long)rounded > value ? MathF.BitDecrement(rounded) : rounded;
    }

    private static double FloorToDouble(long value)
    {
        var rounded = (double)value;
        // 2^63 itself does not fit a long, so it is told apart before the exact comparison.
        return rounded >= 9223372036854775808.0 || (long)rounded > value ? Math.BitDecrement(rounded) : rounded;
    }
}

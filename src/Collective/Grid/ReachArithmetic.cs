using System.Numerics;

namespace Colony.Collective;

/// <summary>The numbers of 16 and 8 bits: what a block needs on the wire, and its next grid.</summary>
/// <remarks>
/// The <b>reach</b> of a block in a step is the sum, over all logical ranks, of the largest |q| that the rank has in
/// the block. No total of the block's elements exceeds it, whatever the signs, so a reach below 2^(b-1) lets the block
/// travel at b bits; additions wrap around, so partial sums need no room of their own. Being an integer sum, the reach
/// is the same for every assignment and order, and members exchange it (8 bytes a block) before any data.
/// <list type="bullet">
/// <item>Width: the job's, or the next of 16, 32 and 64 bits that the reach fits. The integers are the same whatever
/// the width; only their travel differs.</item>
/// <item>Next grid: this reach would land in [2^13, 2^14) at 16 bits, so a block may grow 2 to 4 times before it goes
/// wider, and in [2^6, 2^7) at 8 bits, where resolution is scarcer than bytes: about one block in eight then goes
/// wider. With L = 8 a logical rank's largest value has 1,024 units or more at 16 bits and 8 or more at 8 bits. Below
/// <see cref="UnitsOfRank"/> units a rank would say little more than signs, so beyond L = 32 the grid of 8 bits stays
/// finer and the blocks travel at 16 bits instead.</item>
/// <item>A block whose reach was 0 (rows of an embedding that no sample touched) gets finer by one bit a step, down to
/// <see cref="GridArithmetic.ZeroExponent"/>: its scale is remembered for a while, and forgotten slowly enough that a
/// touched row costs a wider block, never its resolution.</item>
/// </list>
/// The choice is that of docs/decisions/0005.
/// </remarks>
internal static class ReachArithmetic
{
    /// <summary>Largest value of a logical rank in its own units, at least.</summary>
    private const int UnitsOfRank = 2;

    /// <summary>Bits between the expected reach and the width: one for the sign, the others to grow.</summary>
    private const int SpareBits = 3;

    private const int SpareBitsOfByte = 2;

    private const int BitsOfByte = 8;

    /// <summary>Bytes of each element of a block, no fewer than the job's.</summary>
    public static int BytesFor(long reach, int ownBytes)
    {
        var bits = BitsOf(reach) + 1;
        var bytes = (int)BitOperations.RoundUpToPowerOf2((uint)(bits + BitsOfByte - 1) / BitsOfByte);
        return Math.Max(bytes, ownBytes);
    }

    /// <summary>Bits that the next reach is to have.</summary>
    public static int TargetBits(int ownBytes, int logicalRanks) =>
        Math.Max(
            (ownBytes * BitsOfByte) - (ownBytes == 1 ? SpareBitsOfByte : SpareBits) + 1,
            BitsOf((long)UnitsOfRank * logicalRanks));

    public static short NextExponent(int exponent, long reach, int targetBits)
    {
        var wanted = reach == 0
            ? Math.Max(exponent - 1, GridArithmetic.ZeroExponent)
            : exponent + BitsOf(reach) - targetBits;
        return (short)Math.Clamp(wanted, GridArithmetic.MinExponent, GridArithmetic.MaxExponent);
    }

    /// <summary>Bits of a magnitude: 0 for 0, 7 for 64 to 127.</summary>
    private static int BitsOf(long magnitude) => 64 - BitOperations.LeadingZeroCount((ulong)magnitude);
}

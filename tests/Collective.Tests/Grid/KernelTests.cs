namespace Colony.Collective.Tests;

public sealed class KernelTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Vector_accumulation_equals_scalar(int seed)
    {
        var random = new Random(seed);
        for (var round = 0; round < 400; round++)
        {
            var values = Floats.Any(random, random.Next(0, 100), wild: round % 2 == 0);
            var exponent = random.Next(GridArithmetic.MinExponent, GridArithmetic.MaxExponent + 1);
            var scale = GridArithmetic.Scale(-exponent);
            var limit = GridArithmetic.NarrowLimit(random.Next(1, 100));
            var before = Integers(random, values.Length);
            var vector = before.ToArray();
            var scalar = before.ToArray();

            var vectorFits = VectorKernels.Accumulate(values, vector, scale, limit);
            var scalarFits = ScalarKernels.Accumulate(values, scalar, scale, limit);

            Assert.Equal(scalarFits, vectorFits);
            if (scalarFits)
            {
                Assert.Equal(scalar, vector);
            }

            VectorKernels.Retract(values, vector, scale);
            ScalarKernels.Retract(values, scalar, scale);
            Assert.Equal(before, vector);
            Assert.Equal(before, scalar);
        }
    }

    [Fact]
    public void Narrow_rounding_is_exact_real_rounding()
    {
        var random = new Random(4);
        for (var round = 0; round < 20_000; round++)
        {
            var value = Floats.Any(random, 1, wild: false);
            var exponent = random.Next(GridArithmetic.MinExponent, GridArithmetic.MaxExponent + 1);
            Span<int> sum = [0];
            var limit = GridArithmetic.NarrowLimit(1);
            var fits = ScalarKernels.Accumulate(value, sum, GridArithmetic.Scale(-exponent), limit);
            var real = Math.Round(Math.ScaleB((double)value[0], -exponent), MidpointRounding.ToEven);
            Assert.Equal(Math.Abs(real) <= limit, fits);
            if (fits)
            {
                Assert.Equal(real, sum[0]);
            }
        }
    }

    [Fact]
    public void Dequantising_vectors_equals_rounding_the_exact_product_once()
    {
        var random = new Random(5);
        for (var round = 0; round < 400; round++)
        {
            var sums = Integers(random, random.Next(0, 100));
            var exponent = random.Next(GridArithmetic.MinExponent, GridArithmetic.MaxExponent + 1);
            var vector = new float[sums.Length];
            var scalar = new float[sums.Length];
            VectorKernels.Dequantise(sums, vector, GridArithmetic.Scale(exponent));
            ScalarKernels.Dequantise(sums, scalar, GridArithmetic.WideScale(exponent));
            Assert.Equal(Floats.Bits(scalar), Floats.Bits(vector));
            Assert.Equal(ScalarKernels.Largest(sums), VectorKernels.Largest(sums));
        }
    }

    [Fact]
    public void Wide_sums_are_rounded_once_and_not_first_to_double()
    {
        // Halfway between two floats plus 1: rounding to double first would lose the 1 and tie to even, downwards.
        const long HalfwayPlusOne = (1L << 62) + (1L << 38) + 1;
        var result = new float[2];
        ScalarKernels.DequantiseWide([HalfwayPlusOne, -HalfwayPlusOne], result, 1);
        Assert.Equal(MathF.BitIncrement(4611686018427387904f), result[0]);
        Assert.Equal(-MathF.BitIncrement(4611686018427387904f), result[1]);
    }

    [Fact]
    public void Wide_dequantising_agrees_with_exact_integer_rounding()
    {
        var random = new Random(6);
        for (var round = 0; round < 20_000; round++)
        {
            var sum = random.NextInt64(long.MinValue + 1, long.MaxValue) >> random.Next(0, 63);
            var result = new float[1];
            ScalarKernels.DequantiseWide([sum], result, 1);
            Assert.Equal(BitConverter.SingleToInt32Bits(RoundToSingle(sum)), BitConverter.SingleToInt32Bits(result[0]));
        }
    }

    [Fact]
    public void Largest_sees_the_most_negative_integers()
    {
        Assert.Equal(1UL << 31, VectorKernels.Largest([0, int.MinValue, 5, 6, 7, 8, 9, 10, 11]));
        Assert.Equal(1UL << 63, ScalarKernels.LargestWide([1, long.MinValue]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(64)]
    [InlineData(GridArithmetic.MaxLogicalRanks)]
    public void Limits_leave_room_for_all_logical_ranks(int logicalRanks)
    {
        Assert.True((long)GridArithmetic.NarrowLimit(logicalRanks) * logicalRanks <= int.MaxValue);
        Assert.True((Int128)GridArithmetic.WideLimit(logicalRanks) * logicalRanks <= long.MaxValue);
        Assert.True(GridArithmetic.NarrowLimit(logicalRanks) >= 0.99f * (int.MaxValue / logicalRanks));
    }

    [Fact]
    public void Next_exponent_depends_on_the_magnitude_alone()
    {
        Assert.Equal(GridArithmetic.ZeroExponent, GridArithmetic.NextExponent(20, 0));
        Assert.Equal(-10, GridArithmetic.NextExponent(-10, 1UL << 22));
        // The same magnitude, 2^12, written on three grids.
        Assert.Equal(-10, GridArithmetic.NextExponent(-20, 1UL << 32));
        Assert.Equal(-10, GridArithmetic.NextExponent(0, 1UL << 12));
        Assert.Equal(GridArithmetic.MinExponent, GridArithmetic.NextExponent(GridArithmetic.MinExponent, 1));
        Assert.Equal(GridArithmetic.MaxExponent, GridArithmetic.NextExponent(GridArithmetic.MaxExponent, 1UL << 40));
    }

    private static int[] Integers(Random random, int count)
    {
        var integers = new int[count];
        for (var i = 0; i < count; i++)
        {
            integers[i] = random.Next(int.MinValue + 1, int.MaxValue) >> random.Next(0, 31);
        }

        return integers;
    }

    /// <summary>Nearest float, ties to even, by integer arithmetic.</summary>
    private static float RoundToSingle(long sum)
    {
        var magnitude = (UInt128)(ulong)Math.Abs(sum);
        var shift = Math.Max(0, 64 - System.Numerics.BitOperations.LeadingZeroCount((ulong)magnitude) - 24);
        var kept = magnitude >> shift;
        var rest = magnitude - (kept << shift);
        var half = shift == 0 ? UInt128.Zero : UInt128.One << (shift - 1);
        if (shift > 0 && (rest > half || (rest == half && (kept & 1) == 1)))
        {
            kept++;
        }

        return MathF.ScaleB((float)(uint)kept, shift) * Math.Sign(sum);
    }
}

namespace Colony.Collective.Tests;

public sealed class ReachTests
{
    [Theory]
    [InlineData(0, 1, 1)]
    [InlineData(127, 1, 1)]
    [InlineData(128, 1, 2)]
    [InlineData(32_767, 1, 2)]
    [InlineData(32_768, 1, 4)]
    [InlineData(32_768, 2, 4)]
    [InlineData(1, 2, 2)]
    [InlineData(int.MaxValue, 2, 4)]
    [InlineData(1L << 31, 2, 8)]
    [InlineData(long.MaxValue, 1, 8)]
    public void Width_is_the_least_that_the_reach_fits(long reach, int ownBytes, int expected)
    {
        Assert.Equal(expected, ReachArithmetic.BytesFor(reach, ownBytes));
        var most = expected == 8 ? long.MaxValue : (1L << ((expected * 8) - 1)) - 1;
        Assert.True(reach <= most);
    }

    [Theory]
    [InlineData(1, 8)]
    [InlineData(1, 1)]
    [InlineData(1, 32)]
    [InlineData(2, 8)]
    [InlineData(2, 4096)]
    public void Next_grid_lets_the_same_reach_fit_and_at_16_bits_one_twice_as_large(int ownBytes, int logicalRanks)
    {
        var random = new Random(1);
        var target = ReachArithmetic.TargetBits(ownBytes, logicalRanks);
        for (var round = 0; round < 1000; round++)
        {
            var exponent = random.Next(-30, 30);
            var reach = random.NextInt64(1, long.MaxValue >> random.Next(1, 63));
            var next = ReachArithmetic.NextExponent(exponent, reach, target);
            if (next is GridArithmetic.MinExponent or GridArithmetic.MaxExponent)
            {
                continue;
            }

            var again = reach * Math.ScaleB(1, exponent - next);
            var unit = ownBytes == 1 ? 64 : 1L << 13;
            Assert.InRange(again, unit, 2 * unit);
            Assert.Equal(ownBytes, ReachArithmetic.BytesFor((long)(again * (ownBytes == 1 ? 1 : 2)), ownBytes));
        }
    }

    [Fact]
    public void Many_ranks_get_a_finer_grid_rather_than_less_than_two_units_each()
    {
        Assert.Equal(7, ReachArithmetic.TargetBits(1, 1));
        Assert.Equal(7, ReachArithmetic.TargetBits(1, 32));
        Assert.Equal(8, ReachArithmetic.TargetBits(1, 64));
        Assert.Equal(2, ReachArithmetic.BytesFor(1L << (ReachArithmetic.TargetBits(1, 64) - 1), 1));
    }

    [Fact]
    public void Untouched_block_gets_finer_by_one_bit_a_step_down_to_a_floor()
    {
        Assert.Equal(-11, ReachArithmetic.NextExponent(-10, 0, 6));
        Assert.Equal(GridArithmetic.ZeroExponent, ReachArithmetic.NextExponent(GridArithmetic.ZeroExponent, 0, 6));
        Assert.Equal(GridArithmetic.ZeroExponent, ReachArithmetic.NextExponent(GridArithmetic.FirstExponent, 0, 6));
    }
}

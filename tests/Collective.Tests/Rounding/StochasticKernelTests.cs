namespace Colony.Collective.Tests;

public sealed class StochasticKernelTests
{
    [Fact]
    public void Vector_scalar_and_wide_rounding_give_the_same_integers()
    {
        var random = new Random(2);
        var narrowRounds = 0;
        for (var round = 0; round < 2_000; round++)
        {
            var values = Floats.Any(random, random.Next(0, 150), wild: round % 5 == 0);
            if (round % 2 == 0)
            {
                values = Floats.Gradient(random, values.Length);
            }

            var words = Words(random, values.Length);
            var exponent = random.Next(GridArithmetic.MinExponent, GridArithmetic.MaxExponent + 1);
            var vector = new int[values.Length];
            var scalar = new int[values.Length];
            var wide = new long[values.Length];
            var scale = GridArithmetic.Scale(-exponent);
            var largest = StochasticKernels.Round(values, words, vector, scale);
            Assert.Equal(StochasticKernels.RoundScalar(values, words, scalar, scale), largest);
            var range = StochasticKernels.AccumulateWide(
                values, words, wide, GridArithmetic.WideScale(-exponent), GridArithmetic.WideLimit(1),
                out var magnitude);
            if (largest < 0)
            {
                Assert.True(range != ValueRange.Fits || magnitude > StochasticKernels.NarrowLimit);
                continue;
            }

            narrowRounds++;
            Assert.Equal(ValueRange.Fits, range);
            Assert.Equal(magnitude, largest);
            Assert.Equal(scalar, vector);
            Assert.Equal(wide, Array.ConvertAll(vector, v => (long)v));
            Assert.Equal(largest, vector.Select(v => Math.Abs((long)v)).DefaultIfEmpty(0).Max());
        }

        Assert.InRange(narrowRounds, 500, 1_900);
    }

    [Fact]
    public void Rounded_value_is_a_neighbour_of_the_value()
    {
        var random = new Random(3);
        for (var round = 0; round < 500; round++)
        {
            var values = Floats.Any(random, 64, wild: false);
            var exponent = random.Next(GridArithmetic.MinExponent, GridArithmetic.MaxExponent + 1);
            var integers = new long[64];
            StochasticKernels.AccumulateWide(
                values, Words(random, 64), integers, GridArithmetic.WideScale(-exponent), double.MaxValue, out _);
            for (var i = 0; i < values.Length; i++)
            {
                var real = Math.ScaleB((double)values[i], -exponent);
                if (Math.Abs(real) < long.MaxValue)
                {
                    Assert.InRange(integers[i], Math.Floor(real), Math.Ceiling(real));
                }
            }
        }
    }

    [Theory]
    [InlineData(0.5f)]
    [InlineData(0.25f)]
    [InlineData(-0.1f)]
    [InlineData(0.001f)]
    [InlineData(3.7f)]
    [InlineData(-126.9f)]
    [InlineData(2f)]
    [InlineData(1e-30f)]
    public void Mean_over_many_keys_is_the_value(float value)
    {
        const int Steps = 400;
        const int Length = 512;
        var values = new float[Length];
        Array.Fill(values, value);
        var words = new uint[RoundingStream.WordsFor(Length)];
        var integers = new int[Length];
        double sum = 0;
        for (var step = 0; step < Steps; step++)
        {
            new RoundingStream(9, step, step % 8).Fill(step % 3, words);
            StochasticKernels.Round(values, words, integers, scale: 1);
            sum += integers.Sum(i => (double)i);
        }

        // One rounding has a standard deviation of at most sqrt(p (1 - p)); five of the mean's, and the 2^-17 of bias
        // that 16 bits leave.
        var fraction = Math.Abs(value) - Math.Floor(Math.Abs(value));
        var deviation = Math.Sqrt(fraction * (1 - fraction) / (Steps * Length));
        Assert.InRange(sum / (Steps * Length), value - (5 * deviation) - 8e-6, value + (5 * deviation) + 8e-6);
    }

    [Fact]
    public void Probability_of_rounding_up_is_exact_over_all_draws()
    {
        // Every one of the 2^16 draws once: the count that goes up is the fraction's nearest multiple of 2^-16.
        foreach (var fraction in (double[])[0, 1.0 / 65536, 0.3, 0.5, 0.75, 65535.0 / 65536])
        {
            var up = 0;
            for (uint draw = 0; draw <= 0xFFFF; draw += 2)
            {
                var words = new uint[RoundingStream.WordsFor(16)];
                words[0] = draw | ((draw + 1) << 16);
                var values = new float[16];
                values[0] = values[8] = (float)(4 + fraction);
                var integers = new int[16];
                StochasticKernels.Round(values, words, integers, scale: 1);
                up += integers[0] + integers[8] - 8;
            }

            Assert.Equal(Math.Round((float)(4 + fraction) % 1 * 65536, MidpointRounding.AwayFromZero), up, 1.0);
        }
    }

    [Fact]
    public void Narrow_sums_equal_plain_loops()
    {
        var random = new Random(5);
        for (var round = 0; round < 200; round++)
        {
            var integers = Enumerable.Range(0, random.Next(0, 150)).Select(_ => random.Next(-300, 300)).ToArray();
            var bytes = new sbyte[integers.Length];
            var shorts = new short[integers.Length];
            var ints = new int[integers.Length];
            for (var times = 0; times < 2; times++)
            {
                NarrowKernels.Add(bytes, integers);
                NarrowKernels.Add(shorts, integers);
                NarrowKernels.Add(ints, integers);
            }

            // Wrapping included: 300 does not fit a byte.
            Assert.Equal(Array.ConvertAll(integers, i => unchecked((sbyte)(2 * i))), bytes);
            Assert.Equal(Array.ConvertAll(integers, i => (short)(2 * i)), shorts);
            Assert.Equal(Array.ConvertAll(integers, i => 2 * i), ints);
            var scale = GridArithmetic.Scale(random.Next(-48, 100));
            var fromBytes = new float[integers.Length];
            var fromShorts = new float[integers.Length];
            NarrowKernels.Dequantise(bytes, fromBytes, scale);
            NarrowKernels.Dequantise(shorts, fromShorts, scale);
            Assert.Equal(Array.ConvertAll(bytes, b => b * scale), fromBytes);
            Assert.Equal(Array.ConvertAll(shorts, s => s * scale), fromShorts);
            Assert.Equal((ulong)bytes.Select(b => Math.Abs((int)b)).DefaultIfEmpty(0).Max(),
                NarrowKernels.Largest<sbyte>(bytes));
        }
    }

    private static uint[] Words(Random random, int elements)
    {
        var words = new uint[RoundingStream.WordsFor(elements)];
        random.NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(words.AsSpan()));
        return words;
    }
}

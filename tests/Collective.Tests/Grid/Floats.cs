namespace Colony.Collective.Tests;

/// <summary>Floats to test with.</summary>
internal static class Floats
{
    /// <summary>Any bit patterns (denormals, zeros of both signs; NaN and infinities only when wild).</summary>
    public static float[] Any(Random random, int count, bool wild)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            do
            {
                values[i] = random.Next(8) switch
                {
                    0 => 0f,
                    1 => -0f,
                    2 => float.Epsilon * random.Next(-1000, 1000),
                    3 => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)),
                    4 => MathF.ScaleB(random.Next(-5, 6) + 0.5f, random.Next(-60, 60)),
                    _ => (float)((random.NextDouble() - 0.5) * Math.ScaleB(1, random.Next(-30, 10))),
                };
            }
            while (!wild && !float.IsFinite(values[i]));
        }

        return values;
    }

    /// <summary>Values like gradients; now and then one that is far larger than its neighbours, but within 64
    /// bits.</summary>
    public static float[] Gradient(Random random, int count, double spikes = 0.001)
    {
        var values = new float[count];
        for (var i = 0; i < count; i++)
        {
            var size = Math.ScaleB(1, random.NextDouble() < spikes ? random.Next(-2, 12) : random.Next(-20, -5));
            values[i] = (float)((random.NextDouble() - 0.5) * size);
        }

        return values;
    }

    /// <summary>Tensors of a whole step whose blocks need every width: most as on the step before, some larger by up
    /// to 2^45, some gone, now and then denormal or zero.</summary>
    public static float[] Mixed(Random random, int count, int block)
    {
        var values = new float[count];
        for (var start = 0; start < count; start += block)
        {
            var size = random.Next(6) switch
            {
                0 => 0,
                1 => random.Next(-140, -40),
                2 => random.Next(-40, 0),
                3 => random.Next(-5, 6),
                _ => -8,
            };
            for (var i = start; i < Math.Min(start + block, count); i++)
            {
                values[i] = size == 0
                    ? MathF.CopySign(0, random.Next(2) - 1)
                    : (float)((random.NextDouble() - 0.5) * Math.ScaleB(1, size));
            }
        }

        return values;
    }

    public static int[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToInt32Bits);
}

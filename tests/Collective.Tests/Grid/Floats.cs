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

    public static int[] Bits(float[] values) => Array.ConvertAll(values, BitConverter.SingleToInt32Bits);
}

using System.Numerics;

namespace Colony.Data;

/// <summary>
/// A counter-based random stream: draw number n of the stream with key k is <c>Mix(k + (n + 1)·γ)</c>, where Mix is
/// the finaliser of SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014)
/// and γ its odd constant. Nothing but integer arithmetic, so every machine and every later version draws the same.
/// </summary>
internal struct CounterRandom
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;

    private readonly ulong _key;
    private ulong _counter;

    private CounterRandom(ulong key) => _key = key;

    /// <summary>The stream of a list of words; lists that differ in any word or in length have unrelated
    /// streams.</summary>
    public static CounterRandom Keyed(params ReadOnlySpan<ulong> words) => new(Key(words));

    /// <summary>Folds words into one well-mixed key.</summary>
    public static ulong Key(params ReadOnlySpan<ulong> words)
    {
        var key = Mix((ulong)words.Length + Gamma);
        foreach (var word in words)
        {
            // The inner mix keeps small seeds and steps from meeting; the outer one makes the order of words count.
            key = Mix(BitOperations.RotateLeft(key, 23) ^ Mix(word + Gamma));
        }

        return key;
    }

    public ulong Next() => Mix(_key + (++_counter * Gamma));

    /// <summary>A whole number in [0, bound) without bias (Lemire 2019: multiply, reject the short
    /// remainder).</summary>
    public int Below(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(bound);
        var range = (ulong)bound;
        var high = Math.BigMul(Next(), range, out var low);
        if (low < range)
        {
            var reject = (0 - range) % range;
            while (low < reject)
            {
                high = Math.BigMul(Next(), range, out low);
            }
        }

        return (int)high;
    }

    /// <summary>A number in [0, 1) with 53 random bits.</summary>
    public double Fraction() => (Next() >> 11) * (1.0 / (1UL << 53));

    public double Between(double low, double high) => low + ((high - low) * Fraction());

    public T Pick<T>(IReadOnlyList<T> from) => from[Below(from.Count)];

    /// <summary>
    /// Roughly normal, mean 0, variance 1, within ±3.47: the sum of four 16-bit uniforms. Chosen over Box-Muller
    /// because logarithms and cosines differ in their last bit between platforms, and sums of small integers do not.
    /// </summary>
    public float Normal()
    {
        const int Mean = 2 * 65535;
        const double Scale = 1.7320508075688772 / 65536; // Four uniforms of width 65536 have variance 65536² / 3.
        var bits = Next();
        var sum = (int)(bits & 0xFFFF) + (int)((bits >> 16) & 0xFFFF) + (int)((bits >> 32) & 0xFFFF)
            + (int)(bits >> 48);
        return (float)((sum - Mean) * Scale);
    }

    /// <summary>Shuffles in place; every order equally likely (Fisher–Yates).</summary>
    public void Shuffle<T>(Span<T> items)
    {
        for (var last = items.Length - 1; last > 0; last--)
        {
            var other = Below(last + 1);
            (items[last], items[other]) = (items[other], items[last]);
        }
    }

    private static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

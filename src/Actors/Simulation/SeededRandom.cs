namespace Colony.Actors.Simulation;

/// <summary>
/// SplitMix64 (Steele, Lea, Flood, "Fast splittable pseudorandom number generators", OOPSLA 2014): tiny, the same on
/// every machine and every version of .NET, which <see cref="Random"/> does not promise. Not thread-safe.
/// </summary>
public sealed class SeededRandom
{
    private const ulong Gamma = 0x9E3779B97F4A7C15;
    private ulong _state;

    /// <summary>Begins a stream.</summary>
    /// <param name="seed">Any number.</param>
    public SeededRandom(ulong seed) => _state = seed;

    /// <summary>A stream for one purpose, so that drawing more for one does not shift the others.</summary>
    /// <param name="seed">The seed of the run.</param>
    /// <param name="purpose">Its name.</param>
    public SeededRandom(ulong seed, string purpose)
        : this(Mix(seed + Gamma) ^ StableHash.Of(purpose))
    {
    }

    /// <summary>64 random bits.</summary>
    /// <returns>Any number.</returns>
    public ulong NextUInt64() => Mix(_state += Gamma);

    /// <summary>The first number of the stream of a seed, without making the stream: a good hash.</summary>
    /// <param name="seed">Any number.</param>
    /// <returns>Any number.</returns>
    public static ulong Once(ulong seed) => Mix(seed + Gamma);

    /// <summary>A number in [0, 1).</summary>
    /// <returns>With 53 random bits.</returns>
    public double NextDouble() => (NextUInt64() >> 11) * (1.0 / (1UL << 53));

    /// <summary>A number in [0, <paramref name="bound"/>).</summary>
    /// <param name="bound">More than zero.</param>
    /// <returns>The number; all are equally likely to within 2^-32.</returns>
    public int Next(int bound)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(bound, 0);
        return (int)(((NextUInt64() >> 32) * (ulong)bound) >> 32);
    }

    /// <summary>True with a probability.</summary>
    /// <param name="probability">From 0 to 1.</param>
    /// <returns>The draw.</returns>
    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>A time in [<paramref name="low"/>, <paramref name="high"/>).</summary>
    /// <param name="low">The least.</param>
    /// <param name="high">At least <paramref name="low"/>.</param>
    /// <returns>The draw.</returns>
    public TimeSpan Between(TimeSpan low, TimeSpan high) =>
        low + TimeSpan.FromTicks((long)(NextDouble() * (high - low).Ticks));

    /// <summary>An exponentially distributed time.</summary>
    /// <param name="mean">Its mean.</param>
    /// <returns>The draw.</returns>
    public TimeSpan Exponential(TimeSpan mean) =>
        TimeSpan.FromTicks((long)(-Math.Log(1 - NextDouble()) * mean.Ticks));

    internal static ulong Mix(ulong z)
    {
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}

/// <summary>64-bit FNV-1a: string hashes of .NET differ from process to process, and a trace may not.</summary>
internal static class StableHash
{
    public const ulong Start = 0xCBF29CE484222325;
    private const ulong Prime = 0x100000001B3;

    public static ulong Of(string text) => Fold(Start, text);

    public static ulong Fold(ulong hash, string text)
    {
        foreach (var c in text)
        {
            hash = (hash ^ c) * Prime;
        }

        return (hash ^ 0xFFFF) * Prime; // ends the string, so that "ab"+"c" is not "a"+"bc"
    }

    public static ulong Fold(ulong hash, ulong value) => SeededRandom.Mix(hash ^ value) * Prime;
}

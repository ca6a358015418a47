using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Colony.Collective;

/// <summary>
/// The counter-based generator Philox4x32-10 of Salmon, Moraes, Dror and Shaw, "Parallel random numbers: as easy as
/// 1, 2, 3" (SC 2011): four words for each (key, counter), without a state, so any worker draws any element's word.
/// Integer arithmetic alone; held to the authors' known answers.
/// </summary>
internal static class Philox
{
    /// <summary>Words that <see cref="Fill"/> makes at a time: eight counters of four words.</summary>
    public const int Batch = Lanes * WordsOfCounter;

    /// <summary>Neighbouring words come from neighbouring counters, eight abreast, so that the vector form stores
    /// what it has without shuffling.</summary>
    public const int Lanes = 8;

    private const int WordsOfCounter = 4;
    private const int Rounds = 10;
    private const uint Multiplier0 = 0xD2511F53;
    private const uint Multiplier1 = 0xCD9E8D57;
    private const uint Weyl0 = 0x9E3779B9;
    private const uint Weyl1 = 0xBB67AE85;
    private const byte OddLanes = 0b1010_1010;

    /// <summary>The four words of one counter.</summary>
    public static PhiloxWords Draw(PhiloxWords counter, ulong key)
    {
        var (x0, x1, x2, x3) = counter;
        var (k0, k1) = ((uint)key, (uint)(key >> 32));
        for (var round = 0; round < Rounds; round++)
        {
            var product0 = (ulong)x0 * Multiplier0;
            var product1 = (ulong)x2 * Multiplier1;
            (x0, x1, x2, x3) = (
                (uint)(product1 >> 32) ^ x1 ^ k0, (uint)product1, (uint)(product0 >> 32) ^ x3 ^ k1, (uint)product0);
            k0 = unchecked(k0 + Weyl0);
            k1 = unchecked(k1 + Weyl1);
        }

        return new PhiloxWords(x0, x1, x2, x3);
    }

    /// <summary>
    /// Fills a multiple of <see cref="Batch"/> words. Batch s is drawn with the first word of the counter set to
    /// 8 s, ..., 8 s + 7: its word 8 j + l is word j of counter 8 s + l.
    /// </summary>
    public static void Fill(Span<uint> words, PhiloxWords counter, ulong key)
    {
        if (Avx2.IsSupported)
        {
            FillVectors(words, counter, key);
        }
        else
        {
            FillScalar(words, counter, key);
        }
    }

    public static void FillScalar(Span<uint> words, PhiloxWords counter, ulong key)
    {
        for (var start = 0; start < words.Length; start += Batch)
        {
            for (var lane = 0; lane < Lanes; lane++)
            {
                var first = (uint)((start / WordsOfCounter) + lane);
                var drawn = Draw(counter with { Word0 = first }, key);
                words[start + lane] = drawn.Word0;
                words[start + Lanes + lane] = drawn.Word1;
                words[start + (2 * Lanes) + lane] = drawn.Word2;
                words[start + (3 * Lanes) + lane] = drawn.Word3;
            }
        }
    }

    private static void FillVectors(Span<uint> words, PhiloxWords counter, ulong key)
    {
        var multiplier0 = Vector256.Create(Multiplier0);
        var multiplier1 = Vector256.Create(Multiplier1);
        var weyl0 = Vector256.Create(Weyl0);
        var weyl1 = Vector256.Create(Weyl1);
        var first = Vector256<uint>.Indices;
        for (var start = 0; start < words.Length; start += Batch)
        {
            var x0 = first;
            var x1 = Vector256.Create(counter.Word1);
            var x2 = Vector256.Create(counter.Word2);
            var x3 = Vector256.Create(counter.Word3);
            var k0 = Vector256.Create((uint)key);
            var k1 = Vector256.Create((uint)(key >> 32));
            for (var round = 0; round < Rounds; round++)
            {
                var high0 = Multiply(x0, multiplier0, out var low0);
                var high1 = Multiply(x2, multiplier1, out var low1);
                x0 = high1 ^ x1 ^ k0;
                x1 = low1;
                x2 = high0 ^ x3 ^ k1;
                x3 = low0;
                k0 += weyl0;
                k1 += weyl1;
            }

            var batch = words.Slice(start, Batch);
            x0.CopyTo(batch);
            x1.CopyTo(batch[Lanes..]);
            x2.CopyTo(batch[(2 * Lanes)..]);
            x3.CopyTo(batch[(3 * Lanes)..]);
            first += Vector256.Create((uint)Lanes);
        }
    }

    /// <summary>Upper and lower halves of eight products; the machine multiplies even lanes only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<uint> Multiply(Vector256<uint> x, Vector256<uint> multiplier, out Vector256<uint> low)
    {
        var even = Avx2.Multiply(x, multiplier);
        var odd = Avx2.Multiply(Vector256.ShiftRightLogical(x.AsUInt64(), 32).AsUInt32(), multiplier);
        low = Avx2.Blend(even.AsUInt32(), Vector256.ShiftLeft(odd, 32).AsUInt32(), OddLanes);
        return Avx2.Blend(Vector256.ShiftRightLogical(even, 32).AsUInt32(), odd.AsUInt32(), OddLanes);
    }
}

/// <summary>A counter, or what is drawn for it.</summary>
internal readonly record struct PhiloxWords(uint Word0, uint Word1, uint Word2, uint Word3);

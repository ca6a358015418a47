using System.Numerics;
using System.Runtime.InteropServices;

namespace Colony.Worker;

/// <summary>
/// A 64-bit digest of a worker's state: four lanes of multiply and rotate over 32 bytes at a time, mixed at the end. It
/// tells two states apart, it does not withstand an attacker; SHA-256 is for the files.
/// </summary>
internal static class StateDigest
{
    private const ulong First = 0x9E3779B185EBCA87UL;
    private const ulong Second = 0xC2B2AE3D27D4EB4FUL;
    private const ulong Third = 0x165667B19E3779F9UL;

    /// <summary>What the digest of a state at a step begins with.</summary>
    public static ulong Begin(long step) => unchecked((ulong)step);

    /// <summary>Folds bytes into a digest; the result depends on the bytes, their length and their order.</summary>
    public static ulong Fold(ulong digest, ReadOnlySpan<byte> bytes)
    {
        ReadOnlySpan<ulong> words = MemoryMarshal.Cast<byte, ulong>(bytes);
        ulong a = digest + First, b = digest ^ Second, c = digest + Third, d = ~digest;
        int i = 0;
        for (; i + 4 <= words.Length; i += 4)
        {
            a = Round(a, words[i]);
            b = Round(b, words[i + 1]);
            c = Round(c, words[i + 2]);
            d = Round(d, words[i + 3]);
        }

        for (; i < words.Length; i++)
        {
            a = Round(a, words[i]);
        }

        foreach (byte rest in bytes[(words.Length * sizeof(ulong))..])
        {
            b = Round(b, rest);
        }

        ulong h = BitOperations.RotateLeft(a, 1) + BitOperations.RotateLeft(b, 7)
            + BitOperations.RotateLeft(c, 12) + BitOperations.RotateLeft(d, 18) + (ulong)bytes.Length;
        h = (h ^ (h >> 33)) * Second;
        h = (h ^ (h >> 29)) * Third;
        return h ^ (h >> 32);
    }

    private static ulong Round(ulong lane, ulong word) => BitOperations.RotateLeft(lane + (word * Second), 31) * First;
}

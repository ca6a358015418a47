namespace Colony.Collective;

/// <summary>
/// The random numbers by which one logical rank's gradient is rounded in one step: 16 bits for each element of each
/// block, a function of (job seed, step, logical rank, block, element) and of nothing else.
/// </summary>
/// <remarks>
/// Key of the generator: the job's seed. Counter: (eight counters of a batch, block, lower half of the step, upper
/// half of the step and logical rank), each in bits of its own, so no two elements of a job share a draw. Element i
/// of a block takes half h of word w, with w = 8 (i / 16) + i mod 8 and h = (i / 8) mod 2.
/// </remarks>
internal readonly record struct RoundingStream(ulong Seed, long Step, int LogicalRank)
{
    /// <summary>Random bits of an element: what rounds too rarely is off by at most 2^-17 of a grid step.</summary>
    public const int Bits = 16;

    /// <summary>Steps up to here have numbers of their own.</summary>
    public const long MaxStep = (1L << (64 - RankBits)) - 1;

    /// <summary>Elements that share one batch of words.</summary>
    private const int ElementsOfBatch = Philox.Batch * 2;

    private const int ElementsOfPair = 2 * Philox.Lanes;
    private const int RankBits = 17;

    /// <summary>Words that a block of the given length needs.</summary>
    public static int WordsFor(int elements) =>
        (elements + ElementsOfBatch - 1) / ElementsOfBatch * Philox.Batch;

    /// <summary>An element's 16 bits.</summary>
    public static uint Of(ReadOnlySpan<uint> words, int element)
    {
        var word = words[(element / ElementsOfPair * Philox.Lanes) + (element % Philox.Lanes)];
        return (element & Philox.Lanes) == 0 ? word & 0xFFFF : word >> Bits;
    }

    /// <summary>Draws the words of a block.</summary>
    public void Fill(int block, Span<uint> words) =>
        Philox.Fill(
            words,
            new PhiloxWords(
                0, (uint)block, (uint)Step, ((uint)(Step >> 32) << RankBits) | (uint)LogicalRank),
            Seed);
}

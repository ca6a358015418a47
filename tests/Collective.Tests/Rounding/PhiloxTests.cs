namespace Colony.Collective.Tests;

public sealed class PhiloxTests
{
    [Theory]
    [InlineData(0x00000000u, 0ul, 0x6627e8d5u, 0xe169c58du, 0xbc57ac4cu, 0x9b00dbd8u)]
    [InlineData(0xffffffffu, ulong.MaxValue, 0x408f276du, 0x41c83b0eu, 0xa20bc7c6u, 0x6d5451fdu)]
    public void Known_answers_of_its_authors(uint counter, ulong key, uint w0, uint w1, uint w2, uint w3)
    {
        var drawn = Philox.Draw(new PhiloxWords(counter, counter, counter, counter), key);
        Assert.Equal(new PhiloxWords(w0, w1, w2, w3), drawn);
    }

    [Fact]
    public void Known_answer_for_the_digits_of_pi()
    {
        var drawn = Philox.Draw(
            new PhiloxWords(0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344), 0x299f31d0_a4093822);
        Assert.Equal(new PhiloxWords(0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1), drawn);
    }

    [Fact]
    public void Vectors_equal_single_draws()
    {
        var random = new Random(1);
        for (var round = 0; round < 50; round++)
        {
            var counter = new PhiloxWords(0, (uint)random.Next(), (uint)random.Next(), uint.MaxValue - (uint)round);
            var key = (ulong)random.NextInt64();
            var vector = new uint[Philox.Batch * random.Next(0, 5)];
            var scalar = new uint[vector.Length];
            Philox.Fill(vector, counter, key);
            Philox.FillScalar(scalar, counter, key);
            Assert.Equal(scalar, vector);
            for (var i = 0; i < scalar.Length; i++)
            {
                var (batch, word, lane) = (i / 32, i % 32 / 8, i % 8);
                var (w0, w1, w2, w3) = Philox.Draw(counter with { Word0 = (uint)((batch * 8) + lane) }, key);
                Assert.Equal(new[] { w0, w1, w2, w3 }[word], scalar[i]);
            }
        }
    }

    [Fact]
    public void Elements_of_all_blocks_ranks_steps_and_seeds_have_draws_of_their_own()
    {
        // 16 bits meet by chance; eight elements together do not.
        const int Length = 100;
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var words = new uint[RoundingStream.WordsFor(Length)];
        foreach (var seed in (ulong[])[0, 1, 1UL << 40])
        {
            foreach (var step in (long[])[0, 1, 1L << 32, RoundingStream.MaxStep])
            {
                foreach (var rank in (int[])[0, 1, GridArithmetic.MaxLogicalRanks - 1])
                {
                    foreach (var block in (int[])[0, 1, GridLayout.MaxBlocks - 1])
                    {
                        new RoundingStream(seed, step, rank).Fill(block, words);
                        for (var i = 0; i + 8 <= Length; i++)
                        {
                            var eight = Enumerable.Range(i, 8).Select(e => RoundingStream.Of(words, e));
                            Assert.True(seen.Add(string.Join(',', eight)), $"{seed} {step} {rank} {block} {i}");
                        }
                    }
                }
            }
        }
    }

    [Fact]
    public void Bits_are_uniform_enough_to_round_by()
    {
        var words = new uint[RoundingStream.WordsFor(1 << 16)];
        new RoundingStream(5, 6, 7).Fill(8, words);
        var values = Enumerable.Range(0, 1 << 16).Select(i => (double)RoundingStream.Of(words, i)).ToArray();

        // Mean 32,767.5; its standard deviation over 65,536 draws is 65,536 / sqrt(12 * 65,536) = 74.
        Assert.InRange(values.Average(), 32_767.5 - (5 * 74), 32_767.5 + (5 * 74));
        for (var bit = 0; bit < RoundingStream.Bits; bit++)
        {
            // 32,768 expected, standard deviation 128.
            Assert.InRange(values.Count(v => ((int)v >> bit & 1) != 0), 32_768 - (5 * 128), 32_768 + (5 * 128));
        }
    }
}

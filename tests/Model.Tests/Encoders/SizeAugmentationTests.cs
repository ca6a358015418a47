using Colony.Torch;

namespace Colony.Model.Tests;

public sealed class SizeAugmentationTests
{
    private const int Rounds = 200;

    [Fact]
    public void Regions_stay_in_order_at_the_front_and_leave_at_the_stated_rate()
    {
        using var scope = torch.NewDisposeScope();
        var features = torch.tensor([.. Enumerable.Range(0, 12).Select(i => (float)((i % 6) + 1))], [2, 6, 1]);
        var lengths = torch.tensor([6L, 3L], [2]);
        features[1].narrow(0, 3, 3).zero_();
        var kept = 0L;
        torch.manual_seed(5);
        for (var round = 0; round < Rounds; round++)
        {
            var (left, counts) = SizeAugmentation.Regions(features, lengths, 0.25);
            Assert.Equal([2L, 6L, 1L], left.shape);
            var rows = Arrays.Doubles(left).Chunk(6).ToArray();
            for (var i = 0; i < 2; i++)
            {
                var count = (int)counts[i].ToInt64();
                var own = rows[i][..count];
                Assert.InRange(count, 1, i == 0 ? 6 : 3);
                Assert.Equal(own.Order().Distinct(), own);
                Assert.All(own, value => Assert.InRange(value, 1, i == 0 ? 6 : 3));
                Assert.All(rows[i][count..], value => Assert.Equal(0.0, value));
                kept += count;
            }
        }

        Assert.InRange((double)kept / (9 * Rounds), 0.7, 0.8);
    }

    [Fact]
    public void One_region_stays_whatever_the_draw()
    {
        using var scope = torch.NewDisposeScope();
        var (_, counts) = SizeAugmentation.Regions(torch.ones([4, 2, 3]), torch.tensor([2L, 2, 1, 1], [4]), 0.999999);
        Assert.Equal([1.0, 1, 1, 1], Arrays.Doubles(counts));
    }

    [Fact]
    public void Words_are_masked_replaced_and_removed_and_the_ends_stay()
    {
        using var scope = torch.NewDisposeScope();
        const int Vocabulary = 200;
        var pieces = new WordPieces(103, new HashSet<int>());
        var row = torch.tensor([101L, 7, 7, 7, 7, 7, 7, 102, 0, 0], [1, 10]);
        var ids = row.repeat(3, 1);
        var lengths = torch.tensor([8L, 8L, 8L], [3]);
        var (masked, removed, other) = (0, 0, 0);
        torch.manual_seed(5);
        for (var round = 0; round < Rounds; round++)
        {
            var (changed, counts) = SizeAugmentation.Words(ids, lengths, 0.2, Vocabulary, pieces);
            var longest = Arrays.Doubles(counts).Max();
            Assert.Equal([3L, (long)longest], changed.shape);
            foreach (var (own, count) in Arrays.Doubles(changed).Chunk((int)longest).Zip(Arrays.Doubles(counts)))
            {
                Assert.Equal(101.0, own[0]);
                Assert.Equal(102.0, own[(int)count - 1]);
                Assert.All(own[(int)count..], value => Assert.Equal(0.0, value));
                var inner = own[1..((int)count - 1)];
                masked += inner.Count(value => value == 103);
                other += inner.Count(value => value is not (103 or 7));
                removed += 8 - (int)count;
            }
        }

        const double All = Rounds * 18;
        Assert.InRange(masked / All, 0.08, 0.12);
        Assert.InRange(other / All, 0.01, 0.03);
        Assert.InRange(removed / All, 0.06, 0.1);
    }

    [Fact]
    public void Pieces_of_a_word_share_its_fate()
    {
        using var scope = torch.NewDisposeScope();
        var ids = torch.tensor([101L, 7, 8, 8, 9, 8, 7, 102], [1, 8]);
        var lengths = torch.tensor([8L], [1]);
        var pieces = new WordPieces(60, new HashSet<int> { 8 });
        var seen = new HashSet<string>(StringComparer.Ordinal);
        torch.manual_seed(5);
        for (var round = 0; round < Rounds; round++)
        {
            var (changed, _) = SizeAugmentation.Words(ids, lengths, 0.5, vocabulary: 5, pieces);
            var shown = string.Concat(Arrays.Doubles(changed).Select(
                id => id < 5 ? "?" : id switch { 60 => "M", 7 => "a", 8 => "+", 9 => "b", _ => "|" }));
            Assert.Matches(@"^\|(a\+\+|MMM|\?\?\?)?(b\+|MM|\?\?)?(a|M|\?)?\|$", shown);
            seen.Add(shown);
        }

        Assert.InRange(seen.Count, 20, 64);
    }
}

namespace Colony.Torch.Tests;

public sealed class RandomTests
{
    [Fact]
    public void One_seed_one_mask()
    {
        using var scope = torch.NewDisposeScope();
        using var dropout = torch.nn.Dropout(0.3);
        var ones = torch.ones([1000]);
        torch.manual_seed(99);
        var first = dropout.call(ones).ToArray<float>();
        var second = dropout.call(ones).ToArray<float>();
        torch.manual_seed(99);
        Assert.Equal(first, dropout.call(ones).ToArray<float>());
        Assert.NotEqual(first, second);
        Assert.InRange(first.Count(x => x == 0), 230, 370);
        Assert.All(first, x => Assert.True(x == 0 || Math.Abs(x - (1 / 0.7f)) < 1e-6));
        dropout.eval();
        Assert.Equal(ones.ToArray<float>(), dropout.call(ones).ToArray<float>());
    }

    [Fact]
    public void Every_seed_is_one_but_the_cpu_reads_only_its_lower_half()
    {
        using var scope = torch.NewDisposeScope();
        Assert.Equal(4, new long[] { 0, 1, -2, long.MaxValue }.Select(First).Distinct().Count());
        Assert.Equal(First(5), First(5 + (1L << 32)));

        static float First(long seed)
        {
            torch.manual_seed(seed);
            return torch.rand([1]).ToSingle();
        }
    }

    [Fact]
    public void Distributions_have_their_bounds_and_moments()
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(1);
        var even = torch.empty([20_000]).uniform_(-2, 6);
        Assert.InRange(even.min().ToDouble(), -2, -1.99);
        Assert.InRange(even.max().ToDouble(), 5.99, 6);
        Assert.Equal(2, even.mean().ToDouble(), 0.1);
        var normal = torch.nn.init.normal_(torch.empty([20_000]), 3, 2);
        Assert.Equal(3, normal.mean().ToDouble(), 0.1);
        Assert.Equal(2, normal.std().ToDouble(), 0.1);
        Expect.Values(torch.nn.init.constant_(torch.empty([2]), 4), [4, 4]);
    }
}

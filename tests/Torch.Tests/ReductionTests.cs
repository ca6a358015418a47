namespace Colony.Torch.Tests;

public sealed class ReductionTests
{
    [Fact]
    public void Sums_and_means()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.arange(1, 7, 1, ScalarType.Float32).view(2, 3);
        Assert.Equal(21, x.sum().ToSingle());
        Assert.Equal(3.5f, x.mean().ToSingle());
        Expect.Values(x.sum(0), [5, 7, 9]);
        Expect.Values(x.mean(-1), [2, 5]);
        Expect.Shape(x.sum([0, 1], keepdim: true), 1, 1);
        Expect.Shape(x.mean([], keepdim: true), 1, 1);
        Assert.Equal(6, torch.tensor([1L, 2L, 3L]).sum().ToInt64());
        Assert.Equal(ScalarType.Int64, torch.tensor([true, true]).sum().dtype);
    }

    [Fact]
    public void Spread()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.tensor([1f, 2f, 4f, 9f], [2, 2]);

        // mean 4, squares 9 + 4 + 0 + 25 = 38
        Assert.Equal(38.0 / 3, x.var().ToDouble(), 1e-5);
        Assert.Equal(38.0 / 4, x.var(unbiased: false).ToDouble(), 1e-5);
        Assert.Equal(Math.Sqrt(38.0 / 3), x.std().ToDouble(), 1e-5);
        Expect.Values(x.std(1), [Math.Sqrt(0.5), Math.Sqrt(12.5)]);
        Expect.Values(x.std(1, unbiased: false, keepdim: true), [0.5, 2.5]);
        Expect.Values(x.var(0, unbiased: false), [2.25, 12.25]);
    }

    [Fact]
    public void Norms()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.tensor([3f, -4f, 6f, 8f], [2, 2]);
        Assert.Equal(Math.Sqrt(125), x.norm().ToDouble(), 1e-5);
        Expect.Values(x.norm(1), [5, 10]);
        Expect.Values(x.norm(1, p: 1, keepdim: true), [7, 14]);
        Expect.Values(x.norm([0, 1], double.PositiveInfinity), [8]);
        Assert.Equal(21, x.norm(p: 1.0).ToDouble(), 1e-5);
    }

    [Fact]
    public void Greatest_and_smallest()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.tensor([1f, 5f, 3f, 4f, -2f, 0f], [2, 3]);
        Assert.Equal(5, x.max().ToSingle());
        Assert.Equal(-2, x.min().ToSingle());
        Assert.Equal(1, x.argmax().ToInt64());
        Expect.Values(x.amax([0, 1]), [5]);
        Expect.Values(x.amax(0), [4, 5, 3]);
        var (values, indexes) = x.max(1);
        Expect.Values(values, [5, 4]);
        Assert.Equal([1L, 0L], indexes.ToArray<long>());
        (values, indexes) = x.min(0, keepdim: true);
        Expect.Shape(values, 1, 3);
        Assert.Equal([0L, 1L, 1L], indexes.ToArray<long>());
        Assert.Equal([1L, 0L], x.argmax(1).ToArray<long>());
    }

    [Fact]
    public void Truth()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.tensor([true, false, true, true], [2, 2]);
        Assert.False(x.all().ToBoolean());
        Assert.True(x.any().ToBoolean());
        Assert.Equal([false, true], x.all(1).ToArray<bool>());
        Assert.Equal([true, false], x.logical_not().any(1).ToArray<bool>());
    }

    [Fact]
    public void The_logarithm_of_a_sum_of_exponentials_does_not_overflow()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.tensor([1000f, 1000f, -1000f, -1000f], [2, 2]);
        Expect.Values(x.logsumexp(1), [1000 + Math.Log(2), -1000 + Math.Log(2)]);
        Expect.Values(x.logsumexp([0, 1]), [1000 + Math.Log(2)]);
    }

    [Fact]
    public void Sorting()
    {
        using var scope = torch.NewDisposeScope();
        var x = torch.tensor([3f, 1f, 2f, 1f]);
        var (values, indexes) = x.sort(stable: true);
        Expect.Values(values, [1, 1, 2, 3]);
        Assert.Equal([1L, 3L, 2L, 0L], indexes.ToArray<long>());
        Assert.Equal([0L, 2L, 1L, 3L], x.argsort(descending: true, stable: true).ToArray<long>());
        (values, indexes) = x.topk(2);
        Expect.Values(values, [3, 2]);
        Assert.Equal([0L, 2L], indexes.ToArray<long>());
        Expect.Values(x.topk(3, largest: false).values, [1, 1, 2]);
    }
}

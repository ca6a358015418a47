namespace Colony.Torch.Tests;

public sealed class ShapeTests
{
    private static Tensor Count(params long[] shape) =>
        torch.arange(shape.Aggregate(1L, (product, size) => product * size), ScalarType.Float32).view(shape);

    [Fact]
    public void Views_share_memory()
    {
        using var scope = torch.NewDisposeScope();
        var x = Count(2, 3);
        x.view(3, -1).select(0, 0).fill_(9);
        Expect.Values(x, [9, 9, 2, 3, 4, 5]);
        Assert.Equal(x.data_ptr(), x.view(6).data_ptr());
        Expect.Shape(x.t(), 3, 2);
        Assert.False(x.t().is_contiguous());
        Assert.Equal([1L, 3L], x.t().stride());
        Expect.Values(x.t().contiguous(), [9, 3, 9, 4, 2, 5]);
        Expect.Values(x.transpose(0, 1).reshape(6), [9, 3, 9, 4, 2, 5]);
        Expect.Shape(Count(2, 3, 4).permute(2, 0, 1), 4, 2, 3);
    }

    [Fact]
    public void Dimensions_come_and_go()
    {
        using var scope = torch.NewDisposeScope();
        var x = Count(2, 3);
        Expect.Shape(x.unsqueeze(1), 2, 1, 3);
        Expect.Shape(x.unsqueeze(-1).squeeze(-1), 2, 3);
        Expect.Shape(x.unsqueeze(0).unsqueeze(0).squeeze(), 2, 3);
        Expect.Values(Count(2, 1).expand(2, 3), [0, 0, 0, 1, 1, 1]);
        Expect.Shape(Count(2, 1).expand_as(x), 2, 3);
        Expect.Values(Count(2).repeat(2, 2), [0, 1, 0, 1, 0, 1, 0, 1]);
        Expect.Values(x.flip(1), [2, 1, 0, 5, 4, 3]);
    }

    [Fact]
    public void Parts()
    {
        using var scope = torch.NewDisposeScope();
        var x = Count(5, 2);
        Expect.Values(x.narrow(0, 1, 2), [2, 3, 4, 5]);
        Expect.Values(x[-1], [8, 9]);
        Expect.Values(x.select(1, 0), [0, 2, 4, 6, 8]);
        Assert.Equal([2L, 2L, 1L], x.split(2).Select(part => part.size(0)));
        Assert.Equal([3L, 2L], x.chunk(2).Select(part => part.size(0)));
        Assert.Equal([1L, 1L], x.chunk(7, dim: 1).Select(part => part.size(1)));
        Expect.Values(x.split(2)[2], [8, 9]);
        Assert.Single(torch.zeros([0, 2]).split(3));
    }

    [Fact]
    public void Joints()
    {
        using var scope = torch.NewDisposeScope();
        var x = Count(1, 2);
        Expect.Values(torch.cat([x, x + 10]), [0, 1, 10, 11]);
        Expect.Shape(torch.cat([x, x], dim: -1), 1, 4);
        Expect.Values(torch.stack(new List<Tensor> { x[0], x[0] + 5 }, dim: 1), [0, 5, 1, 6]);
        Expect.Shape(torch.cat(new List<Tensor> { x, x, x }), 3, 2);
    }

    [Fact]
    public void Selections_by_index()
    {
        using var scope = torch.NewDisposeScope();
        var x = Count(3, 3);
        var rows = torch.tensor([2L, 0L]);
        Expect.Values(x.index_select(0, rows), [6, 7, 8, 0, 1, 2]);
        Expect.Values(x.index_select(1, rows), [2, 0, 5, 3, 8, 6]);
        Expect.Values(x[rows], [6, 7, 8, 0, 1, 2]);
        Expect.Values(x[rows, torch.tensor([1L, 2L])], [7, 2]);
        Expect.Values(x[x > 5], [6, 7, 8]);
        Expect.Values(x.gather(1, torch.tensor([0L, 2L, 1L], [3, 1])), [0, 5, 7]);
        var scattered = torch.zeros([2, 3]).scatter(1, torch.tensor([2L, 0L], [2, 1]), torch.tensor([7f, 8f], [2, 1]));
        Expect.Values(scattered, [0, 0, 7, 8, 0, 0]);
    }

    [Fact]
    public void Diagonals_and_triangles()
    {
        using var scope = torch.NewDisposeScope();
        var x = Count(2, 2) + 1;
        Expect.Values(x.diagonal(), [1, 4]);
        Expect.Values(x.diagonal(offset: 1), [2]);
        Expect.Values(x.tril(), [1, 0, 3, 4]);
        Expect.Values(x.triu(1), [0, 2, 0, 0]);
        Expect.Values(torch.eye(2), [1, 0, 0, 1]);
        Expect.Values(torch.eye(2, 3), [1, 0, 0, 0, 1, 0]);
        x.diagonal().fill_(0);
        Expect.Values(x, [0, 2, 3, 0]);
    }

    [Fact]
    public void Products()
    {
        using var scope = torch.NewDisposeScope();
        var x = Count(2, 3);
        Expect.Values(x.matmul(x.t()), [5, 14, 14, 50]);
        Expect.Values(torch.matmul(x, torch.ones([3])), [3, 12]);
        var batch = Count(2, 1, 2);
        Expect.Values(batch.bmm(batch.transpose(1, 2)), [1, 13]);
        Expect.Values(torch.bmm(batch, batch.transpose(1, 2)), [1, 13]);
    }
}

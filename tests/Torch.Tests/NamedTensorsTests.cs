namespace Colony.Torch.Tests;

public sealed class NamedTensorsTests
{
    [Fact]
    public void Names_keep_their_order()
    {
        using var batch = new NamedTensors();
        batch.Add("z", torch.zeros([1]));
        batch.Add("a", torch.ones([1]));
        Assert.Equal(["z", "a"], batch.Names);
        Assert.Equal(["z", "a"], batch.Select(entry => entry.Key));
        Assert.Equal(2, batch.Count);
        Assert.True(batch.TryGet("a", out var a));
        Assert.Same(a, batch["a"]);
        Assert.False(batch.TryGet("b", out _));
        var missing = Assert.Throws<KeyNotFoundException>(() => batch["b"]);
        Assert.Equal("no tensor 'b'; there are: z, a", missing.Message);
        using var second = torch.ones([1]);
        Assert.Throws<ArgumentException>(() => batch.Add("a", second));
        Assert.True(batch.Remove("z", out var z));
        z.Dispose();
        Assert.Equal(["a"], batch.Names);
    }

    [Fact]
    public void It_owns_its_tensors()
    {
        var before = MemoryTests.Settled();
        NamedTensors batch;
        using (torch.NewDisposeScope())
        {
            batch = new NamedTensors { { "x", torch.ones([2]) } };
            batch["x"] = batch["x"] * 2;
            batch.DetachFromDisposeScope();
        }

        Expect.Values(batch["x"], [2, 2]);
        using (var moved = batch.To(torch.CPU))
        {
            Assert.Equal(batch["x"].data_ptr(), moved["x"].data_ptr());
        }

        Expect.Values(batch["x"], [2, 2]);
        batch.Dispose();
        Assert.Equal(before, TensorCounters.Live);
    }

    [Fact]
    public void It_moves_to_the_outer_scope_as_a_whole()
    {
        using var outer = torch.NewDisposeScope();
        NamedTensors batch;
        using (torch.NewDisposeScope())
        {
            batch = new NamedTensors { { "x", torch.ones([2]) }, { "y", torch.ones([3]) } };
            batch.MoveToOuterDisposeScope();
        }

        Assert.Equal(2, outer.Count);
        Expect.Shape(batch["y"], 3);
    }
}

namespace Colony.Torch.Tests;

public sealed class LifetimeTests
{
    [Fact]
    public void A_scope_ends_what_was_made_in_it()
    {
        var before = MemoryTests.Settled();
        Tensor kept;
        using (var scope = torch.NewDisposeScope())
        {
            var x = torch.ones([2]);
            kept = scope.Detach(x + 1);
            _ = x * 3 + kept;
            Assert.Equal(before + 4, TensorCounters.Live);
            Assert.Equal(3, scope.Count);
        }

        Assert.Equal(before + 1, TensorCounters.Live);
        Expect.Values(kept, [2, 2]);
        kept.Dispose();
        kept.Dispose();
        Assert.True(kept.IsDisposed);
        Assert.Equal("Tensor (disposed)", kept.ToString());
        Assert.Throws<ObjectDisposedException>(() => kept.numel());
        Assert.Equal(before, TensorCounters.Live);
    }

    [Fact]
    public void Scopes_nest()
    {
        var before = MemoryTests.Settled();
        Tensor result;
        using (var outer = torch.NewDisposeScope())
        {
            using (var inner = torch.NewDisposeScope())
            {
                Assert.Same(outer, inner.OuterScope);
                result = inner.MoveToOuter(torch.ones([2]) * 2);
                Assert.Throws<InvalidOperationException>(() => inner.Detach(result));
            }

            Assert.Equal(before + 1, TensorCounters.Live);
            Expect.Values(result, [2, 2]);
            Assert.Same(result, outer.Attach(result.DetachFromDisposeScope()));
        }

        Assert.True(result.IsDisposed);
        Assert.Equal(before, TensorCounters.Live);
    }

    [Fact]
    public void A_scope_closes_those_left_open_inside()
    {
        var before = MemoryTests.Settled();
        var outer = torch.NewDisposeScope();
        var inner = torch.NewDisposeScope();
        _ = torch.zeros([1]);
        outer.Dispose();
        Assert.Equal(before, TensorCounters.Live);
        inner.Dispose();
        using var free = torch.zeros([1]);
        Assert.Null(free.Scope);
    }

    [Fact]
    public void A_scope_belongs_to_its_thread()
    {
        using var scope = torch.NewDisposeScope();
        var scoped = true;
        Exception? error = null;
        var thread = new Thread(() =>
        {
            using var x = torch.zeros([1]);
            scoped = x.Scope is not null;
            error = Record.Exception(scope.Dispose);
        });
        thread.Start();
        Assert.True(thread.Join(TimeSpan.FromSeconds(30)));
        Assert.False(scoped);
        Assert.IsType<InvalidOperationException>(error);
    }

    [Fact]
    public void Leaving_a_scope_early_costs_it_nothing()
    {
        using var scope = torch.NewDisposeScope();
        var tensors = Enumerable.Range(0, 100).Select(_ => torch.zeros([1])).ToList();
        for (var i = 0; i < 100; i += 2)
        {
            tensors[i].Dispose();
        }

        Assert.Equal(50, scope.Count);
        Assert.All(Enumerable.Range(0, 100), i => Assert.Equal(i % 2 == 0, tensors[i].IsDisposed));
    }

    [Fact]
    public void Two_thousand_training_steps_leave_nothing()
    {
        torch.manual_seed(3);
        using var layer = torch.nn.Linear(4, 3);
        using var input = torch.randn([5, 4]);
        double first = Step(layer, input);
        var before = MemoryTests.Settled();
        TensorCounters.ResetPeak();
        double last = 0;
        for (var i = 0; i < 2000; i++)
        {
            last = Step(layer, input);
            Assert.Equal(before, TensorCounters.Live);
        }

        Assert.InRange(TensorCounters.Peak, before + 1, before + 20);
        Assert.True(last < 0.1 * first, $"the loss went from {first} to {last}");

        static double Step(Modules.Linear layer, Tensor input)
        {
            using var scope = torch.NewDisposeScope();
            layer.zero_grad();
            var loss = layer.forward(input).relu().square().mean();
            loss.backward();
            using var mode = torch.no_grad();
            foreach (var parameter in layer.parameters())
            {
                parameter.sub_(parameter.grad!, alpha: 0.01);
            }

            return loss.ToDouble();
        }
    }

    [Fact]
    public void Failed_operations_leave_nothing()
    {
        using var x = torch.zeros([2, 3]);
        var before = MemoryTests.Settled();
        for (var i = 0; i < 50; i++)
        {
            Assert.Throws<TorchException>(() => x.matmul(x));
            Assert.Throws<TorchException>(() => torch.cat([x, x.view(3, 2)]));
        }

        Assert.Equal(before, MemoryTests.Settled());
    }
}

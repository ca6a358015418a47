using Colony.Torch;

namespace Colony.Model.Tests;

public sealed class SgdTests
{
    private static readonly SgdArguments[] All =
    [
        new(0.01, 0.1, 0.9, 0.7, null),
        new(0.01, 0, 0.9, 1, 0.9),
    ];

    [Fact]
    public void One_pass_over_memory_equals_libtorchs_operations()
    {
        using var scope = torch.NewDisposeScope();
        using var unrecorded = torch.no_grad();
        torch.manual_seed(5);
        foreach (var arguments in All)
        {
            // Sizes around the vector widths, so that the rest behind the last vector is covered.
            foreach (var size in new[] { 1, 3, 7, 8, 9, 16, 31, 100 })
            {
                var (p, g, d) = (torch.randn([size]), torch.randn([size]), torch.randn([size]));
                var (p2, d2, p3, p4) = (p.clone(), d.clone(), p.clone(), p.clone());
                SgdKernel.Step(p.data<float>(), g.data<float>(), d.data<float>(), arguments);
                SgdKernel.Step(p2, g, d2, arguments);
                Arrays.Near(Arrays.Doubles(p2), Arrays.Doubles(p), 1e-6, "parameter");
                Arrays.Near(Arrays.Doubles(d2), Arrays.Doubles(d), 1e-6, "direction");
                SgdKernel.Step(p3.data<float>(), g.data<float>(), arguments);
                SgdKernel.Step(p4, g, null, arguments);
                Arrays.Near(Arrays.Doubles(p4), Arrays.Doubles(p3), 1e-6, "parameter without momentum");
            }
        }
    }

    [Fact]
    public void A_restored_optimizer_goes_on_with_the_same_bits()
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(2);
        var options = new SgdOptions { Momentum = 0.9, Dampening = 0.5 };
        using var saved = new NamedTensors();
        var first = new Parameter(torch.randn([5]));
        using var sgd = Optimizers.Create([("x", first)], options);
        Advance(first, sgd, 4);
        foreach (var (name, tensor) in sgd.State())
        {
            saved.Add(name, tensor.clone());
        }

        var second = new Parameter(first.detach().clone());
        using var restored = Optimizers.Create([("x", second)], options);
        OptimizerState.Load(restored, saved);
        Advance(first, sgd, 3);
        Advance(second, restored, 3);
        Assert.Equal(Arrays.Doubles(first), Arrays.Doubles(second));
    }

    [Fact]
    public void Options_of_no_optimizer_and_a_look_ahead_without_momentum_are_refused()
    {
        using var scope = torch.NewDisposeScope();
        var x = new Parameter(torch.ones([1]));
        Assert.Throws<ArgumentException>(() => Optimizers.Create([("x", x)], new object()));
        Assert.Throws<ArgumentException>(() => Optimizers.Create([("x", x)], new SgdOptions { Nesterov = true }));
        Assert.Throws<ArgumentException>(() => Optimizers.Create(
            [("x", x)], new SgdOptions { Nesterov = true, Momentum = 0.9, Dampening = 0.1 }));
    }

    private static void Advance(Tensor parameter, IOptimizer optimizer, int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            parameter.grad = null;
            parameter.pow(2).sum().backward();
            optimizer.Step(0.1);
        }
    }
}

using Colony.Torch;

namespace Colony.Model.Tests;

public sealed class AdamTests
{
    [Fact]
    public void One_pass_over_memory_equals_libtorchs_operations()
    {
        using var scope = torch.NewDisposeScope();
        using var unrecorded = torch.no_grad();
        torch.manual_seed(5);
        var arguments = new AdamArguments(0.9, 0.99, 1e-8, 0.01, 0.5, 0.999, 0.01);
        // Sizes around the vector widths, so that the rest behind the last vector is covered.
        foreach (var size in new[] { 1, 3, 7, 8, 9, 16, 31, 100 })
        {
            var (p, g, m) = (torch.randn([size]), torch.randn([size]), torch.randn([size]));
            var v = torch.rand([size]);
            var (p2, m2, v2) = (p.clone(), m.clone(), v.clone());
            AdamKernel.Step(p.data<float>(), g.data<float>(), m.data<float>(), v.data<float>(), arguments);
            AdamKernel.Step(p2, g, m2, v2, arguments);
            Arrays.Near(Arrays.Doubles(p2), Arrays.Doubles(p), 1e-6, "parameter");
            Arrays.Near(Arrays.Doubles(m2), Arrays.Doubles(m), 1e-6, "first moment");
            Arrays.Near(Arrays.Doubles(v2), Arrays.Doubles(v), 1e-6, "second moment");
        }
    }

    [Fact]
    public void An_element_gets_the_same_bits_wherever_in_a_vector_it_stands()
    {
        var random = new Random(9);
        var arguments = new AdamArguments(0.9, 0.999, 1e-8, 0.01, 0.3, 1, 0);
        var values = Enumerable.Range(0, 4 * 37).Select(_ => (float)random.NextDouble()).Chunk(37).ToArray();
        var whole = values.Select(row => row.ToArray()).ToArray();
        AdamKernel.Step(whole[0], whole[1], whole[2], whole[3], arguments);
        for (var i = 0; i < 37; i++)
        {
            var (p, m, v) = (new[] { values[0][i] }, new[] { values[2][i] }, new[] { values[3][i] });
            AdamKernel.Step(p, new[] { values[1][i] }, m, v, arguments);
            Assert.Equal((whole[0][i], whole[2][i], whole[3][i]), (p[0], m[0], v[0]));
        }
    }

    [Fact]
    public void A_restored_optimizer_goes_on_with_the_same_bits()
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(2);
        using var saved = new NamedTensors();
        var first = new Parameter(torch.randn([5]));
        using var adam = new Adam([("x", first)], new AdamOptions());
        Advance(first, adam, 4);
        foreach (var (name, tensor) in adam.State())
        {
            saved.Add(name, tensor.clone());
        }

        var second = new Parameter(first.detach().clone());
        using var restored = new Adam([("x", second)], new AdamOptions());
        OptimizerState.Load(restored, saved);
        Advance(first, adam, 3);
        Advance(second, restored, 3);
        Assert.Equal(Arrays.Doubles(first), Arrays.Doubles(second));
        Assert.Equal(7, restored.State().Single(pair => pair.Name == "x.step").Tensor.data<long>()[0]);
    }

    [Fact]
    public void State_that_does_not_fit_is_refused_and_changes_nothing()
    {
        using var scope = torch.NewDisposeScope();
        var x = new Parameter(torch.ones([3]));
        using var adam = new Adam([("x", x)], new AdamOptions());
        using var saved = new NamedTensors();
        saved.Add("x.exp_avg", torch.ones([3]));
        var missing = Assert.Throws<ArgumentException>(() => OptimizerState.Load(adam, saved));
        Assert.Contains("x.exp_avg_sq", missing.Message, StringComparison.Ordinal);
        saved.Add("x.exp_avg_sq", torch.ones([4]));
        var wrong = Assert.Throws<ArgumentException>(() => OptimizerState.Load(adam, saved));
        Assert.Contains("[4]", wrong.Message, StringComparison.Ordinal);
        Assert.Equal([0.0, 0.0, 0.0], Arrays.Doubles(adam.State().First().Tensor));
    }

    [Fact]
    public void Two_parameters_of_one_name_are_refused()
    {
        using var scope = torch.NewDisposeScope();
        var (x, y) = (new Parameter(torch.ones([1])), new Parameter(torch.ones([1])));
        Assert.Throws<ArgumentException>(() => new Adam([("x", x), ("x", y)], new AdamOptions()));
    }

    private static void Advance(Tensor parameter, IOptimizer adam, int steps)
    {
        for (var i = 0; i < steps; i++)
        {
            parameter.grad = null;
            parameter.pow(2).sum().backward();
            adam.Step(0.1);
        }
    }
}

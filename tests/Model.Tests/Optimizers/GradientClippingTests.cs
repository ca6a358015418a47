using Colony.Torch;

namespace Colony.Model.Tests;

public sealed class GradientClippingTests
{
    [Theory]
    [InlineData("above")]
    [InlineData("below")]
    [InlineData("tiny")]
    [InlineData("exact")]
    [InlineData("large")]
    public void Norm_and_gradients_agree_with_PyTorch(string name)
    {
        var file = GoldenFolder.Open("optimizers.npz");
        using var scope = torch.NewDisposeScope();
        var scale = file[$"clip/{name}/scale"].Scalar();
        string[] parts = ["g0", "g1", "g2"];
        var parameters = parts
            .Select(part => WithGradient(Arrays.Tensor(file[$"input/clip/{part}"]) * scale))
            .ToArray();
        var norm = GradientClipping.ClipByNorm(parameters, file[$"clip/{name}/max_norm"].Scalar());
        Assert.Equal(1, norm / file[$"clip/{name}/total_norm"].Scalar(), 1e-6);
        foreach (var (part, parameter) in parts.Zip(parameters))
        {
            var expected = file[$"clip/{name}/{part}"].ToDoubles();
            Arrays.Near(expected, Arrays.Doubles(parameter.grad!), 1e-6 * expected.Max(x => Math.Abs(x)), part);
        }
    }

    [Fact]
    public void The_norm_is_over_all_gradients_and_gradients_that_fit_stay_bit_for_bit()
    {
        using var scope = torch.NewDisposeScope();
        var (three, four) = (WithGradient(torch.full([1], 3.0)), WithGradient(torch.full([1], 4.0)));
        var none = new Parameter(torch.ones([2]));
        Assert.Equal(5.0, GradientClipping.ClipByNorm([three, none, four], 6));
        Assert.Equal(3.0, Arrays.Doubles(three.grad!)[0]);
        Assert.Equal(5.0, GradientClipping.ClipByNorm([three, none, four], 2.5));
        Assert.Equal(1.5, Arrays.Doubles(three.grad!)[0], 1e-6);
        Assert.Equal(2.0, Arrays.Doubles(four.grad!)[0], 1e-6);
        Assert.Null(none.grad);
    }

    [Fact]
    public void A_norm_that_is_not_finite_is_told_and_changes_nothing()
    {
        using var scope = torch.NewDisposeScope();
        var broken = WithGradient(torch.full([1], double.PositiveInfinity));
        var sound = WithGradient(torch.full([1], 4.0));
        Assert.Equal(double.PositiveInfinity, GradientClipping.ClipByNorm([broken, sound], 1));
        Assert.Equal(4.0, Arrays.Doubles(sound.grad!)[0]);
    }

    [Fact]
    public void Every_element_counts_whatever_the_length()
    {
        for (var size = 0; size < 40; size++)
        {
            var values = Enumerable.Range(1, size).Select(i => (float)i).ToArray();
            Assert.Equal(values.Sum(x => (double)x * x), GradientClipping.SumOfSquares(values), 1e-9);
        }
    }

    private static Parameter WithGradient(Tensor gradient) =>
        new(torch.zeros_like(gradient)) { grad = gradient };
}

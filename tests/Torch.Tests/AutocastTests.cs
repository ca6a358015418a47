namespace Colony.Torch.Tests;

public sealed class AutocastTests
{
    [Fact]
    public void Products_are_narrow_and_gradients_of_weights_are_not()
    {
        using var scope = torch.NewDisposeScope();
        var input = torch.randn([5, 8]);
        var weight = torch.randn([8, 3]).requires_grad_();
        Tensor product;
        using (torch.autocast(DeviceType.CPU))
        {
            product = input.matmul(weight);
            Assert.Equal(ScalarType.BFloat16, product.dtype);
            Assert.Equal(ScalarType.Float32, (input + input).dtype);
            using (torch.autocast(DeviceType.CPU, enabled: false))
            {
                Assert.Equal(ScalarType.Float32, input.matmul(weight).dtype);
            }

            Assert.Equal(ScalarType.BFloat16, input.matmul(weight).dtype);
        }

        Assert.Equal(ScalarType.Float32, input.matmul(weight).dtype);
        var gradient = torch.autograd.grad([product.to_type(ScalarType.Float32).sum()], [weight])[0]!;
        Assert.Equal(ScalarType.Float32, gradient.dtype);
        Assert.InRange((gradient - input.sum(0).unsqueeze(1)).abs().max().ToDouble(), 0, 0.1);
    }

    [Fact]
    public void Weights_that_change_between_two_uses_are_converted_again()
    {
        using var scope = torch.NewDisposeScope();
        var input = torch.ones([1, 4]);
        var weight = torch.ones([4, 1]).requires_grad_();
        var sums = new List<double>();
        for (var i = 0; i < 2; i++)
        {
            using (torch.autocast(DeviceType.CPU))
            {
                sums.Add(input.matmul(weight).sum().ToDouble());
            }

            using var unrecorded = torch.no_grad();
            weight.mul_(2);
        }

        Assert.Equal([4.0, 8.0], sums);
    }

    [Fact]
    public void A_gru_computes_as_without_it()
    {
        using var scope = torch.NewDisposeScope();
        using var gru = torch.nn.GRU(6, 4, 1);
        var words = torch.randn([3, 5, 6]);
        var (_, whole) = gru.forward(words);
        using (torch.autocast(DeviceType.CPU))
        {
            var (_, within) = gru.forward(words);
            Assert.Equal(whole.ToArray<float>(), within.ToArray<float>());
            var (_, narrow) = gru.forward(words.to_type(ScalarType.BFloat16));
            Assert.Equal(ScalarType.Float32, narrow.dtype);
        }
    }
}

namespace Colony.Torch.Tests;

/// <summary>The GRU against its formula, written out in plain C# (models.md, 0.5).</summary>
public sealed class GruTests
{
    private const int Input = 3;
    private const int Hidden = 2;
    private const int Steps = 4;

    [Fact]
    public void A_packed_bidirectional_layer_follows_the_formula()
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(11);
        using var gru = torch.nn.GRU(Input, Hidden, bidirectional: true);
        var x = torch.randn([3, Steps, Input]);
        long[] lengths = [2, 4, 1];
        var (output, hidden) = gru.forward(x, torch.tensor(lengths));
        Expect.Shape(output, 3, Steps, 2 * Hidden);
        Expect.Shape(hidden, 2, 3, Hidden);

        var state = gru.named_parameters().ToDictionary(
            p => p.name, p => p.parameter.ToArray<float>(), StringComparer.Ordinal);
        var expected = new double[3 * Steps * 2 * Hidden];
        var last = new double[2 * 3 * Hidden];
        for (var sample = 0; sample < 3; sample++)
        {
            var inputs = x[sample].ToArray<float>();
            for (var direction = 0; direction < 2; direction++)
            {
                var h = new double[Hidden];
                for (var s = 0; s < lengths[sample]; s++)
                {
                    var t = direction == 0 ? s : (int)lengths[sample] - 1 - s;
                    h = Cell(state, direction == 0 ? "_l0" : "_l0_reverse", inputs.AsSpan(t * Input, Input), h);
                    h.CopyTo(expected, (sample * Steps + t) * 2 * Hidden + direction * Hidden);
                }

                h.CopyTo(last, (direction * 3 + sample) * Hidden);
            }
        }

        Expect.Values(output, expected);
        Expect.Values(hidden, last);
    }

    [Fact]
    public void Full_lengths_change_nothing()
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(12);
        using var gru = torch.nn.GRU(Input, Hidden);
        var x = torch.randn([2, Steps, Input]);
        var start = torch.randn([1, 2, Hidden]);
        var packed = gru.forward(x, torch.tensor([4L, 4L]), start);
        var (output, hidden) = gru.forward(x, hidden: start);
        Expect.Values(packed.output, output.to(ScalarType.Float64).ToArray<double>());
        Expect.Values(packed.hidden, hidden.to(ScalarType.Float64).ToArray<double>());
    }

    [Fact]
    public void Padding_gets_no_gradient_and_has_no_influence()
    {
        using var scope = torch.NewDisposeScope();
        torch.manual_seed(13);
        using var gru = torch.nn.GRU(Input, Hidden, bidirectional: true);
        var x = torch.randn([2, Steps, Input]).requires_grad_();
        var lengths = torch.tensor([4L, 2L]);
        gru.forward(x, lengths).output.sum().backward();
        Expect.Values(x.grad![1].narrow(0, 2, 2), new double[2 * Input], 0);
        Assert.True(x.grad![1].narrow(0, 0, 2).abs().sum().ToDouble() > 0);

        var before = gru.forward(x, lengths).output.ToArray<float>();
        using (torch.no_grad())
        {
            x[1].narrow(0, 2, 2).fill_(100);
        }

        Assert.Equal(before, gru.forward(x, lengths).output.ToArray<float>());
    }

    [Fact]
    public void A_length_of_zero_or_beyond_the_steps_is_refused()
    {
        using var scope = torch.NewDisposeScope();
        using var gru = torch.nn.GRU(Input, Hidden);
        var x = torch.zeros([2, Steps, Input]);
        Assert.Throws<TorchException>(() => gru.forward(x, torch.tensor([4L, 0L])));
        Assert.Throws<TorchException>(() => gru.forward(x, torch.tensor([5L, 1L])));
        Assert.Throws<TorchException>(() => gru.forward(x[0]));
    }

    private static double[] Cell(
        Dictionary<string, float[]> state, string suffix, ReadOnlySpan<float> x, double[] h)
    {
        var gatesOfInput = new double[3 * Hidden];
        var gatesOfHidden = new double[3 * Hidden];
        for (var row = 0; row < 3 * Hidden; row++)
        {
            gatesOfInput[row] = state["bias_ih" + suffix][row];
            gatesOfHidden[row] = state["bias_hh" + suffix][row];
            for (var i = 0; i < Input; i++)
            {
                gatesOfInput[row] += state["weight_ih" + suffix][row * Input + i] * x[i];
            }

            for (var i = 0; i < Hidden; i++)
            {
                gatesOfHidden[row] += state["weight_hh" + suffix][row * Hidden + i] * h[i];
            }
        }

        var next = new double[Hidden];
        for (var i = 0; i < Hidden; i++)
        {
            var reset = Sigmoid(gatesOfInput[i] + gatesOfHidden[i]);
            var update = Sigmoid(gatesOfInput[Hidden + i] + gatesOfHidden[Hidden + i]);
            var candidate = Math.Tanh(gatesOfInput[2 * Hidden + i] + reset * gatesOfHidden[2 * Hidden + i]);
            next[i] = (1 - update) * candidate + update * h[i];
        }

        return next;
    }

    private static double Sigmoid(double x) => 1 / (1 + Math.Exp(-x));
}

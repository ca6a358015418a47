using Colony.Torch;

namespace Colony.Model;

/// <summary>kaylode's layer norm: a (x - mean) / (std + 1e-6) + b, with the unbiased standard deviation, and the
/// epsilon added to it rather than to the variance.</summary>
internal sealed class DeviationNorm : torch.nn.Module
{
    private const double Epsilon = 1e-6;

    private readonly Parameter scale;
    private readonly Parameter shift;

    public DeviationNorm(long width)
    {
        scale = new Parameter(torch.ones([width]));
        shift = new Parameter(torch.zeros([width]));
        register_parameter("a_2", scale);
        register_parameter("b_2", shift);
    }

    public Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        var centred = x - x.mean([-1], true);
        var deviation = x.std(-1, unbiased: true, keepdim: true);
        return scope.MoveToOuter((scale * centred / (deviation + Epsilon)) + shift);
    }
}

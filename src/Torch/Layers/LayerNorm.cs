namespace Colony.Torch.Modules;

/// <summary>Layer normalization over the last dimension, with a learned scale (at first 1) and shift (0).</summary>
public sealed class LayerNorm : torch.nn.Module<Tensor, Tensor>
{
    private readonly long _size;
    private readonly double _eps;

    internal LayerNorm(long size, double eps)
    {
        _size = size;
        _eps = eps;
        weight = register_parameter("weight", new Parameter(torch.ones([size])));
        bias = register_parameter("bias", new Parameter(torch.zeros([size])));
    }

    /// <summary>The scale.</summary>
    public Parameter weight { get; }

    /// <summary>The shift.</summary>
    public Parameter bias { get; }

    /// <summary>(x - mean) / sqrt(variance + eps) * weight + bias, the variance being the biased one.</summary>
    public override Tensor forward(Tensor input) =>
        torch.nn.functional.layer_norm(input, [_size], weight, bias, _eps);
}

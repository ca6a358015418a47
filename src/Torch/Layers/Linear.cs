namespace Colony.Torch.Modules;

/// <summary>y = x A^T + b, with PyTorch's first values.</summary>
public sealed class Linear : torch.nn.Module<Tensor, Tensor>
{
    internal Linear(long inFeatures, long outFeatures, bool hasBias)
    {
        weight = register_parameter("weight", new Parameter(torch.empty([outFeatures, inFeatures])));
        bias = hasBias ? register_parameter("bias", new Parameter(torch.empty([outFeatures]))) : null;
        torch.nn.init.ResetLinear(weight, bias);
    }

    /// <summary>A, [out, in].</summary>
    public Parameter weight { get; }

    /// <summary>b, [out], unless the layer has none.</summary>
    public Parameter? bias { get; }

    /// <summary>Maps [..., in] to [..., out].</summary>
    public override Tensor forward(Tensor input) => torch.nn.functional.linear(input, weight, bias);
}

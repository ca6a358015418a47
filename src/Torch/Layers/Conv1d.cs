namespace Colony.Torch.Modules;

/// <summary>A convolution over [batch, channels, length], with PyTorch's first values.</summary>
public sealed class Conv1d : torch.nn.Module<Tensor, Tensor>
{
    private readonly long _stride;
    private readonly long _padding;
    private readonly long _dilation;
    private readonly long _groups;

    internal Conv1d(
        long inChannels, long outChannels, long kernel, long stride, long padding, long dilation, long groups,
        bool hasBias)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(groups);
        if (inChannels % groups != 0 || outChannels % groups != 0)
        {
            throw new ArgumentException(
                $"{inChannels} and {outChannels} channels cannot be parted into {groups} groups", nameof(groups));
        }

        (_stride, _padding, _dilation, _groups) = (stride, padding, dilation, groups);
        weight = register_parameter("weight", new Parameter(torch.empty([outChannels, inChannels / groups, kernel])));
        bias = hasBias ? register_parameter("bias", new Parameter(torch.empty([outChannels]))) : null;
        torch.nn.init.ResetLinear(weight, bias);
    }

    /// <summary>[out, in / groups, kernel].</summary>
    public Parameter weight { get; }

    /// <summary>[out], unless the layer has none.</summary>
    public Parameter? bias { get; }

    /// <summary>See <see cref="torch.nn.functional.conv1d"/>.</summary>
    public override Tensor forward(Tensor input) =>
        torch.nn.functional.conv1d(input, weight, bias, _stride, _padding, _dilation, _groups);
}

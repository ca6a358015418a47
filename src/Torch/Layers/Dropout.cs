namespace Colony.Torch.Modules;

/// <summary>Sets elements to zero at random while training.</summary>
public sealed class Dropout : torch.nn.Module<Tensor, Tensor>
{
    private readonly double _p;

    internal Dropout(double p)
    {
        if (p is not (>= 0 and <= 1))
        {
            throw new ArgumentOutOfRangeException(nameof(p), p, "a probability is from 0 to 1");
        }

        _p = p;
    }

    /// <summary>See <see cref="torch.nn.functional.dropout"/>.</summary>
    public override Tensor forward(Tensor input) => torch.nn.functional.dropout(input, _p, training);
}

namespace Colony.Torch.Modules;

/// <summary>A table of vectors by index, at first normally distributed; the row of the padding index is zero.</summary>
public sealed class Embedding : torch.nn.Module<Tensor, Tensor>
{
    private readonly long? _paddingIndex;

    internal Embedding(long count, long size, long? paddingIndex)
    {
        if (paddingIndex is { } index && (index < 0 || index >= count))
        {
            throw new ArgumentOutOfRangeException(nameof(paddingIndex), index, $"must be from 0 to {count - 1}");
        }

        _paddingIndex = paddingIndex;
        weight = register_parameter("weight", new Parameter(torch.empty([count, size])));
        torch.nn.init.normal_(weight);
        if (paddingIndex is { } row)
        {
            using var mode = torch.no_grad();
            using var padding = weight[row];
            padding.zero_();
        }
    }

    /// <summary>The vectors, [count, size].</summary>
    public Parameter weight { get; }

    /// <summary>Maps indices (int64) of any shape to vectors, [..., size].</summary>
    public override Tensor forward(Tensor input) => torch.nn.functional.embedding(input, weight, _paddingIndex);
}

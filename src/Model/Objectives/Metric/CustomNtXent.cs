using Colony.Torch;

namespace Colony.Model;

/// <summary>ConVIRT's loss (Zhang et al. 2020), as kaylode/tern has it: cross-entropy of the pairs along rows and
/// columns of the cosines over temperature.</summary>
internal sealed class CustomNtXent(CustomNtXentOptions options) : IObjective
{
    public IReadOnlyList<string> Inputs { get; } = [TensorNames.ImageEmbeddings, TensorNames.CaptionEmbeddings];

    public Tensor Scores(Tensor images, Tensor captions) => new PairDistance("cosine").Scores(images, captions);

    public Tensor Loss(NamedTensors gathered, long step, long stepsPerEpoch)
    {
        ArgumentNullException.ThrowIfNull(gathered);
        using var scope = torch.NewDisposeScope();
        var rows = Normalization.Guarded(torch.cat(
            [gathered[TensorNames.CaptionEmbeddings], gathered[TensorNames.ImageEmbeddings]], 0));
        var (toImage, toText) = Halves(rows);
        return scope.MoveToOuter((toImage * options.Weight) + (toText * (1 - options.Weight)));
    }

    /// <summary>The parts with captions and with images as queries, in the caller's scope. The published code calls the
    /// first "I-T", and is given the captions where it expects the images.</summary>
    /// <param name="rows">2B rows of length 1, captions first.</param>
    internal (Tensor CaptionToImage, Tensor ImageToCaption) Halves(Tensor rows)
    {
        var half = rows.shape[0] / 2;
        var logits = Similarity.Dot(rows.narrow(0, 0, half), rows.narrow(0, half, half)).div(options.Temperature);
        return (Side(1), Side(0));

        Tensor Side(int dim) => torch.nn.functional.log_softmax(logits, dim).diagonal().mean().neg();
    }
}

using Colony.Torch;

namespace Colony.Model;

/// <summary>
/// A metric-learning loss over the 2B rows [captions; images], of which row i and row B + i belong together
/// (models.md 1C and 7.2). Rows are brought to length 1 first; pairs within one modality count as negatives.
/// </summary>
internal abstract class MetricObjective : IObjective
{
    public IReadOnlyList<string> Inputs { get; } = [TensorNames.ImageEmbeddings, TensorNames.CaptionEmbeddings];

    public Tensor Scores(Tensor images, Tensor captions)
    {
        using var scope = torch.NewDisposeScope();
        return scope.MoveToOuter(
            Similarity.Dot(Normalization.Guarded(images), Normalization.Guarded(captions)));
    }

    public Tensor Loss(NamedTensors gathered, long step, long stepsPerEpoch)
    {
        ArgumentNullException.ThrowIfNull(gathered);
        using var scope = torch.NewDisposeScope();
        var captions = gathered[TensorNames.CaptionEmbeddings];
        var images = gathered[TensorNames.ImageEmbeddings];
        return scope.MoveToOuter(Of(Normalization.Guarded(torch.cat([captions, images], 0))));
    }

    /// <summary>The loss of 2B rows of length 1.</summary>
    internal abstract Tensor Of(Tensor rows);

    /// <summary>The mean of the entries above 0; 0 when there are none. None may be below.</summary>
    private protected static Tensor MeanOfNonzero(Tensor costs)
    {
        using var scope = torch.NewDisposeScope();
        var count = costs.detach().gt(0).sum().to_type(costs.dtype).clamp(min: 1);
        return scope.MoveToOuter(costs.sum() / count);
    }

    /// <summary>[2B, 2B], true where two rows are neither the same nor a pair.</summary>
    private protected static Tensor Negatives(long rows, Device device)
    {
        using var scope = torch.NewDisposeScope();
        var labels = torch.arange(rows, dtype: ScalarType.Int64, device: device);
        var own = torch.where(labels.ge(rows / 2), labels - (rows / 2), labels);
        return scope.MoveToOuter(own.unsqueeze(0).ne(own.unsqueeze(1)));
    }

    /// <summary>[2B]: entry i is that of row i and its partner in a [2B, 2B] matrix.</summary>
    private protected static Tensor Partners(Tensor matrix)
    {
        using var scope = torch.NewDisposeScope();
        var half = matrix.shape[0] / 2;
        return scope.MoveToOuter(torch.cat([matrix.diagonal(half), matrix.diagonal(-half)], 0));
    }
}

/// <summary>Pairs drawn to the positive margin, all others pushed to the negative one; each part averaged over its
/// nonzero terms.</summary>
internal sealed class Contrastive(ContrastiveOptions options) : MetricObjective
{
    internal override Tensor Of(Tensor rows)
    {
        using var scope = torch.NewDisposeScope();
        var distances = torch.cdist(rows, rows, 2);
        var pull = (Partners(distances) - options.PositiveMargin).clamp(min: 0);
        var push = (options.NegativeMargin - distances).clamp(min: 0);
        var counted = push.masked_fill(Negatives(rows.shape[0], rows.device).logical_not(), 0);
        return scope.MoveToOuter(MeanOfNonzero(pull) + MeanOfNonzero(counted));
    }
}

/// <summary>Every (anchor, partner, negative) shall keep the margin; averaged over those that do not.</summary>
internal sealed class TripletMargin(TripletOptions options) : MetricObjective
{
    internal override Tensor Of(Tensor rows)
    {
        using var scope = torch.NewDisposeScope();
        var distances = torch.cdist(rows, rows, 2);
        var costs = (Partners(distances).unsqueeze(1) - distances + options.Margin).clamp(min: 0);
        return scope.MoveToOuter(
            MeanOfNonzero(costs.masked_fill(Negatives(rows.shape[0], rows.device).logical_not(), 0)));
    }
}

/// <summary>Cross-entropy of each row's partner among all other rows, by cosine over temperature.</summary>
internal sealed class NtXent(NtXentOptions options) : MetricObjective
{
    internal override Tensor Of(Tensor rows)
    {
        using var scope = torch.NewDisposeScope();
        var self = torch.eye(rows.shape[0], dtype: ScalarType.Bool, device: rows.device);
        var logits = Similarity.Dot(rows, rows).div(options.Temperature).masked_fill(self, double.NegativeInfinity);
        return scope.MoveToOuter(Partners(torch.nn.functional.log_softmax(logits, 1)).mean().neg());
    }
}

/// <summary>ConVIRT's loss (Zhang et al. 2020), as kaylode/tern has it: cross-entropy of the pairs along rows and
/// columns of the cosines over temperature.</summary>
internal sealed class CustomNtXent(CustomNtXentOptions options) : MetricObjective
{
    internal override Tensor Of(Tensor rows)
    {
        using var scope = torch.NewDisposeScope();
        var (toImage, toText) = Halves(rows);
        return scope.MoveToOuter((toImage * options.Weight) + (toText * (1 - options.Weight)));
    }

    /// <summary>The parts with captions and with images as queries, in the caller's scope. The published code calls the
    /// first "I-T", and is given the captions where it expects the images.</summary>
    internal (Tensor CaptionToImage, Tensor ImageToCaption) Halves(Tensor rows)
    {
        var half = rows.shape[0] / 2;
        var logits = Similarity.Dot(rows.narrow(0, 0, half), rows.narrow(0, half, half)).div(options.Temperature);
        return (Side(1), Side(0));

        Tensor Side(int dim) => torch.nn.functional.log_softmax(logits, dim).diagonal().mean().neg();
    }
}

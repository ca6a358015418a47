using Colony.Torch;

namespace Colony.Model;

/// <summary>The two-sided hinge loss (models.md 0.8; Faghri et al. 2018, eq. 5 and 6): a sum over the batch.</summary>
internal sealed class BidirectionalHinge(HingeOptions options) : IObjective
{
    public IReadOnlyList<string> Inputs { get; } = [TensorNames.ImageEmbeddings, TensorNames.CaptionEmbeddings];

    public Tensor Scores(Tensor images, Tensor captions) => Similarity.Scores(options.Measure, images, captions);

    public Tensor Loss(NamedTensors gathered, long step, long stepsPerEpoch)
    {
        ArgumentNullException.ThrowIfNull(gathered);
        var hardest = options.MaxViolation && step / stepsPerEpoch >= options.SumEpochs;
        using var scope = torch.NewDisposeScope();
        var scores = Scores(gathered[TensorNames.ImageEmbeddings], gathered[TensorNames.CaptionEmbeddings]);
        return scope.MoveToOuter(Of(scores, options.Margin, hardest));
    }

    /// <summary>The loss of a square matrix of scores whose diagonal holds the pairs.</summary>
    /// <param name="scores">[B, B].</param>
    /// <param name="margin">How much closer a pair shall be.</param>
    /// <param name="hardest">Whether the hardest negative alone counts.</param>
    /// <param name="same">Entries that are no negatives, bool; null: the diagonal.</param>
    internal static Tensor Of(Tensor scores, double margin, bool hardest, Tensor? same = null)
    {
        var size = scores.shape[0];
        if (scores.shape[1] != size)
        {
            throw new ArgumentException($"{size} images and {scores.shape[1]} captions are not pairs.", nameof(scores));
        }

        using var scope = torch.NewDisposeScope();
        var pairs = scores.diagonal();
        var excluded = same ?? torch.eye(size, dtype: ScalarType.Bool, device: scores.device);
        var captions = Cost(scores, pairs.unsqueeze(1));
        var images = Cost(scores, pairs.unsqueeze(0));
        var loss = hardest
            ? captions.max(1).values.sum() + images.max(0).values.sum()
            : captions.sum() + images.sum();
        return scope.MoveToOuter(loss);

        Tensor Cost(Tensor all, Tensor own) => (all - own + margin).clamp(min: 0).masked_fill(excluded, 0);
    }
}

using Colony.Torch;

namespace Colony.Model;

/// <summary>
/// A metric-learning loss over the gathered captions and images, of which row i and row i belong together (models.md 1C
/// and 7, as pytorch-metric-learning 2.8.1 computes it).
/// </summary>
internal abstract class MetricObjective(PairOptions pairs) : IObjective
{
    private readonly Miner? miner = Miners.Of(pairs);

    public IReadOnlyList<string> Inputs { get; } = [TensorNames.ImageEmbeddings, TensorNames.CaptionEmbeddings];

    /// <summary>How rows are compared.</summary>
    protected PairDistance Distance { get; } = PairDistance.Of(pairs);

    /// <summary>Whether costs of 0 are left out of means.</summary>
    protected bool MeanOfNonzero { get; } = pairs.Mean == "nonzero";

    public Tensor Scores(Tensor images, Tensor captions) => Distance.Scores(images, captions);

    public Tensor Loss(NamedTensors gathered, long step, long stepsPerEpoch)
    {
        ArgumentNullException.ThrowIfNull(gathered);
        using var scope = torch.NewDisposeScope();
        var captions = gathered[TensorNames.CaptionEmbeddings];
        var images = gathered[TensorNames.ImageEmbeddings];
        return scope.MoveToOuter(pairs.Across
            ? (Of(MetricBatch.Across(captions, images)) + Of(MetricBatch.Across(images, captions))) / 2
            : Of(MetricBatch.Together(captions, images)));
    }

    /// <summary>The loss of compared rows.</summary>
    internal Tensor Of(MetricBatch batch)
    {
        using var scope = torch.NewDisposeScope();
        var loss = Cost(batch, miner?.Mine(batch));
        return scope.MoveToOuter(pairs.NormWeight > 0
            ? loss + (batch.Rows.norm(-1, 2, false).mean() * pairs.NormWeight)
            : loss);
    }

    /// <summary>The loss of all pairs, or of those that a miner chose. Called in a scope.</summary>
    private protected abstract Tensor Cost(MetricBatch batch, MinedTuples? mined);
}

/// <summary>A metric loss over pairs.</summary>
internal abstract class PairObjective(PairOptions pairs) : MetricObjective(pairs)
{
    private protected override Tensor Cost(MetricBatch batch, MinedTuples? mined)
    {
        var matrix = Distance.Matrix(batch.Rows, batch.Others);
        var (positives, negatives) = mined?.Counts(matrix)
            ?? (batch.Positives.to(matrix.dtype), batch.Negatives.to(matrix.dtype));

        // As published: with at most one pair of each kind there is nothing to compare.
        return positives.sum().ToDouble() <= 1 && negatives.sum().ToDouble() <= 1
            ? (matrix * 0).sum()
            : Cost(matrix, positives, negatives);
    }

    /// <summary>The loss of a [N, M] matrix. Called in a scope.</summary>
    /// <param name="matrix">Distances, cosines or products.</param>
    /// <param name="positives">How often each entry counts as a positive.</param>
    /// <param name="negatives">How often each entry counts as a negative.</param>
    private protected abstract Tensor Cost(Tensor matrix, Tensor positives, Tensor negatives);
}

namespace Colony.Evaluator;

/// <summary>How a test set becomes numbers in the papers.</summary>
public static class Protocols
{
    /// <summary>Folds of COCO 1K: five times 1,000 of the 5,000 test images.</summary>
    public const int CocoFolds = 5;

    /// <summary>
    /// All images against all captions: Flickr's 1K, Flickr8k's 1K and COCO 5K.
    /// </summary>
    public static RetrievalMetrics Whole(IScoreSource scores, CancellationToken cancellationToken) =>
        RetrievalMetrics.Of(RetrievalRanks.Of(scores, cancellationToken));

    /// <summary>
    /// The mean over consecutive folds, each a test set of its own: COCO 1K with <see cref="CocoFolds"/>. Easier than
    /// the whole, because every query has fewer wrong answers to be misled by.
    /// </summary>
    /// <exception cref="ArgumentException">The images cannot be cut into that many equal folds.</exception>
    public static FoldedMetrics Folded(IScoreSource scores, int folds, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scores);
        ArgumentOutOfRangeException.ThrowIfLessThan(folds, 1);
        if (scores.Images % folds != 0)
        {
            throw new ArgumentException(
                $"{scores.Images} images cannot be cut into {folds} equal folds", nameof(folds));
        }

        var size = scores.Images / folds;
        var each = Enumerable.Range(0, folds)
            .Select(fold => Whole(new FoldScores(scores, fold * size, size), cancellationToken))
            .ToArray();
        var mean = new RetrievalMetrics(
            DirectionMetrics.Mean([.. each.Select(e => e.ImageToText)]),
            DirectionMetrics.Mean([.. each.Select(e => e.TextToImage)]));
        return new FoldedMetrics(mean, each);
    }
}

/// <summary>Metrics of a test set that was cut into folds.</summary>
/// <param name="Mean">The mean of each metric over the folds: what papers print.</param>
/// <param name="Folds">The metrics of each fold, in order.</param>
public sealed record FoldedMetrics(RetrievalMetrics Mean, IReadOnlyList<RetrievalMetrics> Folds);

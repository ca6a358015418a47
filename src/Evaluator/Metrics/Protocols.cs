using Colony.Jobs;

namespace Colony.Evaluator;

/// <summary>How a test set becomes numbers in the papers.</summary>
public static class Protocols
{
    /// <summary>Folds of COCO 1K: five times 1,000 of the 5,000 test images.</summary>
    public const int CocoFolds = 5;

    /// <summary>Images of a fold of COCO 1K.</summary>
    public const int CocoFoldImages = 1000;

    /// <summary>The metrics of a split by the protocol that a job names.</summary>
    /// <param name="protocol"><see cref="EvaluateSection.AllImages"/> or
    /// <see cref="EvaluateSection.CocoFolds"/>.</param>
    /// <param name="scores">The scores of the split.</param>
    /// <param name="split">The split's name, for errors.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    /// <exception cref="EvaluatorException">The split has not the images that the protocol is defined for.</exception>
    public static RetrievalMetrics Measure(
        string protocol, IScoreSource scores, string split, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scores);
        Check(protocol, scores.Images, split);
        return protocol == EvaluateSection.CocoFolds
            ? Folded(scores, CocoFolds, cancellationToken).Mean
            : Whole(scores, cancellationToken);
    }

    /// <summary>Refuses a split that the protocol is not defined for.</summary>
    /// <param name="protocol">The protocol.</param>
    /// <param name="images">Images of the split.</param>
    /// <param name="split">The split's name.</param>
    /// <exception cref="EvaluatorException">The split has another number of images.</exception>
    public static void Check(string protocol, int images, string split)
    {
        if (protocol == EvaluateSection.CocoFolds && images != CocoFolds * CocoFoldImages)
        {
            throw new EvaluatorException(
                $"protocol {EvaluateSection.CocoFolds} is {CocoFolds} folds of {CocoFoldImages} images, and the split "
                + $"'{split}' has {images}; measure it with protocol {EvaluateSection.AllImages}, or name COCO's split "
                + $"of {CocoFolds * CocoFoldImages}");
        }
    }

    /// <summary>The images that a caption chooses from.</summary>
    /// <param name="protocol">The protocol; empty for all images.</param>
    /// <param name="images">Images of the split.</param>
    public static int Candidates(string protocol, int images) =>
        protocol == EvaluateSection.CocoFolds ? images / CocoFolds : images;

    /// <summary>A split with what people must know to compare its numbers.</summary>
    /// <param name="protocol">The protocol; empty for all images.</param>
    /// <param name="split">The split's name.</param>
    public static string Title(string protocol, string split) => protocol == EvaluateSection.CocoFolds
        ? $"{split}, COCO 1K: mean of {CocoFolds} folds of {CocoFoldImages}"
        : split;

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

namespace Colony.Evaluator;

/// <summary>Retrieval metrics of one direction, as the papers define them (models.md 8.6 of the reference).</summary>
/// <param name="RecallAt1">Percent of queries whose right answer comes first.</param>
/// <param name="RecallAt5">Percent of queries whose right answer is among the first 5.</param>
/// <param name="RecallAt10">Percent of queries whose right answer is among the first 10.</param>
/// <param name="MedianRank">Median rank from 1, rounded down when it falls between two.</param>
/// <param name="MeanRank">Mean rank from 1.</param>
public sealed record DirectionMetrics(
    double RecallAt1, double RecallAt5, double RecallAt10, double MedianRank, double MeanRank)
{
    /// <summary>The sum of the three recalls, 0 to 300.</summary>
    public double RecallSum => RecallAt1 + RecallAt5 + RecallAt10;

    /// <summary>The metrics of ranks counted from 0.</summary>
    /// <exception cref="ArgumentException">There are no ranks.</exception>
    public static DirectionMetrics Of(IReadOnlyList<int> ranks)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        if (ranks.Count == 0)
        {
            throw new ArgumentException("no ranks, no metrics", nameof(ranks));
        }

        var sorted = ranks.Order().ToArray();
        var (low, high) = (sorted[(sorted.Length - 1) / 2], sorted[sorted.Length / 2]);
        return new DirectionMetrics(
            Recall(ranks, 1),
            Recall(ranks, 5),
            Recall(ranks, 10),
            Math.Floor((low + high) / 2.0) + 1,
            ranks.Average() + 1);
    }

    /// <summary>The mean of each metric over several parts of a test set.</summary>
    public static DirectionMetrics Mean(IReadOnlyList<DirectionMetrics> parts) => new(
        parts.Average(p => p.RecallAt1),
        parts.Average(p => p.RecallAt5),
        parts.Average(p => p.RecallAt10),
        parts.Average(p => p.MedianRank),
        parts.Average(p => p.MeanRank));

    private static double Recall(IReadOnlyList<int> ranks, int within) =>
        100.0 * ranks.Count(rank => rank < within) / ranks.Count;
}

/// <summary>Retrieval metrics of both directions.</summary>
/// <param name="ImageToText">An image asks for one of its captions.</param>
/// <param name="TextToImage">A caption asks for its image.</param>
public sealed record RetrievalMetrics(DirectionMetrics ImageToText, DirectionMetrics TextToImage)
{
    /// <summary>Rsum: the sum of all six recalls, 0 to 600. The number by which checkpoints are compared.</summary>
    public double RecallSum => ImageToText.RecallSum + TextToImage.RecallSum;

    /// <summary>The metrics of one set of ranks.</summary>
    public static RetrievalMetrics Of(RetrievalRanks ranks)
    {
        ArgumentNullException.ThrowIfNull(ranks);
        return new RetrievalMetrics(DirectionMetrics.Of(ranks.ImageToText), DirectionMetrics.Of(ranks.TextToImage));
    }
}

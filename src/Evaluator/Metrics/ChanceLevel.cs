namespace Colony.Evaluator;

/// <summary>What a model that knows nothing would reach, so that a plot can show how much was learned.</summary>
public static class ChanceLevel
{
    /// <summary>
    /// The expected metrics when every order of answers is equally likely; the median is that of one query's rank.
    /// </summary>
    /// <param name="images">Images, at least 1.</param>
    /// <param name="captionsPerImage">Captions of each image, at least 1.</param>
    public static RetrievalMetrics Of(int images, int captionsPerImage)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(captionsPerImage, 1);
        return new RetrievalMetrics(
            Direction(images * captionsPerImage, captionsPerImage),
            Direction(images, right: 1));
    }

    /// <summary>
    /// Of <paramref name="answers"/> in random order, <paramref name="right"/> are right. The first right one stands at
    /// (answers + 1) / (right + 1) on average.
    /// </summary>
    private static DirectionMetrics Direction(int answers, int right)
    {
        var median = 1;
        while (Hit(answers, right, median) < 0.5)
        {
            median++;
        }

        return new DirectionMetrics(
            100 * Hit(answers, right, 1),
            100 * Hit(answers, right, 5),
            100 * Hit(answers, right, 10),
            median,
            (answers + 1.0) / (right + 1.0));
    }

    /// <summary>The chance that one of the right answers is among the first <paramref name="within"/>.</summary>
    private static double Hit(int answers, int right, int within)
    {
        var miss = 1.0;
        for (var drawn = 0; drawn < Math.Min(within, answers); drawn++)
        {
            miss *= Math.Max(0.0, answers - right - drawn) / (answers - drawn);
        }

        return 1 - miss;
    }
}

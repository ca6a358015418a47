namespace Colony.Evaluator;

/// <summary>
/// How much of a query's short list of nearest answers is right, as kaylode's TERN measures it (models.md 1C): means
/// over all queries, as fractions. Not comparable with <see cref="DirectionMetrics"/>, which asks for the best rank of
/// any right answer.
/// </summary>
/// <param name="RecallAt1">Share of the right answers that stand first.</param>
/// <param name="RecallAt5">Share of the right answers among the first 5.</param>
/// <param name="RecallAt10">Share of the right answers among the first 10.</param>
/// <param name="NearestNeighbour">Share of queries whose first answer is right.</param>
/// <param name="FirstTier">With n right answers in the list: their share of its first n + 1.</param>
/// <param name="SecondTier">Their share of its first 2n + 1.</param>
/// <param name="PrecisionSum">Sum of the precisions at the right answers ("MAP" there); divided by nothing, so it can
/// exceed 1.</param>
/// <param name="F1">Twice the right answers in the list over all right ones and the list's full length.</param>
public sealed record ListMetrics(
    double RecallAt1, double RecallAt5, double RecallAt10, double NearestNeighbour, double FirstTier,
    double SecondTier, double PrecisionSum, double F1)
{
    /// <summary>Length of the lists in the published evaluation.</summary>
    public const int PublishedLength = 10;

    /// <summary>Lowest cosine in the published lists: a distance of at most 1.3.</summary>
    public const double PublishedMinimum = -0.3;

    /// <summary>Both directions, image to text and text to image. Memory is that of one query's scores.</summary>
    /// <param name="scores">The scores.</param>
    /// <param name="length">Answers in a list.</param>
    /// <param name="minimum">The lowest score in a list; lists may be shorter for it.</param>
    /// <param name="cancellationToken">Ends the work.</param>
    public static (ListMetrics ImageToText, ListMetrics TextToImage) Of(
        IScoreSource scores, int length, double minimum, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scores);
        var each = scores.CaptionsPerImage;
        return (
            Mean(ImageLists(scores, length, minimum, cancellationToken), each, length, (image, caption) =>
                caption / each == image),
            Mean(CaptionLists(scores, length, minimum, cancellationToken), 1, length, (caption, image) =>
                caption / each == image));
    }

    /// <summary>For each image, the captions of its list, best first.</summary>
    internal static IEnumerable<int[]> ImageLists(
        IScoreSource source, int length, double minimum, CancellationToken cancellationToken)
    {
        var row = new float[source.Images * source.CaptionsPerImage];
        for (var image = 0; image < source.Images; image++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            source.Read(image, 1, 0, row.Length, row);
            yield return Nearest(row, length, minimum);
        }
    }

    /// <summary>For each caption, the images of its list, best first.</summary>
    internal static IEnumerable<int[]> CaptionLists(
        IScoreSource source, int length, double minimum, CancellationToken cancellationToken)
    {
        var column = new float[source.Images];
        for (var caption = 0; caption < source.Images * source.CaptionsPerImage; caption++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            source.Read(0, source.Images, caption, 1, column);
            yield return Nearest(column, length, minimum);
        }
    }

    // The sort is stable: of equal scores the first stands first. What is no number is in no list.
    private static int[] Nearest(float[] scores, int length, double minimum) =>
    [
        .. Enumerable.Range(0, scores.Length).Where(answer => scores[answer] >= minimum)
            .OrderByDescending(answer => scores[answer]).Take(length),
    ];

    private static ListMetrics Mean(
        IEnumerable<int[]> lists, int right, int length, Func<int, int, bool> belongs)
    {
        var sums = new double[8];
        var queries = 0;
        foreach (var list in lists)
        {
            var query = queries++;
            bool[] hits = [.. list.Select(answer => belongs(query, answer))];
            var found = hits.Count(hit => hit);
            double[] own =
            [
                Hits(hits, 1) / (double)right, Hits(hits, 5) / (double)right, Hits(hits, 10) / (double)right,
                Hits(hits, 1), Precision(hits, found + 1), Precision(hits, (2 * found) + 1),
                Enumerable.Range(1, hits.Length).Where(at => hits[at - 1]).Sum(at => Precision(hits, at)),
                2.0 * found / (right + length),
            ];
            for (var i = 0; i < sums.Length; i++)
            {
                sums[i] += own[i];
            }
        }

        double[] means = [.. sums.Select(sum => sum / queries)];
        return new ListMetrics(
            means[0], means[1], means[2], means[3], means[4], means[5], means[6], means[7]);
    }

    private static int Hits(bool[] hits, int among) => hits.Take(among).Count(hit => hit);

    private static double Precision(bool[] hits, int among) =>
        hits.Length == 0 ? 0 : Hits(hits, among) / (double)Math.Min(among, hits.Length);
}

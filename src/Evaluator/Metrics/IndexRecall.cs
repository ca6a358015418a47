namespace Colony.Evaluator;

/// <summary>
/// Recall as seen through an index: what its users get, which for an approximate index is less than the model's own.
/// </summary>
public static class IndexRecall
{
    /// <summary>
    /// Percent of image queries, in order, for which one of the image's captions is among the first K hits.
    /// </summary>
    /// <param name="hits">Hits in an index of captions for the images 0, 1, 2 and so on.</param>
    /// <param name="captionsPerImage">Captions of each image.</param>
    /// <param name="within">K, at most the places of the hits.</param>
    public static double ImageToText(SearchResults hits, int captionsPerImage, int within) =>
        Share(hits, within, (image, id) => id / captionsPerImage == image);

    /// <summary>
    /// Percent of caption queries, in order, for which the caption's image is among the first K hits.
    /// </summary>
    /// <param name="hits">Hits in an index of images for the captions 0, 1, 2 and so on.</param>
    /// <param name="captionsPerImage">Captions of each image.</param>
    /// <param name="within">K, at most the places of the hits.</param>
    public static double TextToImage(SearchResults hits, int captionsPerImage, int within) =>
        Share(hits, within, (caption, id) => id == caption / captionsPerImage);

    private static double Share(SearchResults hits, int within, Func<int, long, bool> right)
    {
        ArgumentNullException.ThrowIfNull(hits);
        ArgumentOutOfRangeException.ThrowIfLessThan(within, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(within, hits.Top);
        if (hits.Queries == 0)
        {
            throw new ArgumentException("no queries, no recall", nameof(hits));
        }

        var found = 0;
        for (var query = 0; query < hits.Queries; query++)
        {
            foreach (var id in hits.Ids(query)[..within])
            {
                if (id >= 0 && right(query, id))
                {
                    found++;
                    break;
                }
            }
        }

        return 100.0 * found / hits.Queries;
    }
}

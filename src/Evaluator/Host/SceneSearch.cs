using Colony.Data;

namespace Colony.Evaluator;

/// <summary>One answer of a search.</summary>
/// <param name="Id">The image's id.</param>
/// <param name="Image">The image's index in the split.</param>
/// <param name="Score">The model's score; higher is better.</param>
/// <param name="Caption">The caption that was found, or the image's first.</param>
public sealed record SearchHit(string Id, int Image, double Score, string Caption);

/// <summary>Searches a judged split, by words and by image.</summary>
public sealed class SceneSearch(TrainedModel model, Judged judged)
{
    /// <summary>The best images for words.</summary>
    /// <exception cref="DataException">No word of the text is known.</exception>
    public IReadOnlyList<SearchHit> ByText(string text, int top)
    {
        float[] query = model.Embedder.EncodeTexts([text]);
        SearchResults found = judged.Images.Search(query, Math.Min(top, model.Dataset.Images));
        return Hits(found, image => model.Dataset.Caption(image * model.Dataset.CaptionsPerImage), id => id);
    }

    /// <summary>The best captions for an image of the split.</summary>
    /// <exception cref="DataException">No image has that id.</exception>
    public IReadOnlyList<SearchHit> ByImage(string id, int top)
    {
        int image = Enumerable.Range(0, model.Dataset.Images)
            .Where(i => string.Equals(model.Dataset.ImageId(i), id, StringComparison.Ordinal))
            .FirstOrDefault(-1);
        if (image < 0)
        {
            throw new DataException(
                $"no image of split '{model.Split}' is called '{id}'; "
                + $"the first is called '{model.Dataset.ImageId(0)}'");
        }

        int dimension = judged.Embeddings.Dimension;
        int width = dimension * judged.Embeddings.Views;
        float[] scores = new float[model.Dataset.Samples];
        model.Scorer.Score(
            judged.Embeddings.Images.AsSpan(image * width, width),
            judged.Embeddings.Captions, dimension, scores);
        return
        [
            .. Enumerable.Range(0, scores.Length).OrderByDescending(i => scores[i]).Take(top).Select(i => new SearchHit(
                model.Dataset.ImageId(model.Dataset.ImageOfCaption(i)), model.Dataset.ImageOfCaption(i), scores[i],
                model.Dataset.Caption(i))),
        ];
    }

    private List<SearchHit> Hits(SearchResults found, Func<int, string> caption, Func<int, int> imageOf)
    {
        var hits = new List<SearchHit>();
        ReadOnlySpan<long> ids = found.Ids(0);
        ReadOnlySpan<float> scores = found.Scores(0);
        for (int i = 0; i < ids.Length; i++)
        {
            int image = imageOf((int)ids[i]);
            hits.Add(new SearchHit(model.Dataset.ImageId(image), image, scores[i], caption(image)));
        }

        return hits;
    }
}

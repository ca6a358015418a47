namespace Colony.Evaluator;

/// <summary>
/// What a model makes of a split: one row an image and one row a caption, in the order of the data set.
/// </summary>
/// <param name="Dimension">Values in a caption's row, and in each view of an image.</param>
/// <param name="Images">Image embeddings, row after row; an image's views lie side by side.</param>
/// <param name="Captions">Caption embeddings, row after row.</param>
/// <param name="Views">Views of an image.</param>
public sealed record Embeddings(int Dimension, float[] Images, float[] Captions, int Views = 1)
{
    /// <summary>The scores of all pairs, computed when they are asked for.</summary>
    public IScoreSource Scores(IScorer scorer) => new EmbeddingScores(Images, Captions, Dimension, scorer, Views);
}

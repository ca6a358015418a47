namespace Colony.Evaluator;

/// <summary>
/// What a model makes of a split: one row an image and one row a caption, in the order of the data set.
/// </summary>
/// <param name="Dimension">Values in one row.</param>
/// <param name="Images">Image embeddings, row after row.</param>
/// <param name="Captions">Caption embeddings, row after row.</param>
public sealed record Embeddings(int Dimension, float[] Images, float[] Captions)
{
    /// <summary>The scores of all pairs, computed when they are asked for.</summary>
    public IScoreSource Scores(IScorer scorer) => new EmbeddingScores(Images, Captions, Dimension, scorer);
}

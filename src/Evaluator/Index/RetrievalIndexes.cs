using Colony.Jobs;

namespace Colony.Evaluator;

/// <summary>Chooses the index that serves a similarity.</summary>
public static class RetrievalIndexes
{
    /// <summary>Embeddings of each side that a similarity is tried on.</summary>
    private const int Probes = 24;

    /// <summary>
    /// Largest difference, as a share of the largest score, at which two similarities count as the same.
    /// </summary>
    private const double Tolerance = 1e-4;

    /// <summary>
    /// An index over one side of the embeddings, filled. The similarity is tried on some of them: inner products and
    /// cosines are given to FAISS, everything else is searched exactly whatever <paramref name="kind"/> says.
    /// </summary>
    /// <param name="kind">The structure wished for.</param>
    /// <param name="embeddings">Both sides; the other one serves as queries for the trial.</param>
    /// <param name="side">What is indexed.</param>
    /// <param name="scorer">The model's similarity.</param>
    /// <param name="threads">Threads that one call of FAISS may use.</param>
    public static IRetrievalIndex Build(
        IndexKind kind, Embeddings embeddings, IndexedSide side, IScorer scorer, int threads)
    {
        ArgumentNullException.ThrowIfNull(embeddings);
        ArgumentNullException.ThrowIfNull(scorer);
        var stored = side == IndexedSide.Images ? embeddings.Images : embeddings.Captions;
        if (embeddings.Views > 1)
        {
            // FAISS compares one vector with one.
            var exact = new ExactIndex(scorer, embeddings.Dimension, side, embeddings.Views);
            exact.Add(stored);
            return exact;
        }

        var index = Empty(kind, embeddings, side, scorer, threads, stored.Length / embeddings.Dimension);
        index.Add(stored);
        return index;
    }

    private static IRetrievalIndex Empty(
        IndexKind kind, Embeddings embeddings, IndexedSide side, IScorer scorer, int threads, int count)
    {
        var dimension = embeddings.Dimension;
        var images = First(embeddings.Images, dimension);
        var captions = First(embeddings.Captions, dimension);
        var scores = Scores(scorer, images, captions, dimension);
        var inner = new InnerProductScorer();
        if (Same(scores, Scores(inner, images, captions, dimension)))
        {
            return FaissIndex.Create(kind, dimension, count, threads);
        }

        var cosines = Scores(
            inner,
            NormalizingIndex.Normalized(images, dimension),
            NormalizingIndex.Normalized(captions, dimension),
            dimension);
        return Same(scores, cosines)
            ? new NormalizingIndex(FaissIndex.Create(kind, dimension, count, threads))
            : new ExactIndex(scorer, dimension, side);
    }

    private static float[] First(float[] rows, int dimension) => rows[..Math.Min(rows.Length, Probes * dimension)];

    private static float[] Scores(IScorer scorer, float[] images, float[] captions, int dimension)
    {
        var scores = new float[images.Length / dimension * (captions.Length / dimension)];
        scorer.Score(images, captions, dimension, scores);
        return scores;
    }

    /// <summary>Also false where a score is not a number.</summary>
    private static bool Same(float[] a, float[] b)
    {
        var largest = a.Max(Math.Abs);
        return a.Zip(b).All(pair => Math.Abs(pair.First - pair.Second) <= Tolerance * largest);
    }
}

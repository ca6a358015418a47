namespace Colony.Evaluator;

/// <summary>Which side of a similarity an index holds; its queries are the other side.</summary>
public enum IndexedSide
{
    /// <summary>Image embeddings, searched by captions.</summary>
    Images,

    /// <summary>Caption embeddings, searched by images.</summary>
    Captions,
}

/// <summary>
/// Compares a query with everything, by any similarity; for those that FAISS has no index for. Of equal scores the
/// lower id comes first; a score that is not a number comes last.
/// </summary>
public sealed class ExactIndex : IRetrievalIndex
{
    /// <summary>Stored rows scored at once: bounds the scratch memory of a search.</summary>
    private const int BlockRows = 4096;

    private readonly IScorer _scorer;
    private readonly IndexedSide _side;
    private readonly int _queryDimension;
    private readonly int _dimension;
    private float[] _vectors = [];
    private int _used;

    /// <summary>An empty index.</summary>
    /// <param name="scorer">The similarity.</param>
    /// <param name="dimension">Values in the embedding of a caption and in a view of an image, at least 1.</param>
    /// <param name="side">What is stored; asymmetric similarities need to know.</param>
    /// <param name="views">Views of an image, at least 1.</param>
    public ExactIndex(IScorer scorer, int dimension, IndexedSide side, int views = 1)
    {
        ArgumentNullException.ThrowIfNull(scorer);
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(views, 1);
        _scorer = scorer;
        _side = side;
        _dimension = dimension;
        var wide = checked(dimension * views);
        (Dimension, _queryDimension) = side == IndexedSide.Images ? (wide, dimension) : (dimension, wide);
    }

    /// <inheritdoc/>
    public int Dimension { get; }

    /// <inheritdoc/>
    public long Count => _used / Dimension;

    /// <inheritdoc/>
    public void Add(ReadOnlySpan<float> vectors)
    {
        _ = Rows.Count(vectors, Dimension, nameof(vectors));
        var needed = checked(_used + vectors.Length);
        if (needed > _vectors.Length)
        {
            Array.Resize(ref _vectors, (int)Math.Min(Array.MaxLength, Math.Max(needed, 2L * _used)));
        }

        vectors.CopyTo(_vectors.AsSpan(_used));
        _used = needed;
    }

    /// <inheritdoc/>
    public SearchResults Search(ReadOnlySpan<float> queries, int top)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(top, 1);
        var results = new SearchResults(Rows.Count(queries, _queryDimension, nameof(queries)), top);
        var scores = new float[Math.Min(Count, BlockRows)];
        for (var query = 0; query < results.Queries; query++)
        {
            SearchOne(queries.Slice(query * _queryDimension, _queryDimension), results, query, scores);
        }

        return results;
    }

    /// <summary>Nothing to free.</summary>
    public void Dispose()
    {
    }

    private void SearchOne(ReadOnlySpan<float> query, SearchResults results, int number, float[] scores)
    {
        // The worst hit on top, so that a better one takes its place.
        var best = new PriorityQueue<long, (float Score, long Id)>(Comparer<(float Score, long Id)>.Create(WorstFirst));
        for (var first = 0; first < Count; first += BlockRows)
        {
            var rows = (int)Math.Min(BlockRows, Count - first);
            var stored = _vectors.AsSpan(first * Dimension, rows * Dimension);
            if (_side == IndexedSide.Images)
            {
                _scorer.Score(stored, query, _dimension, scores.AsSpan(0, rows));
            }
            else
            {
                _scorer.Score(query, stored, _dimension, scores.AsSpan(0, rows));
            }

            for (var row = 0; row < rows; row++)
            {
                best.Enqueue(first + row, (scores[row], first + row));
                if (best.Count > results.Top)
                {
                    best.Dequeue();
                }
            }
        }

        var at = (long)number * results.Top;
        Array.Fill(results.AllIds, -1, (int)at + best.Count, results.Top - best.Count);
        for (var place = best.Count - 1; place >= 0; place--)
        {
            best.TryDequeue(out var id, out var key);
            results.AllIds[at + place] = id;
            results.AllScores[at + place] = key.Score;
        }
    }

    private static int WorstFirst((float Score, long Id) a, (float Score, long Id) b)
    {
        // float.CompareTo puts NaN below every number.
        var byScore = a.Score.CompareTo(b.Score);
        return byScore != 0 ? byScore : b.Id.CompareTo(a.Id);
    }
}

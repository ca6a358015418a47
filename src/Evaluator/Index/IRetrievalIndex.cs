namespace Colony.Evaluator;

/// <summary>
/// A searchable set of embeddings. Vectors get ids from 0 in the order of being added. Searches may run at the same
/// time as each other, not as an <see cref="Add"/>.
/// </summary>
public interface IRetrievalIndex : IDisposable
{
    /// <summary>Values in one embedding.</summary>
    int Dimension { get; }

    /// <summary>Embeddings added so far.</summary>
    long Count { get; }

    /// <summary>Appends embeddings, row after row.</summary>
    /// <param name="vectors">A whole number of rows of <see cref="Dimension"/> values.</param>
    /// <exception cref="ArgumentException">The length is no multiple of the dimension.</exception>
    void Add(ReadOnlySpan<float> vectors);

    /// <summary>The best embeddings for each query, highest score first.</summary>
    /// <param name="queries">A whole number of rows of <see cref="Dimension"/> values.</param>
    /// <param name="top">Hits wanted for each query, at least 1.</param>
    SearchResults Search(ReadOnlySpan<float> queries, int top);
}

/// <summary>Hits of a search: for each query <see cref="Top"/> places, best first.</summary>
public sealed class SearchResults
{
    internal SearchResults(int queries, int top)
    {
        Queries = queries;
        Top = top;
        AllIds = new long[(long)queries * top];
        AllScores = new float[(long)queries * top];
    }

    /// <summary>Number of queries.</summary>
    public int Queries { get; }

    /// <summary>Places for each query.</summary>
    public int Top { get; }

    internal long[] AllIds { get; }

    internal float[] AllScores { get; }

    /// <summary>
    /// Ids of a query's hits; -1 where the index held (or, if approximate, found) fewer than asked for.
    /// </summary>
    public ReadOnlySpan<long> Ids(int query) => AllIds.AsSpan(query * Top, Top);

    /// <summary>Scores of a query's hits; meaningless where the id is -1.</summary>
    public ReadOnlySpan<float> Scores(int query) => AllScores.AsSpan(query * Top, Top);
}

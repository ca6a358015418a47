namespace Colony.Evaluator;

/// <summary>Brings everything to length 1 on its way into another index, so that inner products are cosines.</summary>
internal sealed class NormalizingIndex(IRetrievalIndex inner) : IRetrievalIndex
{
    public int Dimension => inner.Dimension;

    public long Count => inner.Count;

    public void Add(ReadOnlySpan<float> vectors) => inner.Add(Normalized(vectors, Dimension));

    public SearchResults Search(ReadOnlySpan<float> queries, int top) =>
        inner.Search(Normalized(queries, Dimension), top);

    public void Dispose() => inner.Dispose();

    /// <summary>Rows of length 1; rows of zeros stay what they are.</summary>
    internal static float[] Normalized(ReadOnlySpan<float> rows, int dimension)
    {
        var normalized = rows.ToArray();
        for (var first = 0; first + dimension <= normalized.Length; first += dimension)
        {
            var row = normalized.AsSpan(first, dimension);
            var squares = 0.0;
            foreach (var value in row)
            {
                squares += (double)value * value;
            }

            var scale = squares > 0 ? (float)(1 / Math.Sqrt(squares)) : 0;
            foreach (ref var value in row)
            {
                value *= scale;
            }
        }

        return normalized;
    }
}

namespace Colony.Evaluator;

/// <summary>Checks of row-major embeddings.</summary>
internal static class Rows
{
    /// <summary>The number of rows of <paramref name="dimension"/> values in <paramref name="values"/>.</summary>
    public static int Count(ReadOnlySpan<float> values, int dimension, string parameter)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimension, 1);
        return values.Length % dimension == 0
            ? values.Length / dimension
            : throw new ArgumentException(
                $"{values.Length} values are no whole number of rows of {dimension}", parameter);
    }
}

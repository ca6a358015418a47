namespace Colony.Data;

/// <summary>A table of given word vectors (GloVe): an <c>.npy</c> of V×W and a text file with the word of each
/// row.</summary>
internal sealed class WordVectors
{
    /// <summary>The row that stands for a word without a vector.</summary>
    public const int Unknown = -1;

    private readonly float[] _table;
    private readonly Dictionary<string, int> _rows;

    private WordVectors(float[] table, Dictionary<string, int> rows, int dim)
    {
        _table = table;
        _rows = rows;
        Dim = dim;
    }

    public int Dim { get; }

    public int Count => _rows.Count;

    public static WordVectors Read(string tablePath, string wordsPath)
    {
        using var file = NpyFile.Open(tablePath).WithShape([-1, -1], "a table of words by dimensions");
        var words = TextFile.ReadLines(wordsPath);
        if (words.Length != file.Rows)
        {
            throw DataException.In(
                wordsPath, $"has {words.Length} words and {tablePath} {file.Rows} rows; each row needs its word");
        }

        var rows = new Dictionary<string, int>(words.Length, StringComparer.Ordinal);
        var dim = (int)file.RowLength;
        var table = new float[words.Length * (long)dim];
        for (var row = 0; row < words.Length; row++)
        {
            if (!rows.TryAdd(words[row], row))
            {
                throw DataException.In(wordsPath, $"line {row + 1}: the word '{words[row]}' is there twice");
            }

            file.ReadRow(row, table.AsSpan(row * dim, dim));
        }

        return new WordVectors(table, rows, dim);
    }

    public int RowOf(string word) => _rows.GetValueOrDefault(word, Unknown);

    public void CopyTo(int row, Span<float> destination)
    {
        if (row == Unknown)
        {
            destination.Clear();
            return;
        }

        _table.AsSpan(row * Dim, Dim).CopyTo(destination);
    }
}

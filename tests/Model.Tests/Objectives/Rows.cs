using Colony.Torch;

namespace Colony.Model.Tests;

/// <summary>Small matrices for the tests of objectives.</summary>
internal static class Rows
{
    /// <summary>A float64 tensor of these rows.</summary>
    public static Tensor Matrix(double[,] rows) =>
        torch.tensor(rows.Cast<double>().ToArray(), [rows.GetLength(0), rows.GetLength(1)]);

    public static IEnumerable<(int I, int J)> Cells(int rows, int columns) =>
        from i in Enumerable.Range(0, rows) from j in Enumerable.Range(0, columns) select (i, j);

    /// <summary>Random embeddings of <paramref name="count"/> pairs, float64; the caller disposes them.</summary>
    public static NamedTensors Pairs(Random random, int count, int width)
    {
        var pairs = new NamedTensors();
        foreach (var name in new[] { TensorNames.ImageEmbeddings, TensorNames.CaptionEmbeddings })
        {
            var values = new double[count, width];
            foreach (var (i, j) in Cells(count, width))
            {
                values[i, j] = (random.NextDouble() * 2) - 1;
            }

            pairs.Add(name, Matrix(values));
        }

        return pairs;
    }
}

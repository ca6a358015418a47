using Colony.Torch;

namespace Colony.Model;

/// <summary>A compared batch in host memory, as miners look at it.</summary>
internal sealed class MiningView
{
    private readonly double[] values;
    private readonly bool[] positives;
    private readonly bool[] negatives;

    /// <param name="batch">The rows.</param>
    /// <param name="distance">How they are compared.</param>
    public MiningView(MetricBatch batch, PairDistance distance)
    {
        using var scope = torch.NewDisposeScope();
        using var unrecorded = torch.no_grad();
        values = distance.Matrix(batch.Rows, batch.Others).to(ScalarType.Float64).ToArray<double>();
        positives = batch.Positives.ToArray<bool>();
        negatives = batch.Negatives.ToArray<bool>();
        (Rows, Columns) = ((int)batch.Positives.shape[0], (int)batch.Positives.shape[1]);
        MoreIsCloser = distance.MoreIsCloser;
    }

    public int Rows { get; }

    public int Columns { get; }

    private bool MoreIsCloser { get; }

    /// <summary>The positives of a row, in rising order.</summary>
    public IEnumerable<int> Positives(int row) => Marked(positives, row);

    /// <summary>The negatives of a row, in rising order.</summary>
    public IEnumerable<int> Negatives(int row) => Marked(negatives, row);

    /// <summary>The entry as it was computed.</summary>
    public double Value(int row, int column) => values[(row * Columns) + column];

    /// <summary>The entry as something of which less is closer.</summary>
    public double Distance(int row, int column) => MoreIsCloser ? -Value(row, column) : Value(row, column);

    private IEnumerable<int> Marked(bool[] marks, int row) =>
        Enumerable.Range(0, Columns).Where(column => marks[(row * Columns) + column]);
}

using Colony.Torch;

namespace Colony.Model;

/// <summary>Every (anchor, positive, negative) shall keep the margin (Balntas et al. 2016).</summary>
internal sealed class TripletMargin(TripletOptions options) : MetricObjective(options.Pairs)
{
    private protected override Tensor Cost(MetricBatch batch, MinedTuples? mined)
    {
        var matrix = Distance.Matrix(batch.Rows, batch.Others);
        return mined is null ? All(batch, matrix) : Chosen(batch, matrix, mined.AsTriplets());
    }

    /// <summary>Each positive pair with every column at once, of which the negatives count.</summary>
    private Tensor All(MetricBatch batch, Tensor matrix)
    {
        var marks = batch.Positives.ToArray<bool>();
        long[] pairs = [.. Enumerable.Range(0, marks.Length).Where(i => marks[i]).Select(i => (long)i)];
        var anchors = Index(matrix, pairs.Select(pair => pair / matrix.shape[1]));
        var positives = Index(matrix, pairs.Select(pair => pair % matrix.shape[1]));
        var own = matrix.reshape(-1).index_select(0, Index(matrix, pairs)).unsqueeze(1);
        var other = matrix.index_select(0, anchors);
        if (options.Swap)
        {
            other = Distance.Closer(
                other, Distance.Matrix(batch.Others, batch.Others).index_select(0, positives));
        }

        var counts = batch.Negatives.index_select(0, anchors).to(matrix.dtype);
        return Masked.Mean(Violation(own, other), counts, MeanOfNonzero);
    }

    private Tensor Chosen(MetricBatch batch, Tensor matrix, MinedTuples triplets)
    {
        var own = Entries(matrix, triplets.PositiveAnchors, triplets.Positives);
        var other = Entries(matrix, triplets.NegativeAnchors, triplets.Negatives);
        if (options.Swap)
        {
            other = Distance.Closer(
                other, Entries(Distance.Matrix(batch.Others, batch.Others), triplets.Positives, triplets.Negatives));
        }

        return Masked.Mean(Violation(own, other), null, MeanOfNonzero);
    }

    private Tensor Violation(Tensor own, Tensor other)
    {
        var violation = Distance.Excess(own, other) + options.Margin;
        return options.Smooth ? Masked.Softplus(violation) : violation.clamp(min: 0);
    }

    private static Tensor Entries(Tensor matrix, int[] rows, int[] columns) => matrix.reshape(-1).index_select(
        0, Index(matrix, rows.Zip(columns, (row, column) => (row * matrix.shape[1]) + column)));

    private static Tensor Index(Tensor matrix, IEnumerable<long> entries) =>
        torch.tensor(entries.ToArray(), device: matrix.device);
}

using Colony.Torch;

namespace Colony.Model;

/// <summary>Rows that are compared with others: those of the same label are positives, the rest negatives. Its tensors
/// live in the caller's scope.</summary>
/// <param name="Rows">[N, D], the anchors.</param>
/// <param name="Others">[M, D]; the same tensor where rows are compared with each other.</param>
/// <param name="Positives">[N, M], bool.</param>
/// <param name="Negatives">[N, M], bool.</param>
internal sealed record MetricBatch(Tensor Rows, Tensor Others, Tensor Positives, Tensor Negatives)
{
    /// <summary>Rows compared with each other; none is its own positive.</summary>
    public static MetricBatch Of(Tensor rows, Tensor labels)
    {
        var same = labels.unsqueeze(1).eq(labels.unsqueeze(0));
        var self = torch.eye(rows.shape[0], dtype: ScalarType.Bool, device: rows.device);
        return new MetricBatch(rows, rows, same.masked_fill(self, 0), same.logical_not());
    }

    /// <summary>Rows compared with those of another set.</summary>
    public static MetricBatch Of(Tensor rows, Tensor labels, Tensor others, Tensor otherLabels)
    {
        var same = labels.unsqueeze(1).eq(otherLabels.unsqueeze(0));
        return new MetricBatch(rows, others, same, same.logical_not());
    }

    /// <summary>B captions and their B images as one set of 2B rows, captions first.</summary>
    public static MetricBatch Together(Tensor captions, Tensor images)
    {
        var labels = Labels(captions);
        return Of(torch.cat([captions, images], 0), torch.cat([labels, labels], 0));
    }

    /// <summary>Rows of one modality compared with those of the other, of which row i belongs to row i.</summary>
    public static MetricBatch Across(Tensor rows, Tensor others) =>
        Of(rows, Labels(rows), others, Labels(others));

    private static Tensor Labels(Tensor rows) =>
        torch.arange(rows.shape[0], dtype: ScalarType.Int64, device: rows.device);
}

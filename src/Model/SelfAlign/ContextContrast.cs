using Colony.Torch;

namespace Colony.Model;

/// <summary>The context level (CRA, models.md 5B): each local feature of a sample against its global feature of the
/// other modality, with the hardest local features of all other samples as negatives.</summary>
internal static class ContextContrast
{
    private const double Masked = -10;

    /// <param name="keys">Local features [B, N, E], of length 1. Rows of zeros, which only the gather puts behind a
    /// shorter slice, do not count.</param>
    /// <param name="queries">Global features [B, E], of length 1.</param>
    /// <param name="temperature">Divides the scores.</param>
    /// <param name="negatives">How many negatives of a query count, the hardest; 0: all. A sample's own features are
    /// among the candidates, at a score of -10.</param>
    public static Tensor Loss(Tensor keys, Tensor queries, double temperature, int negatives)
    {
        using var scope = torch.NewDisposeScope();
        var (batch, count) = (keys.shape[0], keys.shape[1]);
        var absent = keys.detach().abs().sum(2).eq(0);
        var all = torch.matmul(queries, keys.reshape(batch * count, -1).transpose(0, 1)) / temperature;
        var own = torch.eye(batch, dtype: ScalarType.Bool, device: keys.device).unsqueeze(2)
            .expand(batch, batch, count).reshape(batch, batch * count);
        var others = all.masked_fill(own, Masked)
            .masked_fill(absent.view(1, batch * count), double.NegativeInfinity);
        if (negatives > 0)
        {
            others = others.topk(Math.Min(negatives, batch * count), 1).values;
        }

        var positive = torch.bmm(keys, queries.unsqueeze(2)).squeeze(2) / temperature;
        var costs = (positive.exp() + others.exp().sum(1, true)).log() - positive;
        var present = absent.logical_not().sum().to_type(costs.dtype);
        return scope.MoveToOuter(costs.masked_fill(absent, 0).sum() / present);
    }
}

using Colony.Torch;

namespace Colony.Model;

/// <summary>Sums and means over marked or counted entries, without infinities, which would spoil gradients.</summary>
internal static class Masked
{
    /// <summary>Far below every exponent, and finite.</summary>
    private const double Lowest = -1e30;

    /// <summary>ln(1 + e^x), without overflow.</summary>
    public static Tensor Softplus(Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        return scope.MoveToOuter(torch.stack([x, torch.zeros_like(x)], -1).logsumexp(-1));
    }

    /// <summary>[N, M] to [N, 1]: the logarithm of the sum of e^x over the entries of a row, each as often as it
    /// counts; far below everything else for a row without any.</summary>
    public static Tensor LogSumExp(Tensor x, Tensor counts)
    {
        using var scope = torch.NewDisposeScope();
        var often = counts.clamp(min: 1).log();
        return scope.MoveToOuter((x.masked_fill(counts.eq(0), Lowest) + often).logsumexp(1, keepdim: true));
    }

    /// <summary>The mean of costs, each as often as it counts; 0 when there are none.</summary>
    /// <param name="costs">At least 0.</param>
    /// <param name="counts">Of the same shape; null: each once.</param>
    /// <param name="nonzero">Only those above 0 are averaged over.</param>
    public static Tensor Mean(Tensor costs, Tensor? counts, bool nonzero)
    {
        using var scope = torch.NewDisposeScope();
        var weights = counts ?? torch.ones_like(costs);
        var counted = nonzero ? weights * costs.detach().gt(0).to(costs.dtype) : weights;
        return scope.MoveToOuter((costs * weights).sum() / counted.sum().clamp(min: 1));
    }
}

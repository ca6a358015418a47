using Colony.Torch;

namespace Colony.Model;

/// <summary>Mean of the k largest values of every feature.</summary>
internal static class MaxKPool
{
    /// <summary>As published (vse_infty, HREM): a sample with fewer than k elements lowers k for itself and for all
    /// samples after it in the slice.</summary>
    /// <param name="features">[b, N, d].</param>
    /// <param name="lengths">[b] int64, each from 1 to N.</param>
    /// <param name="mask">The same as a mask.</param>
    /// <param name="k">How many, at least 1.</param>
    /// <returns>[b, d].</returns>
    public static Tensor Pool(Tensor features, Tensor lengths, PaddingMask mask, int k)
    {
        using var scope = torch.NewDisposeScope();
        var most = Math.Min(k, features.shape[1]);
        var open = mask.Padded is { } padded
            ? features.masked_fill(padded.unsqueeze(2), double.NegativeInfinity)
            : features;
        var largest = open.topk(most, 1).values;
        var counts = Counts(lengths, most).to(features.device);
        var beyond = torch.arange(most, dtype: ScalarType.Int64, device: features.device).ge(counts.unsqueeze(1));
        var sum = largest.masked_fill(beyond.unsqueeze(2), 0).sum(1);
        return scope.MoveToOuter(sum / counts.to_type(features.dtype).unsqueeze(1));
    }

    private static Tensor Counts(Tensor lengths, long k)
    {
        var counts = lengths.ToArray<long>();
        for (var i = 0; i < counts.Length; i++)
        {
            k = Math.Min(k, counts[i]);
            counts[i] = k;
        }

        return torch.tensor(counts, [counts.Length]);
    }
}

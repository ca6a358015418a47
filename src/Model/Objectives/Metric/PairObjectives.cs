using Colony.Torch;

namespace Colony.Model;

/// <summary>Positives drawn to the one margin, negatives pushed to the other; each part averaged for itself (Hadsell et
/// al. 2006).</summary>
internal sealed class Contrastive(ContrastiveOptions options) : PairObjective(options.Pairs)
{
    private protected override Tensor Cost(Tensor matrix, Tensor positives, Tensor negatives)
    {
        var pull = Distance.Beyond(matrix, options.PositiveMargin).clamp(min: 0);
        var push = Distance.Beyond(matrix, options.NegativeMargin).neg().clamp(min: 0);
        return Masked.Mean(pull, positives, MeanOfNonzero) + Masked.Mean(push, negatives, MeanOfNonzero);
    }
}

/// <summary>Cross-entropy of each positive among itself and its row's negatives, by cosine over temperature. Across
/// modalities that is InfoNCE, as CLIP trains with it.</summary>
internal sealed class NtXent(NtXentOptions options) : PairObjective(options.Pairs)
{
    private protected override Tensor Cost(Tensor matrix, Tensor positives, Tensor negatives)
    {
        var logits = Distance.Similarities(matrix) / options.Temperature;
        return Masked.Mean(
            Masked.Softplus(Masked.LogSumExp(logits, negatives) - logits), positives, MeanOfNonzero);
    }
}

/// <summary>Soft versions of both hinges with sharpness of their own (Wang et al. 2019).</summary>
internal sealed class MultiSimilarity(MultiSimilarityOptions options) : PairObjective(options.Pairs)
{
    private protected override Tensor Cost(Tensor matrix, Tensor positives, Tensor negatives)
    {
        var far = Distance.Beyond(matrix, options.Base);
        return Masked.Mean(
            Side(far, positives, options.Alpha) + Side(far.neg(), negatives, options.Beta), null, MeanOfNonzero);

        static Tensor Side(Tensor violation, Tensor counts, double sharpness) => Masked.Softplus(
            Masked.LogSumExp(violation * sharpness, counts.gt(0).to(counts.dtype))) / sharpness;
    }
}

/// <summary>Pairs weighted by how far they are from their optimum (Sun et al. 2020); the weights have no
/// gradient.</summary>
internal sealed class Circle(CircleOptions options) : PairObjective(options.Pairs)
{
    private protected override Tensor Cost(Tensor matrix, Tensor positives, Tensor negatives)
    {
        var (own, other) = (Marks(positives), Marks(negatives));
        var pull = (1 + options.Margin - matrix.detach()).clamp(min: 0) * (1 - options.Margin - matrix);
        var push = (matrix.detach() + options.Margin).clamp(min: 0) * (matrix - options.Margin);
        var both = Masked.LogSumExp(pull * options.Gamma, own) + Masked.LogSumExp(push * options.Gamma, other);
        var rows = own.sum(1, true).gt(0).logical_and(other.sum(1, true).gt(0));
        return Masked.Mean(Masked.Softplus(both).masked_fill(rows.logical_not(), 0), null, MeanOfNonzero);

        Tensor Marks(Tensor counts) => counts.gt(0).to(matrix.dtype);
    }
}

/// <summary>The mean over a row's positives of their cross-entropy among all others (Khosla et al. 2020).</summary>
internal sealed class SupCon(SupConOptions options) : PairObjective(options.Pairs)
{
    private protected override Tensor Cost(Tensor matrix, Tensor positives, Tensor negatives)
    {
        var own = positives.gt(0).to(matrix.dtype);
        if (own.sum().ToDouble() == 0 || negatives.sum().ToDouble() == 0)
        {
            return (matrix * 0).sum();
        }

        var logits = Distance.Similarities(matrix) / options.Temperature;
        var costs = Masked.LogSumExp(logits, (positives + negatives).gt(0).to(matrix.dtype)) - logits;
        var rows = (own * costs).sum(1) / own.sum(1).clamp(min: 1);
        return Masked.Mean(rows, null, MeanOfNonzero);
    }
}

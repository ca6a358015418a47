using Colony.Torch;

namespace Colony.Model;

/// <summary>How metric losses and miners compare rows: by distances, of which less is closer, or by cosines and
/// products, of which more is (models.md 7.1).</summary>
internal sealed class PairDistance(string kind, bool normalize = true, double power = 1)
{
    public bool MoreIsCloser { get; } = kind switch
    {
        "euclidean" => false,
        "cosine" or "dot" => true,
        _ => throw new ArgumentException($"Unknown distance '{kind}'.", nameof(kind)),
    };

    private bool Normalizes => normalize || kind == "cosine";

    public static PairDistance Of(PairOptions pairs) => new(pairs.Distance, pairs.Normalize, pairs.Power);

    /// <summary>[N, D] and [M, D] to [N, M].</summary>
    public Tensor Matrix(Tensor rows, Tensor others)
    {
        using var scope = torch.NewDisposeScope();
        var (left, right) = Normalizes
            ? (Normalization.Guarded(rows), Normalization.Guarded(others))
            : (rows, others);
        var matrix = MoreIsCloser ? Similarity.Dot(left, right) : torch.cdist(left, right, 2);
        return scope.MoveToOuter(power == 1 ? matrix : matrix.pow(power));
    }

    /// <summary>How much farther <paramref name="x"/> is than <paramref name="y"/>.</summary>
    public Tensor Excess(Tensor x, Tensor y) => MoreIsCloser ? y - x : x - y;

    /// <summary>How much farther a value is than a bound.</summary>
    public Tensor Beyond(Tensor x, double bound)
    {
        using var scope = torch.NewDisposeScope();
        return scope.MoveToOuter(MoreIsCloser ? (x - bound).neg() : x - bound);
    }

    /// <summary>The closer of two, entry by entry.</summary>
    public Tensor Closer(Tensor x, Tensor y) => MoreIsCloser ? x.maximum(y) : x.minimum(y);

    /// <summary>Larger is closer: distances with their sign turned.</summary>
    public Tensor Similarities(Tensor matrix) => MoreIsCloser ? matrix + 0 : matrix.neg();

    /// <summary>The score by which pairs are ranked. Rows of length 1 are in the same order by cosine as by
    /// distance.</summary>
    public Tensor Scores(Tensor images, Tensor captions)
    {
        using var scope = torch.NewDisposeScope();
        return scope.MoveToOuter(
            Normalizes ? Similarity.Dot(Normalization.Guarded(images), Normalization.Guarded(captions))
            : MoreIsCloser ? Similarity.Dot(images, captions)
            : torch.cdist(images, captions, 2).neg());
    }
}

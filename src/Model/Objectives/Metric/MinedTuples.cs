using Colony.Torch;

namespace Colony.Model;

/// <summary>The pairs that a miner chose, as row and column numbers. One may be chosen several times and counts as
/// often.</summary>
/// <param name="PositiveAnchors">Rows of the positive pairs.</param>
/// <param name="Positives">Their columns.</param>
/// <param name="NegativeAnchors">Rows of the negative pairs.</param>
/// <param name="Negatives">Their columns.</param>
/// <param name="Aligned">Entry k of all four is one triplet.</param>
internal sealed record MinedTuples(
    int[] PositiveAnchors, int[] Positives, int[] NegativeAnchors, int[] Negatives, bool Aligned)
{
    public static MinedTuples Triplets(IReadOnlyCollection<(int Anchor, int Positive, int Negative)> chosen)
    {
        int[] anchors = [.. chosen.Select(t => t.Anchor)];
        return new MinedTuples(
            anchors, [.. chosen.Select(t => t.Positive)], anchors, [.. chosen.Select(t => t.Negative)], Aligned: true);
    }

    public static MinedTuples Pairs(
        IReadOnlyCollection<(int Anchor, int Other)> positives, IReadOnlyCollection<(int Anchor, int Other)> negatives)
        => new(
            [.. positives.Select(p => p.Anchor)], [.. positives.Select(p => p.Other)],
            [.. negatives.Select(p => p.Anchor)], [.. negatives.Select(p => p.Other)], Aligned: false);

    /// <summary>As triplets: every positive pair with every negative one of its anchor, unless they are
    /// already.</summary>
    public MinedTuples AsTriplets()
    {
        if (Aligned)
        {
            return this;
        }

        var negatives = NegativeAnchors.Zip(Negatives).ToLookup(pair => pair.First, pair => pair.Second);
        return Triplets([.. PositiveAnchors.Zip(Positives).SelectMany(
            pair => negatives[pair.First].Select(negative => (pair.First, pair.Second, negative)))]);
    }

    /// <summary>How often each entry of a matrix was chosen as a positive, and as a negative.</summary>
    public (Tensor Positives, Tensor Negatives) Counts(Tensor matrix)
    {
        var (rows, columns) = ((int)matrix.shape[0], (int)matrix.shape[1]);
        return (Count(PositiveAnchors, Positives), Count(NegativeAnchors, Negatives));

        Tensor Count(int[] anchors, int[] others)
        {
            var counts = new float[rows * columns];
            foreach (var (anchor, other) in anchors.Zip(others))
            {
                counts[(anchor * columns) + other]++;
            }

            using var scope = torch.NewDisposeScope();
            return scope.MoveToOuter(torch.tensor(counts, [rows, columns]).to(matrix.device).to(matrix.dtype));
        }
    }
}

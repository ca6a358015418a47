using Colony.Torch;

namespace Colony.Model;

/// <summary>HREM's default matching loss (models.md 6B): for every anchor and positive one negative, drawn with weights
/// by distance (Wu et al. 2017).</summary>
internal sealed class SampledTriplets(double margin, double farthest)
{
    private const double Nearest = 0.5;

    /// <summary>The dimension in the weights' formula, fixed in the published code whatever the embedding's.</summary>
    private const double Dimension = 512;

    private const double Softening = 1e-20;

    /// <summary>Draws an index for each row of weights; a test puts recorded draws here.</summary>
    public Func<Tensor, Tensor> Draw { get; set; } = FromGenerator;

    /// <summary>Both directions added.</summary>
    /// <param name="images">[B, E], of length 1.</param>
    /// <param name="captions">[B, E], of length 1.</param>
    /// <param name="same">[B, B] bool: pairs of equal image.</param>
    public Tensor Loss(Tensor images, Tensor captions, Tensor same)
    {
        using var scope = torch.NewDisposeScope();
        var scores = Similarity.Dot(images, captions);
        return scope.MoveToOuter(Side(scores, same) + Side(scores.transpose(0, 1), same.transpose(0, 1)));
    }

    /// <summary>0 where an anchor has no admissible negative, as the published code makes of that error.</summary>
    private Tensor Side(Tensor scores, Tensor same)
    {
        var (anchors, positives) = Pairs(same);
        var weights = Weights(scores, same).index_select(0, anchors);
        if (!weights.sum(1).gt(0).all().ToBoolean())
        {
            return (scores * 0).sum();
        }

        var negatives = Draw(weights);
        var rows = scores.index_select(0, anchors);
        var close = rows.gather(1, positives.unsqueeze(1));
        var far = rows.gather(1, negatives.unsqueeze(1));
        return (far - close + margin).clamp(min: 0).sum();
    }

    private Tensor Weights(Tensor scores, Tensor same)
    {
        using var unrecorded = torch.no_grad();
        var negative = same.logical_not().to_type(scores.dtype);
        var distances = (2 - (scores * 2)).clamp(min: 0).sqrt().clamp(min: Nearest);
        var logs = (distances.log() * (2 - Dimension))
            - ((1 - (distances.square() * 0.25)).log() * ((Dimension - 3) / 2));
        var finite = logs.masked_fill(logs.isfinite().logical_not(), 0) * negative;
        var weights = (finite - finite.max(1, true).values).exp() * negative
            * distances.lt(farthest).to_type(scores.dtype);
        return weights / (weights.sum(1, true) + Softening);
    }

    /// <summary>Row and column of every true entry, row by row.</summary>
    private static (Tensor Rows, Tensor Columns) Pairs(Tensor same)
    {
        var (flags, size) = (same.ToArray<bool>(), same.shape[1]);
        var places = Enumerable.Range(0, flags.Length).Where(at => flags[at]).Select(at => (long)at).ToArray();
        return (
            torch.tensor(Array.ConvertAll(places, at => at / size), [places.Length]).to(same.device),
            torch.tensor(Array.ConvertAll(places, at => at % size), [places.Length]).to(same.device));
    }

    /// <summary>One index a row, in host memory by torch's seeded generator.</summary>
    private static Tensor FromGenerator(Tensor weights)
    {
        var (count, size) = ((int)weights.shape[0], (int)weights.shape[1]);
        var draws = torch.rand([count], ScalarType.Float64).ToArray<double>();
        var shares = weights.to_type(ScalarType.Float64).ToArray<double>();
        var chosen = new long[count];
        for (var i = 0; i < count; i++)
        {
            var row = shares.AsSpan(i * size, size);
            double total = 0;
            foreach (var share in row)
            {
                total += share;
            }

            var left = draws[i] * total;
            for (var j = 0; j < size; j++)
            {
                if (row[j] > 0)
                {
                    chosen[i] = j;
                    left -= row[j];
                    if (left < 0)
                    {
                        break;
                    }
                }
            }
        }

        return torch.tensor(chosen, [count]).to(weights.device);
    }
}

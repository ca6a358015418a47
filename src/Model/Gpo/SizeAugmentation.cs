using Colony.Torch;

namespace Colony.Model;

/// <summary>
/// Random removal of regions and change of words while training, as VSE-infinity and HREM do it (models.md 6A).
/// All draws are torch's, in host memory, so that a slice's seed decides them on every device.
/// </summary>
internal static class SizeAugmentation
{
    private const double Masked = 0.5;
    private const double Replaced = 0.1;

    /// <summary>Keeps each valid region with probability 1 - <paramref name="drop"/>, at least one, and moves those
    /// that stay to the front; zeros follow. The number of rows stays what it was.</summary>
    /// <param name="features">[b, R, D].</param>
    /// <param name="lengths">[b] int64.</param>
    /// <param name="drop">The probability of removal.</param>
    public static (Tensor Features, Tensor Lengths) Regions(Tensor features, Tensor lengths, double drop)
    {
        var (batch, regions) = (features.shape[0], features.shape[1]);
        var draws = torch.rand([batch, regions]).ToArray<float>();
        var counts = lengths.ToArray<long>();
        var places = new long[batch * regions];
        for (var i = 0; i < batch; i++)
        {
            var row = places.AsSpan((int)(i * regions), (int)regions);
            var kept = 0;
            for (var r = 0; r < counts[i]; r++)
            {
                if (draws[(i * regions) + r] > drop)
                {
                    row[kept++] = r;
                }
            }

            counts[i] = Math.Max(1, kept);
        }

        var left = torch.tensor(counts, [batch]).to(features.device);
        var index = torch.tensor(places, [batch, regions, 1]).to(features.device).expand(-1, -1, features.shape[2]);
        var padded = torch.arange(regions, dtype: ScalarType.Int64, device: features.device).ge(left.unsqueeze(1));
        return (features.gather(1, index).masked_fill(padded.unsqueeze(2), 0), left);
    }

    /// <summary>Changes each word between the first piece and the last with probability <paramref name="change"/>: of
    /// those, half have [MASK] for each of their pieces, a tenth any piece for each, the others vanish.</summary>
    /// <param name="ids">[b, T] int64.</param>
    /// <param name="lengths">[b] int64.</param>
    /// <param name="change">The probability of a change.</param>
    /// <param name="vocabulary">Ids there are.</param>
    /// <param name="pieces">What is known of them.</param>
    public static (Tensor Ids, Tensor Lengths) Words(
        Tensor ids, Tensor lengths, double change, int vocabulary, WordPieces pieces)
    {
        var (batch, size) = (ids.shape[0], (int)ids.shape[1]);
        var draws = torch.rand([batch, size, 2]).ToArray<float>();
        var (before, counts) = (ids.ToArray<long>(), lengths.ToArray<long>());
        var after = new long[before.Length];
        for (var i = 0; i < batch; i++)
        {
            var kept = 0;
            var chosen = 1.0;
            for (var t = 0; t < counts[i]; t++)
            {
                // A piece that goes on a word shares the fate that was drawn for the word's first.
                var at = (i * size) + t;
                var inner = t > 0 && t < counts[i] - 1;
                chosen = !inner ? 1
                    : t > 1 && pieces.Continuations.Contains((int)before[at]) ? chosen
                    : draws[2 * at] / change;
                if (chosen >= 1)
                {
                    after[(i * size) + kept++] = before[at];
                }
                else if (chosen < Masked + Replaced)
                {
                    var any = Math.Min(vocabulary - 1, (int)(draws[(2 * at) + 1] * vocabulary));
                    after[(i * size) + kept++] = chosen < Masked ? pieces.Mask : any;
                }
            }

            counts[i] = kept;
        }

        var longest = counts.Length == 0 ? 1 : counts.Max();
        return (torch.tensor(after, [batch, size]).narrow(1, 0, longest).contiguous().to(ids.device),
            torch.tensor(counts, [batch]).to(ids.device));
    }
}

namespace Colony.Model;

/// <summary>Chooses pairs or triplets of a batch without gradient. A pure function of it, so the same on every
/// worker.</summary>
internal sealed class Miner(PairDistance distance, Func<MiningView, MinedTuples> rule)
{
    public MinedTuples Mine(MetricBatch batch) => rule(new MiningView(batch, distance));
}

/// <summary>The miners of pytorch-metric-learning 2.8.1 (models.md 7.3), tuples in its order.</summary>
internal static class Miners
{
    /// <summary>The miner that the options name; null for none.</summary>
    public static Miner? Of(PairOptions pairs)
    {
        Func<MiningView, MinedTuples>? rule = pairs.Miner switch
        {
            "none" => null,
            "batch_hard" => BatchHard,
            "violating" => view => Triplets(view, gap => gap <= pairs.MinerMargin),
            "hard" => view => Triplets(view, gap => gap <= pairs.MinerMargin && gap <= 0),
            "semi_hard" => view => Triplets(view, gap => gap > 0 && gap <= pairs.MinerMargin),
            "easy" => view => Triplets(view, gap => gap > pairs.MinerMargin),
            "multi_similarity" => view => MultiSimilarity(view, pairs.MinerEpsilon),
            _ => throw new ArgumentException($"Unknown miner '{pairs.Miner}'.", nameof(pairs)),
        };
        var published = pairs.Miner == "multi_similarity" ? "cosine" : "euclidean";
        return rule is null ? null : new Miner(new PairDistance(pairs.MinerDistance ?? published), rule);
    }

    /// <summary>For each row that has both, the farthest positive and the nearest negative.</summary>
    private static MinedTuples BatchHard(MiningView view)
    {
        var chosen = new List<(int, int, int)>();
        for (var row = 0; row < view.Rows; row++)
        {
            var anchor = row;
            if (view.Positives(row).Any() && view.Negatives(row).Any())
            {
                chosen.Add((row,
                    view.Positives(row).MaxBy(column => view.Distance(anchor, column)),
                    view.Negatives(row).MinBy(column => view.Distance(anchor, column))));
            }
        }

        return MinedTuples.Triplets(chosen);
    }

    /// <summary>Triplets by how much farther their negative is than their positive.</summary>
    private static MinedTuples Triplets(MiningView view, Func<double, bool> wanted)
    {
        var chosen = new List<(int, int, int)>();
        for (var row = 0; row < view.Rows; row++)
        {
            int[] negatives = [.. view.Negatives(row)];
            foreach (var positive in view.Positives(row))
            {
                var own = view.Distance(row, positive);
                foreach (var negative in negatives)
                {
                    if (wanted(view.Distance(row, negative) - own))
                    {
                        chosen.Add((row, positive, negative));
                    }
                }
            }
        }

        return MinedTuples.Triplets(chosen);
    }

    /// <summary>Positives that are not nearer than the nearest negative by more than epsilon, and negatives that are
    /// not farther than the farthest positive by more; within a row by rising value.</summary>
    private static MinedTuples MultiSimilarity(MiningView view, double epsilon)
    {
        var (positives, negatives) = (new List<(int, int)>(), new List<(int, int)>());
        for (var row = 0; row < view.Rows; row++)
        {
            var anchor = row;
            int[] same = [.. view.Positives(row).OrderBy(column => view.Value(anchor, column))];
            int[] other = [.. view.Negatives(row).OrderBy(column => view.Value(anchor, column))];
            if (same.Length == 0 || other.Length == 0)
            {
                continue;
            }

            var nearest = other.Min(column => view.Distance(anchor, column));
            var farthest = same.Max(column => view.Distance(anchor, column));
            positives.AddRange(same
                .Where(column => view.Distance(anchor, column) + epsilon > nearest)
                .Select(column => (anchor, column)));
            negatives.AddRange(other
                .Where(column => view.Distance(anchor, column) - epsilon < farthest)
                .Select(column => (anchor, column)));
        }

        return MinedTuples.Pairs(positives, negatives);
    }
}

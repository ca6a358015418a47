namespace Colony.Model.Tests;

/// <summary>The settings behind the case names of the metric losses' golden files, as the golden README gives them;
/// files hold numbers only.</summary>
internal static class MetricCases
{
    private static readonly Dictionary<string, (string Miner, string? Distance, double Margin)> MinerNames = new()
    {
        ["batchhard"] = ("batch_hard", null, 0.2),
        ["batchhard_cosine"] = ("batch_hard", "cosine", 0.2),
        ["triplet_all"] = ("violating", null, 0.2),
        ["triplet_hard"] = ("hard", null, 0.2),
        ["triplet_semihard"] = ("semi_hard", null, 0.2),
        ["semihard"] = ("semi_hard", null, 0.2),
        ["triplet_easy"] = ("easy", null, 0.2),
        ["triplet_semihard_cosine"] = ("semi_hard", "cosine", 0.1),
        ["multisimilarity"] = ("multi_similarity", null, 0),
        ["multisimilarity_e03"] = ("multi_similarity", null, 0),
        ["multisimilarity_lp"] = ("multi_similarity", "euclidean", 0),
    };

    /// <summary>The miner of a case, as options of a loss.</summary>
    public static PairOptions WithMiner(PairOptions pairs, string name)
    {
        Assert.True(MinerNames.TryGetValue(name, out var miner), $"no miner is known for {name}");
        return pairs with
        {
            Miner = miner.Miner,
            MinerDistance = miner.Distance,
            MinerMargin = miner.Margin,
            MinerEpsilon = name.EndsWith("_e03", StringComparison.Ordinal) ? 0.3 : 0.1,
        };
    }

    /// <summary>The loss of a case.</summary>
    public static MetricObjective Objective(string name)
    {
        var parts = name.Split("_mined_");
        if (parts.Length == 2)
        {
            var miner = parts[1];
            return parts[0] switch
            {
                "triplet_m02" => new TripletMargin(
                    new TripletOptions { Margin = 0.2, Pairs = WithMiner(new TripletOptions().Pairs, miner) }),
                "multisimilarity" => new MultiSimilarity(
                    new MultiSimilarityOptions { Pairs = WithMiner(new MultiSimilarityOptions().Pairs, miner) }),
                "ntxent" => new NtXent(new NtXentOptions { Pairs = WithMiner(new NtXentOptions().Pairs, miner) }),
                _ => throw new ArgumentException($"no loss is known for {name}", nameof(name)),
            };
        }

        return name.Split('_')[0] switch
        {
            "triplet" => new TripletMargin(Triplet(name)),
            "ntxent" => new NtXent(NtXent(name)),
            "contrastive" => new Contrastive(Contrastive(name)),
            "multisimilarity" => new MultiSimilarity(name == "multisimilarity_other"
                ? new MultiSimilarityOptions { Alpha = 1, Beta = 10, Base = 0.3 }
                : new MultiSimilarityOptions()),
            "circle" => new Circle(name == "circle_m025_g32"
                ? new CircleOptions { Margin = 0.25, Gamma = 32 }
                : new CircleOptions()),
            "supcon" => new SupCon(new SupConOptions { Temperature = name == "supcon_t05" ? 0.5 : 0.1 }),
            _ => throw new ArgumentException($"no loss is known for {name}", nameof(name)),
        };
    }

    private static TripletOptions Triplet(string name)
    {
        var wide = new TripletOptions { Margin = 0.2 };
        var narrow = new TripletOptions { Margin = 0.1 };
        return name switch
        {
            "triplet_default" => new TripletOptions(),
            "triplet_m02" or "triplet_with_reference" or "triplet_text_image" => wide,
            "triplet_cosine" => wide with { Pairs = wide.Pairs with { Distance = "cosine" } },
            "triplet_dot" => wide with { Pairs = wide.Pairs with { Distance = "dot", Normalize = false } },
            "triplet_swap" => wide with { Swap = true },
            "triplet_smooth" => narrow with { Smooth = true },
            "triplet_squared_l2" => narrow with { Pairs = narrow.Pairs with { Power = 2, Normalize = false } },
            "triplet_mean_reducer" => wide with { Pairs = wide.Pairs with { Mean = "all" } },
            _ => throw new ArgumentException($"no loss is known for {name}", nameof(name)),
        };
    }

    private static NtXentOptions NtXent(string name)
    {
        var warm = new NtXentOptions { Temperature = 0.5 };
        return name switch
        {
            "ntxent_default" or "ntxent_with_reference" or "ntxent_text_image" => new NtXentOptions(),
            "ntxent_t05" => warm,
            "ntxent_lp" => warm with { Pairs = warm.Pairs with { Distance = "euclidean" } },
            _ => throw new ArgumentException($"no loss is known for {name}", nameof(name)),
        };
    }

    private static ContrastiveOptions Contrastive(string name)
    {
        var plain = new ContrastiveOptions();
        return name switch
        {
            "contrastive_default" or "contrastive_with_reference" or "contrastive_text_image" => plain,
            "contrastive_cosine" => new ContrastiveOptions
            {
                PositiveMargin = 1, NegativeMargin = 0, Pairs = plain.Pairs with { Distance = "cosine" },
            },
            "contrastive_margins" => plain with { PositiveMargin = 0.3, NegativeMargin = 0.9 },
            "contrastive_l2_regularised" => plain with { Pairs = plain.Pairs with { NormWeight = 0.1 } },
            _ => throw new ArgumentException($"no loss is known for {name}", nameof(name)),
        };
    }
}

using Colony.Testing.Npy;

namespace Colony.Model.Tests;

/// <summary>HREM; the matching losses, which are no numbers, are those whose draws the file has or has not.</summary>
internal static class HremSettings
{
    public static GoldenSetup Of(string file, NpzFile numbers)
    {
        var options = new HremOptions
        {
            EmbedSize = numbers.Whole("embed"),
            Heads = numbers.Whole("nhead"),
            ResidualWeight = numbers.Meta("residual_weight"),
            BertDim = numbers.Whole("bert_hidden"),
            BertLayers = numbers.Whole("bert_layers"),
            BertHeads = numbers.Whole("bert_heads"),
            BertIntermediate = numbers.Whole("bert_intermediate"),
            BertMaxPositions = VseInfinitySettings.BertPositions(numbers),
            Dropout = 0,
            RegionDrop = 0,
            PieceChange = 0,
            PublishedUnusedLayers = true,
        };
        var inputs = new ModelInputs(numbers.Whole("img_dim"), 0, numbers.Whole("vocab"));
        return new GoldenSetup(new HremEncoder(options, inputs), Objective(numbers))
        {
            Options = options,
            Inputs = inputs,
            Names = new Dictionary<string, string>(VseInfinitySettings.Names, StringComparer.Ordinal)
            {
                [TensorNames.Image] = "img_ids",
            },
            ObjectivePrefix = "criterion.",
            Adam = new AdamOptions { WeightDecay = numbers.Meta("weight_decay"), Decoupled = true },
            RateOf = name => VseInfinitySettings.BertRate(name, numbers),
        };
    }

    private static HremObjective Objective(NpzFile numbers)
    {
        var draws = numbers.Under("output/trip_neg_idx_").Count();
        var loss = draws > 0 ? "trip" : "vse";
        var objective = new HremObjective(new HremObjectiveOptions
        {
            EmbedSize = numbers.Whole("embed"),
            Heads = numbers.Whole("nhead"),
            Dropout = 0,
            BaseLoss = loss,
            GraphLoss = loss,
            Margin = numbers.Meta("margin"),
            MaxViolation = numbers.Whole("max_violation") != 0,
            SumEpochs = 0,
            Warmup = numbers.Whole("warmup"),
            MaskWeight = numbers.Meta("mask_weight"),
            Threshold = numbers.Meta("threshold"),
            RelationSize = numbers.Whole("topk"),
            RegularizationWeight = numbers.Meta("reg_loss_weight"),
            NormalizeInput = numbers.Whole("norm_input") != 0,
        });
        var next = 0;
        objective.Triplets.Draw = weights =>
        {
            var index = Arrays.Tensor(numbers[$"output/trip_neg_idx_{next % draws}"]);
            objective.Probe?.Invoke($"trip_weight_{next % draws}", weights);
            objective.Probe?.Invoke($"trip_neg_idx_{next++ % draws}", index);
            return index;
        };
        return objective;
    }
}

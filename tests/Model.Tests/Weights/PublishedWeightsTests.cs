namespace Colony.Model.Tests;

/// <summary>Published names and containers against the names of the models here.</summary>
public sealed class PublishedWeightsTests
{
    private static readonly WeightShape[] Pair =
        [new("img_enc.fc.weight", [4, 3]), new("img_enc.bn.running_mean", [4]), new("txt_enc.embed.weight", [9, 2])];

    [Fact]
    public void A_list_of_two_states_is_images_then_captions()
    {
        var match = PublishedWeights.Match(
            Pair,
            [],
            [
                new("model.0.module.fc.weight", [4, 3]), new("model.0.bn.running_mean", [4]),
                new("model.0.bn.num_batches_tracked", []), new("model.1.module.embed.weight", [9, 2]),
                new("model.2.v_prototypes.weight", [8, 4]), new("optimizer.state.0.exp_avg", [4, 3]),
            ]);
        Assert.Empty(match.Problems);
        Assert.False(match.BertOnly);
        Assert.Equal(
            [
                new("img_enc.fc.weight", "model.0.module.fc.weight"),
                new("img_enc.bn.running_mean", "model.0.bn.running_mean"),
                new WeightPair("txt_enc.embed.weight", "model.1.module.embed.weight"),
            ],
            match.Pairs);
        Assert.Equal(
            [
                "'model.0.bn.num_batches_tracked': a counter that nothing is computed from",
                "'model.2.v_prototypes.weight': another objective's own",
            ],
            match.LeftOut);
    }

    [Fact]
    public void The_third_state_is_the_objectives_and_need_not_be_there()
    {
        const string Name = "region_loss.v_prototypes.weight";
        WeightShape[] own = [.. Pair, new(Name, [8, 4])];
        WeightShape[] two =
        [
            new("model.0.fc.weight", [4, 3]), new("model.0.bn.running_mean", [4]),
            new("model.1.embed.weight", [9, 2]),
        ];
        var three = PublishedWeights.Match(own, [], [.. two, new("model.2.v_prototypes.weight", [8, 4])]);
        Assert.Empty(three.Problems);
        Assert.Empty(three.Initial);
        Assert.Contains(new WeightPair(Name, "model.2.v_prototypes.weight"), three.Pairs);
        Assert.Equal([Name], PublishedWeights.Match(own, [], two).Initial);
        Assert.Equal(
            ["'model.2.v_prototypes.weight' is [9, 4] and should be [8, 4]"],
            PublishedWeights.Match(own, [], [.. two, new("model.2.v_prototypes.weight", [9, 4])]).Problems);
    }

    [Fact]
    public void Own_names_fit_as_they_are()
    {
        var match = PublishedWeights.Match(Pair, [], Pair);
        Assert.Empty(match.Problems);
        Assert.All(match.Pairs, pair => Assert.Equal(pair.Own, pair.Foreign));
    }

    [Fact]
    public void Everything_wrong_is_told_at_once()
    {
        var match = PublishedWeights.Match(
            Pair,
            [],
            [
                new("model.0.fc.weight", [3, 4]), new("model.1.embed.weight", [9, 2]),
                new("model.1.rnn.weight_ih_l0", [6, 2]), new("model.1.module.embed.weight", [9, 2]),
            ]);
        Assert.Equal(
            [
                "'model.0.fc.weight' is [3, 4] and should be [4, 3]",
                "'model.1.rnn.weight_ih_l0' is surplus: the model has nothing of that name",
                "'model.1.module.embed.weight' and 'model.1.embed.weight' are both 'txt_enc.embed.weight' here",
                "'img_enc.bn.running_mean' [4] is missing",
            ],
            match.Problems);
    }

    [Fact]
    public void A_bert_goes_into_the_model_and_leaves_the_rest_alone()
    {
        using var encoder = Samples.Create("tern", Samples.Tern with { Text = "bert", BertLayers = 1 });
        WeightShape[] own =
            [.. encoder.Module.named_parameters().Select(p => new WeightShape(p.name, p.parameter.shape))];
        const string Inner = "img_txt_enc.txt_enc.bert_model.";
        var inner = own.Where(w => w.Name.StartsWith(Inner, StringComparison.Ordinal)).ToArray();
        Assert.NotEmpty(inner);
        string[] rest = [Inner + "pooler.dense.weight"];
        WeightShape[] file =
        [
            .. inner.Select(w => w with { Name = Published(w.Name[Inner.Length..]) }),
            .. inner.Where(w => w.Name.Contains("layer.0.", StringComparison.Ordinal)).Select(w => w with
            {
                Name = Published(w.Name[Inner.Length..].Replace("layer.0.", "layer.11.", StringComparison.Ordinal)),
            }),
            new("bert.embeddings.position_ids", [1, 512]), new("bert.pooler.dense.weight", [8, 8]),
            new("cls.predictions.bias", [40]), new("cls.seq_relationship.weight", [2, 8]),
        ];
        var match = PublishedWeights.Match(own, rest, file);
        Assert.Empty(match.Problems);
        Assert.True(match.BertOnly);
        Assert.Equal(inner.Select(w => w.Name), match.Pairs.Select(p => p.Own));
        Assert.Equal(own.Length - inner.Length, match.Initial.Count);
        Assert.Contains(match.LeftOut, line => line.Contains("layer.11.", StringComparison.Ordinal)
            && line.EndsWith("fewer layers of BERT", StringComparison.Ordinal));
        Assert.Contains("'cls.predictions.bias': the head of BERT's own training", match.LeftOut);

        var without = PublishedWeights.Match(own, rest, [.. file.Skip(1)]);
        Assert.Equal($"'{inner[0].Name}' [{string.Join(", ", inner[0].Shape)}] is missing", without.Problems[0]);

        static string Published(string name) => "bert." + name
            .Replace("LayerNorm.weight", "LayerNorm.gamma", StringComparison.Ordinal)
            .Replace("LayerNorm.bias", "LayerNorm.beta", StringComparison.Ordinal);
    }

    [Fact]
    public void A_bert_for_a_model_without_one_is_refused()
    {
        var match = PublishedWeights.Match(Pair, [], [new("embeddings.word_embeddings.weight", [30522, 768])]);
        Assert.Equal(["the file is a BERT, and the model has none inside"], match.Problems);
    }

    /// <summary>The published names of every golden file fit the models here, with what works save in lists put into
    /// lists.</summary>
    [Theory]
    [InlineData("vsepp_cosine_max.npz")]
    [InlineData("vsrn_f30k_max.npz")]
    [InlineData("camera_max.npz")]
    [InlineData("vse_infty_max.npz")]
    [InlineData("hrem_vse_max.npz")]
    [InlineData("tern_bert_finetune.npz")]
    public void Golden_states_are_taken_whole(string file)
    {
        using var golden = GoldenCase.Open(file);
        WeightShape[] own =
        [
            .. golden.Encoder.Module.named_parameters().Select(p => new WeightShape(p.name, p.parameter.shape)),
            .. golden.Encoder.Module.named_buffers().Select(b => new WeightShape(b.name, b.buffer.shape)),
        ];
        var saved = golden.Numbers.Under("param/").Concat(golden.Numbers.Under("buffer/before/"))
            .Where(pair => !pair.Name.StartsWith("caption_model.", StringComparison.Ordinal)
                && !pair.Name.StartsWith("region_loss.", StringComparison.Ordinal)
                && !pair.Name.StartsWith("criterion.", StringComparison.Ordinal))
            .Select(pair => new WeightShape(
                "model." + pair.Name.Replace("img_enc.", "0.", StringComparison.Ordinal)
                    .Replace("txt_enc.", "1.", StringComparison.Ordinal),
                [.. pair.Array.Shape]))
            .ToArray();
        if (file.StartsWith("tern", StringComparison.Ordinal))
        {
            // TERN's is one module, and its names have both words inside.
            saved = [.. golden.Numbers.Under("param/").Select(pair => new WeightShape(
                "model." + pair.Name, [.. pair.Array.Shape]))];
        }

        var match = PublishedWeights.Match(own, [], saved);
        Assert.Empty(match.Problems);
        Assert.NotEmpty(match.Pairs);
        Assert.All(match.Initial, name => Assert.StartsWith("caption_model.", name, StringComparison.Ordinal));
    }
}

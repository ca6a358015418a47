using Colony.Torch;

namespace Colony.Model.Tests;

public sealed class TernEncoderTests
{
    [Theory]
    [InlineData("features", "first", 0)]
    [InlineData("features", "gru", 1)]
    [InlineData("features", "gated", 0)]
    [InlineData("features", "sum", 0)]
    [InlineData("features", "sum-and-map", 1)]
    [InlineData("words", "first", 1)]
    [InlineData("bert", "first", 0)]
    public void A_sample_alone_and_beside_longer_ones_has_one_embedding(string text, string aggregation, int textLayers)
    {
        using var scope = torch.NewDisposeScope();
        using var encoder = Samples.Create("tern", Samples.Tern with
        {
            Text = text, TextAggregation = aggregation, ImageAggregation = aggregation, TextLayers = textLayers,
            Dropout = 0,
        });
        using var alone = Samples.Slice(4, [3], [4]);
        using var wide = Samples.Slice(4, [3, 6], [4, 9]);
        Place(alone, wide);
        using var one = encoder.Encode(alone);
        using var two = encoder.Encode(wide);
        foreach (var name in new[] { TensorNames.ImageEmbeddings, TensorNames.CaptionEmbeddings })
        {
            Arrays.Near(Arrays.Doubles(one[name]), Arrays.Doubles(two[name])[..Samples.Tern.EmbedSize], 1e-5, name);
        }
    }

    [Fact]
    public void With_aggregation_off_padding_counts_as_published()
    {
        using var scope = torch.NewDisposeScope();
        using var encoder = Samples.Create("tern", Samples.Tern with
        {
            TextAggregation = "none", ImageAggregation = "none", Dropout = 0,
        });
        using var alone = Samples.Slice(4, [3], [4]);
        using var wide = Samples.Slice(4, [3, 6], [4, 9]);
        Place(alone, wide);
        var one = Arrays.Doubles(encoder.EncodeImages(alone));
        var two = Arrays.Doubles(encoder.EncodeImages(wide))[..one.Length];
        Assert.True(one.Zip(two, (a, b) => Math.Abs(a - b)).Max() > 1e-4);
    }

    [Theory]
    [InlineData("dot")]
    [InlineData("order")]
    public void Embeddings_have_length_one_and_order_embeddings_no_negative_part(string measure)
    {
        using var scope = torch.NewDisposeScope();
        using var encoder = Samples.Create("tern", Samples.Tern with { Measure = measure });
        using var slice = Samples.Slice(2, [4, 3, 5], [2, 7, 3]);
        foreach (var embeddings in new[] { encoder.EncodeImages(slice), encoder.EncodeCaptions(slice) })
        {
            foreach (var row in Arrays.Doubles(embeddings).Chunk(Samples.Tern.EmbedSize))
            {
                Assert.Equal(1, row.Sum(x => x * x), 1e-5);
                Assert.Equal(measure == "order", row.All(x => x >= 0));
            }
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(1, 1)]
    [InlineData(0, 2)]
    public void The_order_of_words_matters(int textLayers, int jointLayers)
    {
        using var scope = torch.NewDisposeScope();
        using var encoder = Samples.Create("tern", Samples.Tern with
        {
            Text = "words", TextLayers = textLayers, JointLayers = jointLayers, Dropout = 0, TextAggregation = "gru",
        });
        using var slice = Samples.Slice(2, [3, 3], [3, 3]);
        slice[TensorNames.Captions].copy_(torch.tensor(new long[] { 1, 2, 3, 1, 3, 2 }, [2, 3]));
        var rows = Arrays.Doubles(encoder.EncodeCaptions(slice)).Chunk(Samples.Tern.EmbedSize).ToArray();
        Assert.True(rows[0].Zip(rows[1], (a, b) => Math.Abs(a - b)).Max() > 1e-4);
    }

    [Fact]
    public void Unused_published_layers_are_there_only_on_demand_and_get_no_gradient()
    {
        using var scope = torch.NewDisposeScope();
        using var lean = Samples.Create("tern", Samples.Tern);
        using var full = Samples.Create("tern", Samples.Tern with { PublishedUnusedLayers = true });
        using var slice = Samples.Slice(2, [4, 3], [2, 7]);
        using var encoded = full.Encode(slice);
        new BidirectionalHinge(new HingeOptions { Margin = 5 }).Loss(encoded, 0, 1).backward();
        var idle = full.Module.named_parameters()
            .Where(pair => pair.parameter.grad is null)
            .Select(pair => pair.name)
            .ToArray();
        Assert.Equal(
            ["img_txt_enc.img_enc.fc.bias", "img_txt_enc.img_enc.fc.weight", "img_txt_enc.txt_enc.map.bias",
                "img_txt_enc.txt_enc.map.weight"],
            idle.Order(StringComparer.Ordinal));
        Assert.Equal(
            full.Module.named_parameters().Select(pair => pair.name).Except(idle).Order(StringComparer.Ordinal),
            lean.Module.named_parameters().Select(pair => pair.name).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Initial_layers_of_a_stack_are_alike_and_weights_lie_within_PyTorchs_bounds()
    {
        using var encoder = Samples.Create("tern", Samples.Tern);
        var all = encoder.Module.named_parameters()
            .ToDictionary(pair => pair.name, pair => Arrays.Doubles(pair.parameter));
        const string Layers = "img_txt_enc.img_enc.transformer_encoder.layers.";
        foreach (var name in all.Keys.Where(name => name.StartsWith($"{Layers}0.", StringComparison.Ordinal)))
        {
            Assert.Equal(all[name], all[name.Replace($"{Layers}0.", $"{Layers}1.", StringComparison.Ordinal)]);
        }

        AssertBound(all[$"{Layers}0.self_attn.in_proj_weight"], Math.Sqrt(6.0 / (4 * Samples.FeatureDim)));
        AssertBound(all[$"{Layers}0.linear1.weight"], 1 / Math.Sqrt(Samples.FeatureDim));
        AssertBound(all["img_txt_enc.img_proj.weight"], 1 / Math.Sqrt(Samples.FeatureDim));
        Assert.All(all[$"{Layers}0.self_attn.in_proj_bias"], x => Assert.Equal(0.0, x));
        Assert.All(all[$"{Layers}0.self_attn.out_proj.bias"], x => Assert.Equal(0.0, x));
        Assert.All(all[$"{Layers}0.norm1.weight"], x => Assert.Equal(1.0, x));

        static void AssertBound(double[] values, double bound)
        {
            Assert.InRange(values.Max(x => Math.Abs(x)), 0.75 * bound, bound * (1 + 1e-6));
            Assert.InRange(values.Average(), -bound / 3, bound / 3);
        }
    }

    [Fact]
    public void The_number_of_parameters_follows_the_published_one()
    {
        foreach (var shared in new[] { true, false })
        {
            using var encoder = Samples.Create(
                "tern", Samples.Tern with { SharedTransformer = shared, PublishedUnusedLayers = true, Text = "bert" });
            var counted = Expected(
                Samples.FeatureDim, Samples.WordDim, 8, 16, 2, 2, shared ? 1 : 2,
                Bert(Samples.Vocabulary, Samples.WordDim, 16, 16, 2));
            Assert.Equal(counted, Samples.Count(encoder));
        }

        var bert = Bert(30522, 768, 512, 3072, 6);
        Assert.Equal(66_955_008, bert);
        Assert.Equal(198_674_176, Expected(2048, 768, 1024, 2048, 4, 2, 1, bert));
        Assert.Equal(215_473_920, Expected(2048, 768, 1024, 2048, 4, 2, 2, bert));

        static long Linear(long from, long to) => (from + 1) * to;

        static long Layer(long width, long wide) =>
            Linear(width, 3 * width) + Linear(width, width) + Linear(width, wide) + Linear(wide, width) + (4 * width);

        static long Bert(long words, long width, long positions, long wide, int layers) =>
            ((words + positions + 2 + 2) * width) + (layers * Layer(width, wide)) + Linear(width, width);

        static long Expected(
            long feature, long word, long embed, long wide, int imageLayers, int jointLayers, int stacks, long bert) =>
            bert + Linear(word, embed) + Linear(feature + 5, feature) + Linear(feature, feature)
            + (imageLayers * Layer(feature, wide)) + Linear(feature, embed) + Linear(feature, embed)
            + Linear(word, embed) + (stacks * jointLayers * Layer(embed, wide));
    }

    [Fact]
    public void Options_that_do_not_fit_the_data_are_refused_with_both_values()
    {
        Refused(Samples.Tern with { WordDim = 9 }, "9", "8");
        Refused(Samples.Tern with { Heads = 5 }, "5", "12");
        Refused(Samples.Tern with { Text = "bert", BertHeads = 3 }, "3", "8");
        Refused(Samples.Tern with { TextAggregation = "loudest" }, "loudest");

        static void Refused(TernOptions options, params string[] parts)
        {
            var error = Assert.Throws<ArgumentException>(() => Samples.Create("tern", options));
            Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Batches_that_do_not_fit_are_refused_by_name()
    {
        using var encoder = Samples.Create("tern", Samples.Tern with { Text = "words", MaxWords = 5 });
        using var long_ = Samples.Slice(1, [3], [6]);
        Assert.Contains("max_words", Assert.Throws<ArgumentException>(() => encoder.EncodeCaptions(long_)).Message,
            StringComparison.Ordinal);
        using var empty = new NamedTensors();
        Assert.Contains("captions", Assert.Throws<ArgumentException>(() => encoder.EncodeCaptions(empty)).Message,
            StringComparison.Ordinal);
        Assert.Contains("features", Assert.Throws<ArgumentException>(() => encoder.EncodeImages(empty)).Message,
            StringComparison.Ordinal);
        using var slice = Samples.Slice(1, [3], [2]);
        using var four = torch.full([1], 4L);
        slice[TensorNames.FeatureLengths].copy_(four);
        Assert.Contains("feat_len", Assert.Throws<ArgumentException>(() => encoder.EncodeImages(slice)).Message,
            StringComparison.Ordinal);
    }

    /// <summary>Makes the first sample of the wide slice the only one of the other, padded.</summary>
    private static void Place(NamedTensors alone, NamedTensors wide)
    {
        foreach (var name in alone.Names)
        {
            var (from, to) = (alone[name], wide[name].narrow(0, 0, 1));
            to.zero_();
            (from.dim() == 1 ? to : to.narrow(1, 0, from.size(1))).copy_(from);
        }
    }
}

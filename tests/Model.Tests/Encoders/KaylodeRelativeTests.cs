using Colony.Torch;

namespace Colony.Model.Tests;

/// <summary>Relative position representations in kaylode's TERN (models.md 2.2), against plain loops.</summary>
public sealed class KaylodeRelativeTests
{
    private const int Distance = 2;
    private const int Regions = 5;
    private const int Words = 6;
    private const string Key = "relative_position_k.embeddings_table";
    private const string Value = "relative_position_v.embeddings_table";

    private static readonly ModelInputs Published = new(2048, 768, 0);

    private static readonly KaylodeTernOptions Both = Samples.Kaylode with
    {
        BoxDim = 4, Dropout = 0, ImageLayers = 2, TextLayers = 2, TextRelative = true, ImageRelative = "index",
        RelativeDistance = Distance,
    };

    public static TheoryData<object> Forms => new()
    {
        Both,
        Both with { RelativeLayers = "first" },
        Both with { RelativeLayers = "first", ImageLayers = 3, TextLayers = 1, SharedLayers = 0, ProjectText = true },
        Both with { ProjectText = true, ModelDim = 6, SharedLayers = 2, SharedRelative = true },
        Both with { RelativeLayers = "first", SharedLayers = 2, SharedRelative = true },
        Both with { TextRelative = false, ImageRelative = "grid" },
        Both with { ImageRelative = "none", RelativeLayers = "first" },
        Both with { TextRelative = false, ImageRelative = "none" },
    };

    [Theory]
    [MemberData(nameof(Forms), DisableDiscoveryEnumeration = true)]
    public void Both_sides_are_what_plain_loops_give_and_gradients_of_the_tables_what_differences_give(object form)
    {
        using var scope = torch.NewDisposeScope();
        var options = (KaylodeTernOptions)form;
        using var encoder = Samples.Create("kaylode_tern", options);
        using var slice = Samples.Slice(5, [Regions, 3], [4, Words]);
        var weights = encoder.Module.named_parameters()
            .ToDictionary(pair => pair.name, pair => Arrays.Doubles(pair.parameter));
        using var encoded = encoder.Encode(slice);
        var images = Images(weights, options, slice);
        var captions = Captions(weights, options, slice);
        Arrays.Near(images, Arrays.Doubles(encoded[TensorNames.ImageEmbeddings]), 2e-6, "images");
        Arrays.Near(captions, Arrays.Doubles(encoded[TensorNames.CaptionEmbeddings]), 2e-6, "captions");
        var random = new Random(6);
        var factors = images.Select(_ => random.NextDouble() - 0.5).ToArray();
        var factor = torch.tensor(Array.ConvertAll(factors, x => (float)x), [2, options.EmbedSize]);
        var sum = encoded[TensorNames.ImageEmbeddings] + encoded[TensorNames.CaptionEmbeddings];
        (sum * factor).sum().backward();
        foreach (var (name, parameter) in encoder.Module.named_parameters().Where(pair => IsTable(pair.name)))
        {
            var slopes = Arrays.Doubles(parameter.grad!);
            Assert.True(slopes.Max(Math.Abs) > 1e-3, $"{name} has next to no gradient");
            for (var at = 0; at < slopes.Length; at += 3)
            {
                Assert.Equal(Difference(weights, options, slice, factors, name, at), slopes[at], 2e-5);
            }
        }
    }

    /// <summary>What the package and the last notebook of that project print, and a third configuration that it keeps
    /// (models.md 2.2): only an embedding of 512 with relative positions in every layer, the shared one too, comes to
    /// its number.</summary>
    [Fact]
    public void The_published_configurations_have_the_published_numbers_of_parameters()
    {
        torch.manual_seed(1);
        var package = new KaylodeTernOptions { ImageRelative = "index", RelativeDistance = 3 };
        Assert.Equal(26_404_096, Count(package));
        Assert.Equal(26_988_160, Count(new KaylodeTernOptions
        {
            ImageRelative = "index", RelativeDistance = 5, RelativeLayers = "first", ProjectText = true,
        }));
        Assert.Equal(10_404_608, Count(new KaylodeTernOptions
        {
            EmbedSize = 512, ModelDim = 512, Feedforward = 512, ImageLayers = 2, TextLayers = 2, SharedLayers = 1,
            ImageRelative = "index", TextRelative = true, SharedRelative = true, ProjectText = true,
        }));

        static long Count(KaylodeTernOptions options)
        {
            using var encoder = new KaylodeTernEncoder(options, Published);
            return Samples.Count(encoder);
        }
    }

    [Fact]
    public void Names_are_those_of_the_projects_checkpoints()
    {
        using var all = Samples.Create("kaylode_tern", Both with { SharedLayers = 0 });
        Assert.Equal(
            [
                $"reasoning_l.layers.0.attn.{Key}", $"reasoning_l.layers.0.attn.{Value}",
                $"reasoning_l.layers.1.attn.{Key}", $"reasoning_l.layers.1.attn.{Value}",
                $"reasoning_v.layers.0.attn.{Key}", $"reasoning_v.layers.0.attn.{Value}",
                $"reasoning_v.layers.1.attn.{Key}", $"reasoning_v.layers.1.attn.{Value}",
            ],
            Names(all).Where(IsTable).Order(StringComparer.Ordinal));
        using var first = Samples.Create("kaylode_tern", Both with
        {
            RelativeLayers = "first", ImageLayers = 4, TextLayers = 1, ProjectText = true,
        });
        var names = Names(first);
        Assert.Equal(
            [
                $"reasoning_l.rel_layer.attn.{Key}", $"reasoning_l.rel_layer.attn.{Value}",
                $"reasoning_v.rel_layer.attn.{Key}", $"reasoning_v.rel_layer.attn.{Value}",
            ],
            names.Where(IsTable).Order(StringComparer.Ordinal));
        foreach (var name in new[]
                 {
                     "reasoning_v.rel_layer.attn.q_linear.weight", "reasoning_v.rel_layer.ff.w_2.bias",
                     "reasoning_v.rel_layer.norm_1.a_2", "reasoning_v.layers.2.norm_2.b_2", "reasoning_v.norm.a_2",
                     "encoder_l.feat_embed.linear.weight", "encoder_l.feat_embed.linear.bias",
                 })
        {
            Assert.Contains(name, names);
        }

        Assert.DoesNotContain("reasoning_v.layers.3.norm_1.a_2", names);
        Assert.DoesNotContain("reasoning_l.norm.a_2", names);
    }

    [Fact]
    public void Without_layers_to_be_in_they_are_refused_with_the_option_to_raise()
    {
        Refused(Both with { TextLayers = 0 }, "text_relative", "text_layers");
        Refused(Both with { ImageLayers = 0 }, "image_relative", "image_layers");
        Refused(Both with { SharedRelative = true, SharedLayers = 0 }, "shared_relative", "shared_layers");

        static void Refused(KaylodeTernOptions options, params string[] parts)
        {
            var error = Assert.Throws<ArgumentException>(() => Samples.Create("kaylode_tern", options));
            Assert.All(parts, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void Projected_token_features_need_data_that_has_them()
    {
        var error = Assert.Throws<ArgumentException>(
            () => new KaylodeTernEncoder(Both with { ProjectText = true }, new ModelInputs(12, 0, 30)));
        Assert.Contains("token features", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Raw_boxes_on_a_grid_are_refused_with_what_to_set()
    {
        using var scope = torch.NewDisposeScope();
        using var encoder = Samples.Create("kaylode_tern", Both with { ImageRelative = "grid" });
        using var slice = Samples.Slice(5, [3], [4]);
        slice[TensorNames.Boxes].mul_(500);
        var error = Assert.Throws<ArgumentException>(() => encoder.EncodeImages(slice));
        Assert.Contains("data.box_scale", error.Message, StringComparison.Ordinal);
    }

    private static bool IsTable(string name) => name.EndsWith("embeddings_table", StringComparison.Ordinal);

    private static string[] Names(IEncoder encoder) =>
        [.. encoder.Module.named_parameters().Select(pair => pair.name)];

    private static double[] Images(
        Dictionary<string, double[]> weights, KaylodeTernOptions options, NamedTensors slice)
    {
        var plain = new PlainKaylode(weights, options.Heads);
        var (features, boxes) = (Rows3(slice[TensorNames.Features]), Rows3(slice[TensorNames.Boxes]));
        var slot = torch.cat([torch.zeros([2, 1, 4]), slice[TensorNames.Boxes]], 1);
        var grid = Arrays.Doubles(RelativeIndex.Boxes(slot));
        return [.. features.Zip(boxes).SelectMany((pair, sample) =>
        {
            var shown = plain.Linear(pair.First, "encoder_v.feat_embed.linear");
            var placed = plain.Linear(pair.Second, "encoder_v.loc_embed.linear");
            var tokens = shown.Prepend(weights["encoder_v.cls_token1"])
                .Zip(placed.Prepend(weights["encoder_v.cls_token2"]), (a, b) => a.Zip(b, (x, y) => x + y).ToArray());
            PlainKaylode.Entry entry = options.ImageRelative == "grid" ? OnGrid : InOrder;
            var layers = Layers(options, options.ImageLayers, options.ImageRelative != "none");
            var reasoned = plain.Transformer([.. tokens], "reasoning_v", layers, entry);
            return plain.Finish(Shared(plain, options, reasoned), "img_proj");

            int OnGrid(int i, int j) => (int)grid[(((sample * (Regions + 1)) + i) * (Regions + 1)) + j];
        })];
    }

    private static double[] Captions(
        Dictionary<string, double[]> weights, KaylodeTernOptions options, NamedTensors slice)
    {
        var plain = new PlainKaylode(weights, options.Heads);
        return [.. Rows3(slice[TensorNames.CaptionFeatures]).SelectMany(words =>
        {
            var tokens = options.ProjectText ? plain.Linear(words, "encoder_l.feat_embed.linear") : words;
            var layers = Layers(options, options.TextLayers, options.TextRelative);
            var reasoned = plain.Transformer(tokens, "reasoning_l", layers, InOrder);
            return plain.Finish(Shared(plain, options, reasoned), "cap_proj");
        })];
    }

    private static double[][] Shared(PlainKaylode plain, KaylodeTernOptions options, double[][] tokens) =>
        plain.Transformer(
            tokens, "sw_layer", Layers(options, options.SharedLayers, options.SharedRelative), InOrder);

    private static int InOrder(int i, int j) => Math.Max(-Distance, Math.Min(Distance, j - i)) + Distance;

    private static string[] Layers(KaylodeTernOptions options, int count, bool relative) =>
        relative && options.RelativeLayers == "first"
            ? ["rel_layer", .. Enumerable.Range(0, count - 1).Select(i => $"layers.{i}")]
            : [.. Enumerable.Range(0, count).Select(i => $"layers.{i}")];

    private static double[][][] Rows3(Tensor tensor) =>
        [.. Arrays.Doubles(tensor).Chunk((int)tensor.shape[2]).Chunk((int)tensor.shape[1])];

    private static double Difference(Dictionary<string, double[]> weights, KaylodeTernOptions options,
        NamedTensors slice, double[] factors, string name, int at)
    {
        const double Step = 1e-4;
        return (Weighted(Step) - Weighted(-Step)) / (2 * Step);

        double Weighted(double change)
        {
            var moved = new Dictionary<string, double[]>(weights) { [name] = [.. weights[name]] };
            moved[name][at] += change;
            var sums = Images(moved, options, slice).Zip(Captions(moved, options, slice), (a, b) => a + b);
            return sums.Zip(factors, (a, b) => a * b).Sum();
        }
    }
}

namespace Colony.Model.Tests;

/// <summary>What is exported of a model with default options has the names and shapes that its work saves.</summary>
public sealed class PublishedRestTests
{
    private const string WordTable = "img_txt_enc.txt_enc.bert_model.embeddings.word_embeddings.weight";

    /// <summary>Names that golden files and exports do not share, by how they begin, each with the reason.</summary>
    private static readonly (string Begin, string Reason)[] Apart =
    [
        ("criterion.", "HREM's instance network is in no published container (models.md 11)"),
        ("img_txt_enc.txt_enc.word_embeddings.weight", "a second name: a list of parameters has only the first"),
    ];

    public static TheoryData<string> Files =>
    [
        .. GoldenFamily.All.SelectMany(family => GoldenFolder.Files(family.Pattern).Select(row => row.Data))
            .Distinct(StringComparer.Ordinal),
    ];

    [Theory]
    [MemberData(nameof(Files))]
    public void An_export_has_the_published_names_and_shapes(string file)
    {
        var numbers = GoldenFolder.Open(file);
        var family = GoldenFamily.Of(file);
        var setup = family.Setup(file, numbers);
        using var whole = setup.Encoder;
        using var learned = setup.Objective.Module;
        Assert.True(ModelRegistry.TryGet(family.Model, out var model));
        var options = Default(setup.Options);
        using var encoder = model.Create(options, setup.Inputs);
        var own = Own(encoder, setup.Objective);
        using var rest = PublishedRest.Of(model, options, own);
        var exported = own.ToDictionary(weight => weight.Name, weight => string.Join('x', weight.Shape));
        foreach (var (name, values) in rest.Layers)
        {
            exported.Add(name, string.Join('x', values.shape));
        }

        foreach (var pair in rest.SecondNames)
        {
            exported.Add(pair.Foreign, exported[pair.Own]);
        }

        WeightShape[] published =
        [
            .. numbers.Under("param/").Concat(numbers.Under("buffer/before/")).Where(pair => !IsApart(pair.Name))
                .Select(pair => new WeightShape(pair.Name, [.. pair.Array.Shape])),
        ];
        Assert.Equal(
            published.Select(weight => $"{weight.Name} {string.Join('x', weight.Shape)}")
                .Order(StringComparer.Ordinal),
            exported.Where(pair => !IsApart(pair.Key)).Select(pair => $"{pair.Key} {pair.Value}")
                .Order(StringComparer.Ordinal));
        Assert.Empty(PublishedWeights.Match(own, rest.Names, published).Problems);
    }

    /// <summary>What <c>--only</c> cuts out loads by itself too: a BERT as Hugging Face has it, a pooling
    /// operator.</summary>
    [Theory]
    [InlineData("bert.npz", "txt_enc.bert.")]
    [InlineData("gpo_pool.npz", "img_enc.gpool.")]
    public void A_part_has_the_names_and_shapes_of_its_own_file(string file, string begin)
    {
        var numbers = GoldenFolder.Open(file);
        var bert = GoldenFolder.Open("bert.npz");
        var options = new VseInfinityOptions
        {
            EmbedSize = 8,
            BertDim = bert.Whole("hidden"),
            BertLayers = bert.Whole("layers"),
            BertHeads = bert.Whole("heads"),
            BertIntermediate = bert.Whole("intermediate"),
            BertMaxPositions = bert.Whole("max_positions"),
        };
        Assert.True(ModelRegistry.TryGet("vse_infinity", out var model));
        using var encoder = model.Create(options, new ModelInputs(7, 0, bert.Whole("vocab")));
        WeightShape[] own =
            [.. encoder.Module.named_parameters().Select(p => new WeightShape(p.name, p.parameter.shape))];
        using var rest = PublishedRest.Of(model, options, own);
        Assert.Equal(
            numbers.Under("param/").Select(pair => $"{pair.Name} {string.Join('x', pair.Array.Shape)}")
                .Order(StringComparer.Ordinal),
            own.Concat(rest.Layers.Select(layer => new WeightShape(layer.Name, layer.Values.shape)))
                .Where(weight => weight.Name.StartsWith(begin, StringComparison.Ordinal))
                .Select(weight => $"{weight.Name[begin.Length..]} {string.Join('x', weight.Shape)}")
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Every_name_that_is_apart_is_in_some_file_or_export()
    {
        var names = Files.Select(row => row.Data).SelectMany(file =>
        {
            var numbers = GoldenFolder.Open(file);
            return numbers.Under("param/").Select(pair => pair.Name);
        }).ToHashSet(StringComparer.Ordinal);
        Assert.Contains(names, name => name.StartsWith(Apart[0].Begin, StringComparison.Ordinal));
        Assert.Contains(WordTable, names);
        Assert.DoesNotContain(Apart[1].Begin, names);
    }

    [Fact]
    public void What_nothing_reads_begins_as_published_and_is_the_same_every_time()
    {
        Assert.True(ModelRegistry.TryGet("vse_infinity", out var model));
        var options = new VseInfinityOptions { EmbedSize = 6, BertDim = 8 };
        using var first = PublishedRest.Of(model, options, []);
        using var second = PublishedRest.Of(model, options, []);
        Assert.Equal(
            [
                "img_enc.mlp.bns.1.weight", "img_enc.mlp.bns.1.bias", "img_enc.mlp.bns.1.running_mean",
                "img_enc.mlp.bns.1.running_var", "img_enc.mlp.bns.1.num_batches_tracked",
                "txt_enc.bert.pooler.dense.weight", "txt_enc.bert.pooler.dense.bias",
            ],
            first.Names);
        double[][] values = [.. first.Layers.Select(layer => Arrays.Doubles(layer.Values))];
        Assert.Equal(values, second.Layers.Select(layer => Arrays.Doubles(layer.Values)));
        Assert.All(values[0].Concat(values[3]), value => Assert.Equal(1, value));
        Assert.All([.. values[1], .. values[2], .. values[4], .. values[6]], value => Assert.Equal(0, value));
        Assert.Equal(64, values[5].Distinct().Count());
        Assert.All(values[5], value => Assert.InRange(value, -0.12, 0.12));
    }

    [Fact]
    public void What_the_model_keeps_is_no_rest()
    {
        using var encoder = Samples.Create("tern", Samples.Tern with { PublishedUnusedLayers = true });
        Assert.True(ModelRegistry.TryGet("tern", out var model));
        WeightShape[] own =
            [.. encoder.Module.named_parameters().Select(p => new WeightShape(p.name, p.parameter.shape))];
        using var rest = PublishedRest.Of(model, Samples.Tern, own);
        Assert.Empty(rest.Names);
        using var none = PublishedRest.Of(model, Samples.Tern, [.. own.Where(
            weight => !weight.Name.StartsWith("img_txt_enc.img_enc.fc.", StringComparison.Ordinal))]);
        Assert.Equal(["img_txt_enc.img_enc.fc.weight", "img_txt_enc.img_enc.fc.bias"], none.Names);
    }

    private static bool IsApart(string name) =>
        Apart.Any(apart => name.StartsWith(apart.Begin, StringComparison.Ordinal));

    private static object Default(object options) => options switch
    {
        TernOptions tern => tern with { PublishedUnusedLayers = false },
        VseInfinityOptions infinity => infinity with { PublishedUnusedLayers = false },
        HremOptions hrem => hrem with { PublishedUnusedLayers = false },
        _ => options,
    };

    private static WeightShape[] Own(IEncoder encoder, IObjective objective) =>
    [
        .. encoder.Module.named_parameters().Select(p => new WeightShape(p.name, p.parameter.shape)),
        .. encoder.Module.named_buffers().Select(b => new WeightShape(b.name, b.buffer.shape)),
        .. objective is { PublishedPrefix: { } prefix, Module: { } learned }
            ? learned.named_parameters().Select(p => new WeightShape(prefix + p.name, p.parameter.shape))
            : [],
    ];
}

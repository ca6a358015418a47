using Colony.Torch;

namespace Colony.Model.Tests;

/// <summary>What holds for every model.</summary>
public sealed class EncoderTests
{
    public static TheoryData<string, object> Models => new()
    {
        { "tern", Samples.Tern },
        { "tern", Samples.Tern with { Text = "words", TextLayers = 1, SharedTransformer = false } },
        { "tern", Samples.Tern with { Text = "bert", TextAggregation = "gated", ImageAggregation = "gru" } },
        {
            "tern",
            Samples.Tern with { TextAggregation = "none", ImageAggregation = "none", PosEncoding = "project-and-sum" }
        },
        {
            "tern",
            Samples.Tern with { TextRelative = true, TextLayers = 2, ImageRelative = "index", RelativeDistance = 2 }
        },
        { "tern", Samples.Tern with { ImageRelative = "grid" } },
        { "kaylode_tern", Samples.Kaylode },
        { "kaylode_tern", Samples.Kaylode with { Aggregation = "first", TextLayers = 0, SharedLayers = 0 } },
        {
            "kaylode_tern",
            Samples.Kaylode with
            {
                TextRelative = true, ImageRelative = "index", SharedRelative = true, RelativeDistance = 2,
            }
        },
        {
            "kaylode_tern",
            Samples.Kaylode with
            {
                TextRelative = true, ImageRelative = "grid", RelativeLayers = "first", ProjectText = true, ModelDim = 6,
            }
        },
        { "vse", Samples.Vse },
        { "vse", Samples.Vse with { Absolute = true, NormalizeImages = false, TextLayers = 2 } },
        { "vsrn", Samples.Vsrn },
        { "vsrn", Samples.Vsrn with { Variant = "coco", TextLayers = 2, CaptionBidirectional = true } },
        { "camera", Samples.Camera with { Dropout = 0 } },
        { "camera", Samples.Camera with { Text = "bert" } },
        { "camera", Samples.Camera with { Text = "bert", FreezeBert = false, CaptionLength = 0 } },
        { "selfalign_vsrn", Samples.SelfAlignVsrn },
        { "selfalign_vsrn", Samples.SelfAlignVsrn with { Variant = "coco", ContextRelu = false, PaddedLength = 9 } },
        { "selfalign_camera", Samples.SelfAlignCamera },
        { "hrem", Samples.Hrem },
        { "hrem", Samples.Hrem with { Text = "features", Dropout = 0, RegionDrop = 0 } },
        { "vse_infinity", Samples.VseInfinity },
        { "vse_infinity", Samples.VseInfinity with { Text = "words", Dropout = 0 } },
        { "vse_infinity", Samples.VseInfinity with { Text = "features", Dropout = 0, RegionDrop = 0 } },
    };

    [Theory]
    [MemberData(nameof(Models), DisableDiscoveryEnumeration = true)]
    public void One_seed_gives_one_set_of_weights_and_another_seed_another(string name, object options)
    {
        using var first = Samples.Create(name, options, seed: 7);
        using var second = Samples.Create(name, options, seed: 7);
        using var other = Samples.Create(name, options, seed: 8);
        Assert.Equal(Samples.Parameters(first), Samples.Parameters(second));
        Assert.NotEqual(Samples.Parameters(first), Samples.Parameters(other));
    }

    [Theory]
    [MemberData(nameof(Models), DisableDiscoveryEnumeration = true)]
    public void Dropout_follows_the_seed_and_is_off_in_evaluation(string name, object options)
    {
        using var encoder = Samples.Create(name, options);
        using var slice = Samples.Slice(3, [4, 5, 3], [5, 2, 6]);
        var first = Run(21);
        Assert.Equal(first, Run(21));
        Assert.Equal(!Draws(options), first.SequenceEqual(Run(22)));
        encoder.Module.train(false);
        Assert.Equal(Run(21), Run(22));

        static bool Draws(object options) => new[] { "Dropout", "RegionDrop" }.Any(
            name => options.GetType().GetProperty(name) is { } chance && (double)chance.GetValue(options)! > 0);

        double[] Run(long seed)
        {
            using var scope = torch.NewDisposeScope();
            torch.manual_seed(seed);
            using var encoded = encoder.Encode(slice);
            return [.. encoded.Names.SelectMany(at => Arrays.Doubles(encoded[at]))];
        }
    }

    [Theory]
    [MemberData(nameof(Models), DisableDiscoveryEnumeration = true)]
    public void The_halves_are_what_the_whole_has(string name, object options)
    {
        using var scope = torch.NewDisposeScope();
        using var encoder = Samples.Create(name, options);
        encoder.Module.train(false);
        using var slice = Samples.Slice(3, [4, 5, 3], [5, 2, 6]);
        using var encoded = encoder.Encode(slice);
        Assert.Equal(Arrays.Doubles(encoder.EncodeImages(slice)), Arrays.Doubles(encoded[TensorNames.ImageEmbeddings]));
        Assert.Equal(
            Arrays.Doubles(encoder.EncodeCaptions(slice)), Arrays.Doubles(encoded[TensorNames.CaptionEmbeddings]));
        Assert.All(
            encoded.Names.Where(at => at != TensorNames.ExtraLoss), at => Assert.Equal(3, encoded[at].shape[0]));
    }

    [Theory]
    [MemberData(nameof(Models), DisableDiscoveryEnumeration = true)]
    public void A_training_step_leaves_no_tensor_behind_and_lowers_the_loss(string name, object options)
    {
        using var encoder = Samples.Create(name, options);
        using var slice = Samples.Slice(3, [4, 5, 3], [5, 2, 6]);
        var parameters = encoder.Module.named_parameters()
            .Select(pair => (pair.name, (Tensor)pair.parameter))
            .ToArray();
        using var adam = new Adam(parameters, new AdamOptions());
        var objective = Samples.Objective(name);
        var first = Step();
        var live = Live();
        var last = first;
        for (var i = 0; i < 20; i++)
        {
            last = Step();
        }

        Assert.Equal(live, Live());
        Assert.True(last < first, $"the loss went from {first} to {last}");
        objective.Module?.Dispose();

        double Step()
        {
            torch.manual_seed(4);
            encoder.Module.zero_grad();
            using var encoded = encoder.Encode(slice);
            using var loss = objective.Loss(encoded, 0, 1);
            using var all = encoded.TryGet(TensorNames.ExtraLoss, out var extra) ? loss + extra : loss + 0;
            all.backward();
            adam.Step(3e-3);
            return all.ToDouble();
        }
    }

    [Fact]
    public void Disposing_an_encoder_frees_its_weights()
    {
        var live = Live();
        using (var encoder = Samples.Create("tern", Samples.Tern with { Text = "bert" }))
        {
            Assert.True(TensorCounters.Live > live);
        }

        Assert.Equal(live, Live());
    }

    /// <summary>Tensors in use, without those that another test dropped and the collector has not come to
    /// yet.</summary>
    private static long Live()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        return TensorCounters.Live;
    }

    [Fact]
    public void Every_entry_of_the_registries_can_be_made_from_its_default_options()
    {
        Assert.Equal(ModelRegistry.All.Count, ModelRegistry.All.Select(entry => entry.Name).Distinct().Count());
        Assert.Equal(ObjectiveRegistry.All.Count, ObjectiveRegistry.All.Select(entry => entry.Name).Distinct().Count());
        foreach (var entry in ObjectiveRegistry.All)
        {
            var objective = entry.Create(Activator.CreateInstance(entry.OptionsType)!);
            Assert.Equal(["img_emb", "cap_emb"], objective.Inputs.Take(2));
            Assert.True(ObjectiveRegistry.TryGet(entry.Name, out var same) && ReferenceEquals(same, entry));
        }

        Assert.False(ModelRegistry.TryGet("nobody", out _));
        Assert.False(ObjectiveRegistry.TryGet("nothing", out _));
    }
}

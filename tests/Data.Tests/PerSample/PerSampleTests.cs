namespace Colony.Data.Tests;

public sealed class PerSampleTests : IDisposable
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private const string Json = """
        {"images": [{"id": 7, "file_name": "b.jpg", "width": 10, "height": 20},
                    {"id": 3, "file_name": "a.jpg", "width": 4, "height": 4}],
         "annotations": [{"id": 11, "image_id": 3, "caption": "a cat"}, {"id": 12, "image_id": 7, "caption": "a dog "},
                         {"id": 13, "image_id": 3, "caption": "one cat"},
                         {"id": 14, "image_id": 7, "caption": "one dog"},
                         {"id": 15, "image_id": 7, "caption": "left out"}]}
        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private DatasetOptions Tern => new()
    {
        Format = "per_sample",
        Path = _folder.Path,
        Features = "att",
        Boxes = "box",
        CaptionsPerImage = 2,
        MinWordCount = 1,
        VocabularyFromDev = false,
    };

    [Fact]
    public void Tern_layout_with_different_region_counts()
    {
        WriteTern();
        var (images, captions) = PerSampleSplit.Open(Tern, "train");
        Assert.Equal(["a cat", "one cat", "a dog", "one dog"], Enumerable.Range(0, 4).Select(captions.Text));
        Assert.Equal((2, 2, 4, "3"), (images.Count, images.FeatureDim, images.BoxColumns, images.Id(0)));
        var rows = images.Rows([1, 0], Ct);
        Assert.Equal((2, 1), (rows.Regions(0), rows.Regions(1)));
        var boxes = new float[8];
        rows.Boxes(0, boxes);
        Assert.Equal([0f, 0, 0.5f, 0.5f, 0.1f, 0.05f, 1, 1], boxes);
        var features = new float[2];
        rows.Features(1, features);
        Assert.Equal([9f, 8], features);
    }

    [Fact]
    public void Kaylode_layout_with_raw_boxes_and_token_features()
    {
        _folder.Write("val.json", Json);
        foreach (var (name, value) in new[] { ("a", 1f), ("b", 2f) })
        {
            _folder.WriteNpy($"att/{name}.npy", NpyType.Float32, [1, 2], [value, value]);
            _folder.WriteNpy($"box/{name}.npy", NpyType.Float32, [1, 5], [10, 20, 30, 40, 106]);
        }

        foreach (var id in new[] { 11, 12, 13, 14 })
        {
            _folder.WriteNpy(
                $"bert/{id}.npy", NpyType.Float32, [id - 10, 3], Enumerable.Repeat((float)id, (id - 10) * 3).ToArray());
        }

        var options = Tern with
        {
            NamedBy = "stem", BoxScale = "raw", Text = "features", TextFeatures = "bert", MaxWords = 3,
        };
        var (images, captions) = PerSampleSplit.Open(options, "val");
        Assert.Equal((5, "b", 3), (images.BoxColumns, images.Id(1), captions.WordDim));
        var boxes = new float[5];
        images.Rows([1], Ct).Boxes(0, boxes);
        Assert.Equal([10f, 20, 30, 40, 106], boxes);
        var rows = Assert.IsAssignableFrom<CaptionRows<float>>(captions.Rows([0, 1, 2, 3], Ct));
        Assert.Equal([1, 3, 2, 3], Enumerable.Range(0, 4).Select(rows.Length));
        Assert.Equal(1, captions.Truncated);
        Assert.Throws<DataException>(() => captions.Rows(["a dog"]));
    }

    [Fact]
    public void Split_ids_choose_the_annotations()
    {
        WriteTern();
        WriteIds("coco_train_ids.npy", 14, 12);
        var (images, captions) = PerSampleSplit.Open(Tern with { SplitIds = "coco_{split}_ids.npy" }, "train");
        Assert.Equal(["one dog", "a dog"], Texts(captions));
        Assert.Equal(1, images.Count);
    }

    [Theory]
    [InlineData("coco_{split}_ids.npy", true, 4)]
    [InlineData("coco_{split}_ids.npy", false, 2)]
    [InlineData("coco_{split}_ids.npy, coco_restval_ids.npy", false, 4)]
    public void Ids_of_several_files_are_one_split(string names, bool restval, int count)
    {
        WriteTern();
        WriteIds("coco_train_ids.npy", 14, 12);
        WriteIds("coco_restval_ids.npy", 11, 13);
        var (_, captions) = PerSampleSplit.Open(
            Tern with { Annotations = "train.json", SplitIds = names, Restval = restval }, "train");
        Assert.Equal(new[] { "one dog", "a dog", "a cat", "one cat" }.Take(count), Texts(captions));
    }

    /// <summary>restval belongs to train alone, and must be there when train is read.</summary>
    [Fact]
    public void Restval_is_left_out_of_dev()
    {
        WriteTern();
        WriteIds("coco_dev_ids.npy", 11, 13);
        WriteIds("coco_train_ids.npy", 14, 12);
        WriteIds("coco_restval_ids.npy");
        var options = Tern with
        {
            Annotations = "train.json", SplitIds = "coco_{split}_ids.npy", Restval = true,
        };
        Assert.Equal(["a cat", "one cat"], Texts(PerSampleSplit.Open(options, "dev").Captions));
        File.Delete(_folder.File("coco_restval_ids.npy"));
        var error = Assert.Throws<DataException>(() => PerSampleSplit.Open(options, "train"));
        Assert.Contains("coco_restval_ids.npy", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ids.npy", true, "no {split}")]
    [InlineData("", true, "annotations has no {split}")]
    [InlineData(" , ", false, "names no file")]
    [InlineData("ids.npy, more.npy", false, "more.npy: row 1 names the annotation 12 a second time")]
    public void Wrong_lists_of_ids_are_one_sentence(string names, bool restval, string expected)
    {
        WriteTern();
        WriteIds("ids.npy", 14, 12);
        WriteIds("more.npy", 11, 12);
        var options = Tern with { Annotations = "train.json", SplitIds = names, Restval = restval };
        var error = Assert.Throws<DataException>(() => PerSampleSplit.Open(options, "train"));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{", "line 1")]
    [InlineData("[]", "'images'")]
    [InlineData("{\"images\": [], \"annotations\": []}", "no annotations")]
    [InlineData("{\"images\": [3], \"annotations\": []}", "images[0]")]
    [InlineData("{\"images\": [{\"id\": \"x\"}], \"annotations\": []}", "'id'")]
    [InlineData("{\"images\": [], \"annotations\": [{\"id\":1,\"image_id\":2,\"caption\":\"a\"}]}", "does not list")]
    [InlineData("{\"images\": [{\"id\":2}], \"annotations\": [{\"id\":1,\"image_id\":2,\"caption\":\"a\"}]}",
        "captions_per_image")]
    [InlineData("{\"images\": [], \"annotations\": [{\"id\":1,\"image_id\":2,\"caption\":7}]}", "'caption'")]
    public void Hostile_annotations_are_one_sentence(string json, string expected)
    {
        _folder.Write("train.json", json);
        var error = Assert.Throws<DataException>(() => PerSampleSplit.Open(Tern, "train"));
        Assert.Contains("train.json", error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Deep_json_is_refused()
    {
        _folder.Write("train.json", new string('[', 100_000));
        Assert.Throws<DataException>(() => PerSampleSplit.Open(Tern, "train"));
    }

    [Fact]
    public void Missing_or_unlike_files_are_named()
    {
        WriteTern();
        File.Delete(_folder.File("att", "7.npy"));
        var (images, _) = PerSampleSplit.Open(Tern, "train");
        Assert.Contains(
            "7.npz", Assert.Throws<DataException>(() => images.Rows([1], Ct)).Message, StringComparison.Ordinal);
        _folder.WriteNpy("att/7.npy", NpyType.Float32, [2, 3], new float[6]);
        var gone = Assert.Throws<DataException>(() => images.Rows([1], Ct));
        Assert.Contains("of 3", gone.Message, StringComparison.Ordinal);
        _folder.WriteNpy("att/7.npy", NpyType.Float32, [1, 2], new float[2]);
        Assert.Contains(
            "1 regions", Assert.Throws<DataException>(() => images.Rows([1], Ct)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_do_not_lead_out_of_the_folder()
        => Assert.Throws<DataException>(() => SampleFile.Read(_folder.Path, "../secret"));

    private static IEnumerable<string> Texts(ICaptions captions)
        => Enumerable.Range(0, captions.Count).Select(captions.Text);

    private void WriteIds(string name, params long[] ids)
        => _folder.Write(name, NpyTests.Bytes(
            1, $"{{'descr': '<i8', 'fortran_order': False, 'shape': ({ids.Length},), }}",
            [.. ids.SelectMany(BitConverter.GetBytes)]));

    private void WriteTern()
    {
        _folder.Write("train.json", Json);
        _folder.WriteNpy("att/3.npy", NpyType.Float32, [1, 2], [9, 8]);
        _folder.WriteNpy("att/7.npy", NpyType.Float32, [2, 2], [1, 2, 3, 4]);
        _folder.WriteNpy("box/3.npy", NpyType.Float32, [1, 4], [0, 0, 4, 4]);
        _folder.WriteNpy("box/7.npy", NpyType.Float32, [2, 4], [0, 0, 5, 10, 1, 1, 10, 20]);
    }
}

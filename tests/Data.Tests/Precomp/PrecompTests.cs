using Colony.Testing;

namespace Colony.Data.Tests;

public sealed class PrecompTests : IDisposable
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private DatasetOptions Options => new()
    {
        Path = _folder.Path, CaptionsPerImage = 2, MinWordCount = 1, VocabularyFromDev = false,
    };

    [Fact]
    public void Image_of_caption_follows_the_number_of_captions()
    {
        _folder.WriteNpy("train_ims.npy", NpyType.Float32, [2, 3], [1, 2, 3, 4, 5, 6]);
        _folder.Write("train_caps.txt", "a\nb\nc\nd\n");
        _folder.Write("train_ids.txt", "one\ntwo\n");
        var (images, captions) = PrecompSplit.Open(Options, "train");
        using var both = images;
        Assert.Equal((2, 3, 4, "two"), (images.Count, images.FeatureDim, captions.Count, images.Id(1)));
        var row = new float[3];
        images.Rows([1], Ct).Features(0, row);
        Assert.Equal([4f, 5, 6], row);
        Assert.Equal(1, images.Rows([1], Ct).Regions(0));
    }

    [Fact]
    public void Repeated_images_are_taken_once()
    {
        _folder.WriteNpy("dev_ims.npy", NpyType.Float32, [4, 1, 2], [1, 2, 1, 2, 3, 4, 3, 4]);
        _folder.Write("dev_caps.txt", "a\nb\nc\nd\n");
        _folder.Write("train_caps.txt", "a");
        _folder.Write("dev_ids.txt", "one\none\ntwo\ntwo\n");
        var (images, captions) = PrecompSplit.Open(Options, "dev");
        using var both = images;
        Assert.Equal((2, 4, "two"), (images.Count, captions.Count, images.Id(1)));
        var row = new float[2];
        images.Rows([1], Ct).Features(0, row);
        Assert.Equal([3f, 4], row);
    }

    [Theory]
    [InlineData("a\nb\nc\n", "3 captions")]
    [InlineData("a\nb\n", "not the same image")]
    [InlineData("a\n\nb\nc\n", "line 2")]
    [InlineData("", "no captions")]
    public void Captions_that_do_not_fit_are_refused_with_both_numbers(string captions, string expected)
    {
        _folder.WriteNpy("train_ims.npy", NpyType.Float32, [2, 3], [1, 2, 3, 4, 5, 6]);
        _folder.Write("train_caps.txt", captions);
        var error = Assert.Throws<DataException>(() => PrecompSplit.Open(Options, "train"));
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.Contains(_folder.Path, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Pixel_boxes_become_fractions()
    {
        _folder.WriteNpy("train_ims.npy", NpyType.Float32, [1, 2, 1], [1, 2]);
        _folder.WriteNpy("train_boxes.npy", NpyType.Float32, [1, 2, 4], [0, 0, 50, 20, 25, 10, 100, 40]);
        _folder.WriteNpy("train_img_sizes.npy", NpyType.Float32, [1, 2], [100, 40]);
        _folder.Write("train_caps.txt", "a\nb");
        var (images, _) = PrecompSplit.Open(Options with { Boxes = "boxes" }, "train");
        using var both = images;
        var boxes = new float[8];
        images.Rows([0], Ct).Boxes(0, boxes);
        Assert.Equal([0f, 0, 0.5f, 0.5f, 0.25f, 0.25f, 1, 1], boxes);
        Assert.True(images.HasSizes);
        var size = new float[2];
        images.Rows([0], Ct).Size(0, size);
        Assert.Equal([100f, 40], size);
    }

    [Fact]
    public void Boxes_that_do_not_fit_are_refused()
    {
        _folder.WriteNpy("train_ims.npy", NpyType.Float32, [1, 2, 1], [1, 2]);
        _folder.Write("train_caps.txt", "a\nb");
        _folder.WriteNpy("table.npy", NpyType.Float32, [3, 4], new float[12]);
        Assert.Contains("(3, 4)", Assert.Throws<DataException>(
            () => PrecompSplit.Open(Options with { Boxes = "table.npy" }, "train")).Message, StringComparison.Ordinal);
        _folder.WriteNpy("train_boxes.npy", NpyType.Float32, [1, 2, 4], new float[8]);
        Assert.Contains("img_sizes", Assert.Throws<DataException>(
            () => PrecompSplit.Open(Options with { Boxes = "boxes" }, "train")).Message, StringComparison.Ordinal);
        _folder.WriteNpy("train_img_sizes.npy", NpyType.Float32, [1, 2], [0, 40]);
        var (images, _) = PrecompSplit.Open(Options with { Boxes = "boxes" }, "train");
        using var both = images;
        Assert.Contains(
            "row 0", Assert.Throws<DataException>(() => images.Rows([0], Ct).Boxes(0, new float[8])).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Flickr8k_opens_with_grid_features_and_glove()
    {
        var options = new DatasetOptions
        {
            Path = SharedFolder.Find("data", "flickr8k"),
            Features = "ims_grid36",
            Boxes = "grid36_boxes.npy",
            Text = "vectors",
            Vectors = SharedFolder.Find("data", "glove", "glove300_f8k.npy"),
            VectorWords = SharedFolder.Find("data", "glove", "glove300_f8k_words.txt"),
        };
        var (images, captions) = PrecompSplit.Open(options, "test");
        using var both = images;
        Assert.Equal((1000, 256, 4), (images.Count, images.FeatureDim, images.BoxColumns));
        Assert.Equal((5000, 300), (captions.Count, captions.WordDim));
        var rows = images.Rows([999], Ct);
        Assert.Equal(36, rows.Regions(0));
        var features = new float[36 * 256];
        rows.Features(0, features);
        Assert.Contains(features, value => value != 0);
        var boxes = new float[36 * 4];
        rows.Boxes(0, boxes);
        Assert.All(boxes, edge => Assert.InRange(edge, 0, 1));
    }

    [Fact]
    public void Flickr8k_global_features_are_as_their_readme_says()
    {
        var options = new DatasetOptions { Path = SharedFolder.Find("data", "flickr8k") };
        var (images, captions) = PrecompSplit.Open(options, "train");
        using var both = images;
        Assert.Equal((6000, 1280, 30_000), (images.Count, images.FeatureDim, captions.Count));
        Assert.Equal(3_169, captions.Vocabulary!.Count);
        double sum = 0, norms = 0;
        var row = new float[1280];
        for (var image = 0; image < 6000; image += 10)
        {
            images.Rows([image], Ct).Features(0, row);
            Assert.All(row, value => Assert.InRange(value, 0f, 5.7f));
            sum += row.Sum(value => (double)value);
            norms += Math.Sqrt(row.Sum(value => (double)value * value));
        }

        Assert.InRange(sum / (600 * 1280), 0.36, 0.40);
        Assert.InRange(norms / 600, 20, 22);
    }
}

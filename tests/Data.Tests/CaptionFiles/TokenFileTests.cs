namespace Colony.Data.Tests;

public sealed class TokenFileTests : IDisposable
{
    /// <summary>Captions of one image need not stand together or in order, and a name may hold a number sign.</summary>
    internal const string Lines =
        "b.jpg#1\tA second cat .\nb.jpg#0\tA cat .\na#1.jpg#0\tA dog .\na#1.jpg#1\tOne dog .\na#1.jpg#2\tleft out\n"
        + "c.jpg#0\tA bird .\n";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private DatasetOptions Options => new()
    {
        Format = "tokens",
        Path = _folder.Path,
        CaptionFile = "Flickr8k.token.txt",
        Features = "ims.npy",
        CaptionsPerImage = 2,
        MinWordCount = 1,
        VocabularyFromDev = false,
    };

    [Fact]
    public void A_split_is_a_list_of_names_and_rows_are_in_the_order_of_the_captions()
    {
        WriteAll();
        using var train = Datasets.Open(Options, "train");
        Assert.Equal(
            ["A dog .", "One dog .", "A cat .", "A second cat ."],
            Enumerable.Range(0, train.Samples).Select(train.Caption));
        Assert.Equal(("a#1.jpg", "b.jpg"), (train.ImageId(0), train.ImageId(1)));
        using var batch = train.LoadImages([0, 1], TestContext.Current.CancellationToken);
        Assert.Equal([3f, 4, 1, 2], batch["features"].data<float>().ToArray());
    }

    [Fact]
    public void Other_lists_and_a_file_an_image_named_by_its_stem()
    {
        WriteAll();
        _folder.Write("lists/test.txt", "b.jpg\r\n");
        _folder.WriteNpy("att/b.npy", NpyType.Float32, [1, 3], [7, 8, 9]);
        using var test = Datasets.Open(
            Options with { SplitList = "lists/{split}.txt", Features = "att", VocabularyFile = Saved() }, "test");
        using var batch = test.Load([1], TestContext.Current.CancellationToken);
        Assert.Equal([7f, 8, 9], batch["features"].data<float>().ToArray());
        Assert.Equal((1, "b.jpg"), (test.Images, test.ImageId(0)));
    }

    [Theory]
    [InlineData("A dog .", "", "Flickr8k.token.txt: line 3: the caption is empty")]
    [InlineData("#0\tA dog", "\tA dog", "line 3: a line is an image's file name")]
    [InlineData("#0\tA dog", "#0 A dog", "line 3: a line is")]
    [InlineData("#0\tA dog", "#x\tA dog", "line 3: a line is")]
    [InlineData("#0\tA dog", "#-1\tA dog", "line 3: a line is")]
    [InlineData("#0\tA dog", "#99999999999\tA dog", "line 3: a line is")]
    [InlineData("#1\tOne dog", "#0\tOne dog", "line 4: caption 0 of a#1.jpg is there twice")]
    [InlineData("a#1.jpg#0", "../a.jpg#0", "line 3: a sample is named '../a.jpg'")]
    [InlineData("A bird .", "\n", "line 7 is empty")]
    public void A_bad_line_is_named(string old, string with, string says)
    {
        WriteAll();
        _folder.Write("Flickr8k.token.txt", Lines.Replace(old, with, StringComparison.Ordinal));
        Refused(Options, says);
    }

    [Theory]
    [InlineData("nobody.jpg\n", "Flickr_8k.trainImages.txt: line 1:", "no captions of nobody.jpg")]
    [InlineData("b.jpg\nb.jpg\n", "Flickr_8k.trainImages.txt: line 2: b.jpg is there twice")]
    [InlineData("", "Flickr_8k.trainImages.txt: names no image")]
    [InlineData("c.jpg\n", "Flickr8k.token.txt: line 6", "c.jpg has 1 captions", "captions_per_image is 2")]
    public void A_bad_list_is_named(string list, params string[] says)
    {
        WriteAll();
        _folder.Write("Flickr_8k.trainImages.txt", list);
        Refused(Options, says);
    }

    [Fact]
    public void What_the_options_or_files_lack_is_said()
    {
        WriteAll();
        Refused(Options with { CaptionFile = "" }, "needs caption_file");
        Refused(Options with { SplitList = "no-{split}.txt" }, "no-train.txt", "no such file");
        Refused(Options with { CaptionText = "tokens" }, "caption_text: tokens goes with format: karpathy");
        Refused(Options with { Text = "features", TextFeatures = "x" }, "text: features needs captions with ids");
        _folder.Write("Flickr8k.token.txt", "");
        Refused(Options, "Flickr8k.token.txt: has no captions");
    }

    private string Saved()
    {
        Vocabulary.Build(["a cat"], 1).Save(_folder.File("words.json"));
        return "words.json";
    }

    private void WriteAll()
    {
        _folder.Write("Flickr8k.token.txt", Lines);
        _folder.Write("Flickr_8k.trainImages.txt", "a#1.jpg\nb.jpg\n");
        _folder.WriteNpy("ims.npy", NpyType.Float32, [3, 2], [1, 2, 3, 4, 5, 6]);
    }

    private static void Refused(DatasetOptions options, params string[] words)
    {
        var error = Assert.Throws<DataException>(() => Datasets.Open(options, "train"));
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', error.Message);
    }
}

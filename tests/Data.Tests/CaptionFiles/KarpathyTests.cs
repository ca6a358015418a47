using System.Text;

namespace Colony.Data.Tests;

public sealed class KarpathyTests : IDisposable
{
    /// <summary>Four images: two of train, one of restval, one of val; the second has a caption too many.</summary>
    internal const string Json = """
        {"images": [
          {"split": "train", "filename": "a.jpg", "imgid": 0, "cocoid": 900, "sentids": [0, 1], "sentences": [
            {"raw": "A dog's ball. ", "tokens": ["a", "dogs", "ball"], "imgid": 0, "sentid": 0},
            {"raw": "One dog", "tokens": ["one", "dog"], "imgid": 0, "sentid": 1}]},
          {"split": "val", "filename": "b.jpg", "imgid": 1, "cocoid": 901, "sentids": [2, 3, 4], "sentences": [
            {"raw": "A cat", "tokens": ["a", "cat"], "imgid": 1, "sentid": 2},
            {"raw": "Two cats", "tokens": ["two", "cats"], "imgid": 1, "sentid": 3},
            {"raw": "left out", "tokens": ["left", "out"], "imgid": 1, "sentid": 4}]},
          {"split": "restval", "filename": "c.jpg", "imgid": 2, "cocoid": 902, "sentids": [5, 6], "sentences": [
            {"raw": "A bird", "tokens": ["a", "bird"], "imgid": 2, "sentid": 5},
            {"raw": "Birds", "tokens": ["birds"], "imgid": 2, "sentid": 6}]},
          {"split": "train", "filename": "d.jpg", "imgid": 3, "cocoid": 903, "sentids": [7, 8], "sentences": [
            {"raw": "A tree", "tokens": ["a", "tree"], "imgid": 3, "sentid": 7},
            {"raw": "Trees", "tokens": ["trees"], "imgid": 3, "sentid": 8}]}],
         "dataset": "made up"}
        """;

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private DatasetOptions Options => new()
    {
        Format = "karpathy",
        Path = _folder.Path,
        CaptionFile = "dataset.json",
        Features = "ims.npy",
        CaptionsPerImage = 2,
        MinWordCount = 1,
    };

    [Fact]
    public void Splits_captions_and_rows_of_one_array_follow_the_file()
    {
        WriteAll();
        using var train = Datasets.Open(Options, "train");
        Assert.Equal(["A dog's ball.", "One dog", "A tree", "Trees"], Captions(train));
        Assert.Equal(["a.jpg", "d.jpg"], Ids(train));
        Assert.Equal([0f, 1, 6, 7], Features(train));
        using var dev = Datasets.Open(Options, "dev");
        Assert.Equal(["A cat", "Two cats"], Captions(dev));
        Assert.Equal([2f, 3], Features(dev));
        using var val = Datasets.Open(Options, "val");
        Assert.Equal(Captions(dev), Captions(val));

        // The words of train and dev, not those left out, nor those of restval.
        Assert.Equal(
            ["'", ".", "a", "ball", "cat", "cats", "dog", "one", "s", "tree", "trees", "two"],
            Enumerable.Range(4, train.Vocabulary!.Count - 4).Select(id => train.Vocabulary[id])
                .Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Restval_counts_as_train_where_the_job_says_so()
    {
        WriteAll();
        using var train = Datasets.Open(Options with { Restval = true, MaxImages = 2 }, "train");
        Assert.Equal(["a.jpg", "c.jpg"], Ids(train));
        Assert.Equal([0f, 1, 4, 5], Features(train));
        Assert.NotEqual(Vocabulary.Unknown, train.Vocabulary!.IdOf("birds"));
        using var rest = Datasets.Open(Options, "restval");
        Assert.Equal(["c.jpg"], Ids(rest));
    }

    [Fact]
    public void An_array_of_a_split_has_rows_for_that_split_alone()
    {
        WriteAll();
        _folder.WriteNpy("train_vgg.npy", NpyType.Float16, [2, 2], [10, 11, 12, 13]);
        _folder.WriteNpy("train_boxes.npy", NpyType.Float32, [2, 1, 4], [0, 0, 5, 5, 0, 0, 10, 5]);
        _folder.WriteNpy("train_img_sizes.npy", NpyType.Float32, [2, 2], [10, 10, 10, 5]);
        using var train = Datasets.Open(Options with { Features = "{split}_vgg.npy", Boxes = "boxes" }, "train");
        Assert.Equal([10f, 11, 12, 13], Features(train));
        using var batch = train.LoadImages([1], TestContext.Current.CancellationToken);
        Assert.Equal([0f, 0, 1, 1], batch["boxes"].data<float>().ToArray());
        Assert.Equal([10f, 5], batch["image_sizes"].data<float>().ToArray());
    }

    [Fact]
    public void Boxes_beside_an_array_of_all_images_are_found_without_a_split()
    {
        WriteAll();
        _folder.WriteNpy("boxes.npy", NpyType.Float32, [4, 1, 4], [.. Enumerable.Range(0, 16).Select(i => (float)i)]);
        _folder.WriteNpy("img_sizes.npy", NpyType.Float32, [4, 2], [1, 1, 1, 1, 1, 1, 2, 2]);
        using var train = Datasets.Open(Options with { Boxes = "boxes" }, "train");
        using var batch = train.LoadImages([1], TestContext.Current.CancellationToken);
        Assert.Equal([6f, 6.5f, 7, 7.5f], batch["boxes"].data<float>().ToArray());
    }

    [Theory]
    [InlineData("id", "3")]
    [InlineData("stem", "d")]
    [InlineData("cocoid", "903")]
    public void A_file_an_image_is_named_as_the_job_says(string namedBy, string name)
    {
        WriteAll();
        var first = namedBy switch { "id" => "0", "stem" => "a", _ => "900" };
        _folder.WriteNpy($"att/{first}.npy", NpyType.Float32, [2], [1, 2]);
        _folder.WriteNpy($"att/{name}.npy", NpyType.Float32, [2, 2], [3, 4, 5, 6]);
        using var train = Datasets.Open(Options with { Features = "att", NamedBy = namedBy }, "train");
        using var batch = train.LoadImages([0, 1], TestContext.Current.CancellationToken);
        Assert.Equal([1f, 2, 0, 0, 3, 4, 5, 6], batch["features"].data<float>().ToArray());
        Assert.Equal([1L, 2], batch["feat_len"].data<long>().ToArray());
        Assert.Equal("d.jpg", train.ImageId(1));
    }

    [Fact]
    public void The_files_own_tokens_by_option()
    {
        WriteAll();
        using var train = Datasets.Open(Options with { CaptionText = "tokens", VocabularyFromDev = false }, "train");
        Assert.Equal(["a dogs ball", "one dog", "a tree", "trees"], Captions(train));
        Assert.Equal(4 + 7, train.Vocabulary!.Count);
        Assert.NotEqual(Vocabulary.Unknown, train.Vocabulary.IdOf("dogs"));
    }

    [Fact]
    public void Token_features_are_named_by_the_sentence()
    {
        WriteAll();
        foreach (var id in new[] { 0, 1, 7, 8 })
        {
            _folder.WriteNpy($"bert/{id}.npy", NpyType.Float32, [1, 2], [id, id]);
        }

        using var train = Datasets.Open(Options with { Text = "features", TextFeatures = "bert" }, "train");
        using var batch = train.LoadCaptions([2], TestContext.Current.CancellationToken);
        Assert.Equal([7f, 7], batch["cap_features"].data<float>().ToArray());
    }

    [Theory]
    [InlineData("train.vgg.npy", 3, "has 3 rows", "lists 4 images in all")]
    [InlineData("{split}.vgg.npy", 3, "has 3 rows", "lists 2 images of the split 'train'")]
    public void Arrays_of_other_sizes_are_refused_with_both_numbers(string features, int rows, params string[] words)
    {
        WriteAll();
        _folder.WriteNpy("train.vgg.npy", NpyType.Float32, [rows, 2], new float[rows * 2]);
        Refused(Options with { Features = features }, "train", ["dataset.json", .. words]);
    }

    [Fact]
    public void Too_few_captions_name_image_place_and_cure()
    {
        WriteAll();
        Refused(
            Options with { CaptionsPerImage = 3 }, "train",
            "dataset.json: images[0]", "a.jpg has 2 captions", "captions_per_image is 3", "fewer captions");
        using var dev = Datasets.Open(
            Options with { CaptionsPerImage = 3, VocabularyFile = Saved("cat") }, "dev");
        Assert.Equal(3, dev.Samples);
    }

    [Fact]
    public void What_the_options_lack_is_said()
    {
        WriteAll();
        Refused(Options with { CaptionFile = "" }, "train", "needs caption_file");
        Refused(Options with { CaptionFile = "none.json" }, "train", "none.json", "no such file");
        Refused(Options, "testall", "no image of the split 'testall'", "'train', 'val', 'restval'");
        _folder.WriteNpy("att/0.npy", NpyType.Float32, [1, 2], [1, 2]);
        Refused(Options with { Features = "att", Boxes = "box" }, "train", "images[0]", "box_scale: raw");
        _folder.Write("dataset.json", Json.Replace("\"cocoid\": 900, ", "", StringComparison.Ordinal));
        Refused(Options with { Features = "att", NamedBy = "cocoid" }, "train", "images[0]", "'cocoid'");
    }

    [Theory]
    [InlineData("\"imgid\": 3, \"cocoid\"", "\"imgid\": 0, \"cocoid\"", "images[3]", "twice")]
    [InlineData("\"d.jpg\"", "\"a.jpg\"", "images[3]", "twice")]
    [InlineData("\"d.jpg\"", "\"../../d.jpg\"", "images[3]", "no file name")]
    [InlineData("\"d.jpg\"", "7", "images[3]", "'filename'")]
    [InlineData("\"filename\": \"d.jpg\",", "", "images[3]", "'filename'")]
    [InlineData("\"raw\": \"A tree\"", "\"raw\": \"  \"", "images[3]: sentences[0]", "'raw' is missing or no text")]
    [InlineData("\"raw\": \"A tree\"", "\"raw\": \"\\ud800\"", "images[3]: sentences[0]", "'raw'")]
    [InlineData("\"sentid\": 8", "\"sentid\": 7", "images[3]: sentences[1]", "sentence 7 is there twice")]
    [InlineData("\"sentids\": [7, 8]", "\"sentids\": [7]", "images[3]", "'sentids' is not the list of its 2 sentences")]
    [InlineData("\"sentids\": [7, 8]", "\"sentids\": [7, \"8\"]", "images[3]", "'sentids'")]
    [InlineData("{\"images\":", "{\"pictures\":", "dataset.json: has no list 'images'", "sentences")]
    [InlineData("\"split\": \"restval\", ", "", "images[2]", "'split'")]
    [InlineData("\"dataset\": \"made up\"}", "\"dataset\": ", "line 15 is not JSON", "write the file again")]
    public void Hostile_files_are_one_sentence(string old, string with, params string[] words)
    {
        WriteAll();
        var spoilt = Json.Replace(old, with, StringComparison.Ordinal);
        Assert.NotEqual(Json, spoilt);
        _folder.Write("dataset.json", spoilt);
        Refused(Options, "train", ["dataset.json", .. words]);
    }

    [Fact]
    public void Tokens_that_are_no_words_are_refused()
    {
        WriteAll();
        var options = Options with { CaptionText = "tokens" };
        foreach (var tokens in new[] { "[]", "7", "[\"a\", null]", "[\"a\", \" \"]" })
        {
            _folder.Write(
                "dataset.json", Json.Replace("[\"a\", \"tree\"]", tokens, StringComparison.Ordinal));
            Refused(options, "train", "images[3]: sentences[0]", "caption_text: raw");
        }
    }

    /// <summary>Whatever happens to the bytes of the file: it opens, or the error is the reader's own.</summary>
    [Fact]
    public void Cut_and_changed_bytes_never_break_the_reader()
    {
        WriteAll();
        var whole = Encoding.UTF8.GetBytes(Json);
        var (random, refused) = (new Random(4), 0);
        for (var attempt = 0; attempt < 400; attempt++)
        {
            var bytes = whole.ToArray();
            bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            _folder.Write("dataset.json", attempt % 4 == 0 ? bytes.AsSpan(0, random.Next(bytes.Length)) : bytes);
            try
            {
                Datasets.Open(Options, "train").Dispose();
            }
            catch (DataException error)
            {
                Assert.Contains("dataset.json", error.Message, StringComparison.Ordinal);
                refused++;
            }
        }

        Assert.InRange(refused, 100, 399);
    }

    private string Saved(string word)
    {
        Vocabulary.Build([word], 1).Save(_folder.File("words.json"));
        return "words.json";
    }

    private void WriteAll()
    {
        _folder.Write("dataset.json", Json);
        _folder.WriteNpy("ims.npy", NpyType.Float32, [4, 1, 2], [0, 1, 2, 3, 4, 5, 6, 7]);
    }

    private static void Refused(DatasetOptions options, string split, params string[] words)
    {
        var error = Assert.Throws<DataException>(() => Datasets.Open(options, split));
        Assert.All(words, word => Assert.Contains(word, error.Message, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', error.Message);
    }

    private static IEnumerable<string> Captions(IDataset data) =>
        Enumerable.Range(0, data.Samples).Select(data.Caption);

    private static IEnumerable<string> Ids(IDataset data) => Enumerable.Range(0, data.Images).Select(data.ImageId);

    private static float[] Features(IDataset data)
    {
        using var batch = data.LoadImages([.. Enumerable.Range(0, data.Images)], TestContext.Current.CancellationToken);
        return batch["features"].data<float>().ToArray();
    }
}

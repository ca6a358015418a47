using Colony.Testing;
using Colony.Torch;

namespace Colony.Data.Tests;

public sealed class DatasetTests : IDisposable
{
    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    private DatasetOptions Tiny()
    {
        _folder.WriteNpy("train_ims.npy", NpyType.Float16, [2, 2, 2], [3, 4, 0, 0, 5, 12, 8, 6]);
        _folder.WriteNpy("table.npy", NpyType.Float32, [2, 4], [0, 0, 0.5f, 1, 0.5f, 0, 1, 1]);
        _folder.Write("train_caps.txt", "A dog .\nThe cat sat down .\nA cat\nOne dog ran .\n");
        _folder.Write("train_ids.txt", "one\ntwo\n");
        return new DatasetOptions
        {
            BaseDirectory = Path.GetDirectoryName(_folder.Path)!,
            Path = Path.GetFileName(_folder.Path),
            Boxes = "table.npy",
            CaptionsPerImage = 2,
            MinWordCount = 1,
            VocabularyFromDev = false,
        };
    }

    [Fact]
    public void A_batch_has_the_names_shapes_and_padding_it_promises()
    {
        using var data = Datasets.Open(Tiny(), "train");
        using var batch = data.Load([3, 0], TestContext.Current.CancellationToken);
        Assert.Equal(["features", "boxes", "feat_len", "captions", "cap_len", "sample", "image"], batch.Names);
        Assert.Equal([2L, 2, 2], batch["features"].shape);
        Assert.Equal([5f, 12, 8, 6, 3, 4, 0, 0], batch["features"].data<float>().ToArray());
        Assert.Equal([2L, 2, 4], batch["boxes"].shape);
        Assert.Equal([2L, 2], batch["feat_len"].data<long>().ToArray());
        Assert.Equal([6L, 5], batch["cap_len"].data<long>().ToArray());
        Assert.Equal([3L, 0], batch["sample"].data<long>().ToArray());
        Assert.Equal([data.ImageOfCaption(3), 0L], batch["image"].data<long>().ToArray());
        var ids = batch["captions"].data<long>().ToArray();
        Assert.Equal([2L, 6], batch["captions"].shape);
        Assert.Equal((1L, 2L, 1L, 2L, 0L), (ids[0], ids[5], ids[6], ids[10], ids[11]));
        var vocabulary = data.Vocabulary!;
        Assert.Equal("one dog ran .", string.Join(' ', ids[1..5].Select(id => vocabulary[(int)id])));
    }

    [Fact]
    public void The_cls_row_is_zero_and_counted()
    {
        using var data = Datasets.Open(Tiny() with { ImageClsRow = true }, "train");
        using var batch = data.LoadImages([1], TestContext.Current.CancellationToken);
        Assert.Equal(["features", "boxes", "feat_len", "sample"], batch.Names);
        Assert.Equal([0f, 0, 5, 12, 8, 6], batch["features"].data<float>().ToArray());
        Assert.Equal([0f, 0, 0, 0, 0, 0, 0.5f, 1, 0.5f, 0, 1, 1], batch["boxes"].data<float>().ToArray());
        Assert.Equal([3L], batch["feat_len"].data<long>().ToArray());
    }

    [Fact]
    public void Normalised_rows_have_length_one_and_zero_rows_stay_zero()
    {
        using var data = Datasets.Open(Tiny() with { NormalizeImages = true }, "train");
        using var batch = data.LoadImages([0], TestContext.Current.CancellationToken);
        Assert.Equal([0.6f, 0.8f, 0, 0], batch["features"].data<float>().ToArray());
    }

    [Fact]
    public void An_empty_slice_is_an_empty_batch()
    {
        using var data = Datasets.Open(Tiny(), "train");
        using var batch = data.Load([], TestContext.Current.CancellationToken);
        Assert.All(batch, pair => Assert.Equal(0, pair.Value.shape[0]));
        Assert.Equal(3, batch["features"].shape.Length);
    }

    [Fact]
    public void Free_text_is_encoded_as_captions_are()
    {
        using var data = Datasets.Open(Tiny(), "train");
        using var query = data.TextBatch(["the CAT sat down."]);
        using var caption = data.LoadCaptions([1], TestContext.Current.CancellationToken);
        Assert.Equal(caption["captions"].data<long>().ToArray(), query["captions"].data<long>().ToArray());
        Assert.Throws<DataException>(() => data.TextBatch(["zebra"]));
        Assert.Throws<DataException>(() => data.TextBatch([""]));
    }

    [Fact]
    public void Names_and_places_agree()
    {
        using var data = Datasets.Open(Tiny(), "train");
        Assert.Equal(
            (4, 2, 2, 2, 0), (data.Samples, data.Images, data.CaptionsPerImage, data.FeatureDim, data.WordDim));
        Assert.Equal("A cat", data.Caption(2));
        Assert.Equal("two", data.ImageId(data.ImageOfCaption(2)));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.Load([4], TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentOutOfRangeException>(() => data.LoadImages([-1], TestContext.Current.CancellationToken));
    }

    [Fact]
    public void First_images_only()
    {
        using var data = Datasets.Open(Tiny() with { MaxImages = 1 }, "train");
        Assert.Equal((1, 2), (data.Images, data.Samples));
    }

    [Fact]
    public void Wrong_options_are_one_sentence()
    {
        var tiny = Tiny();
        foreach (var (wrong, word) in new[]
        {
            (tiny with { Format = "zip" }, "Format"),
            (tiny with { Text = "vectors" }, "vector_words"),
            (tiny with { Text = "features" }, "text_features"),
            (tiny with { Path = "nowhere-at-all" }, "no folder"),
            (tiny with { CaptionsPerImage = 0 }, "CaptionsPerImage"),
        })
        {
            var error = Assert.Throws<DataException>(() => Datasets.Open(wrong, "train"));
            Assert.Contains(word, error.Message, StringComparison.Ordinal);
        }

        Assert.Throws<DataException>(() => Datasets.Open(tiny, "../train"));
        Assert.Throws<DataException>(() => Datasets.Open(tiny with { Text = "features", TextFeatures = "x" }, "train"));
    }

    [Fact]
    public void Images_of_different_size_are_padded_with_zeros()
    {
        _folder.Write("train.json", """
            {"images": [{"id": 7}, {"id": 3}],
             "annotations": [{"id": 1, "image_id": 3, "caption": "a"}, {"id": 2, "image_id": 7, "caption": "b"}]}
            """);
        _folder.WriteNpy("att/3.npy", NpyType.Float32, [1, 2], [9, 8]);
        _folder.WriteNpy("att/7.npy", NpyType.Float32, [2, 2], [1, 2, 3, 4]);
        _folder.WriteNpy("bert/1.npy", NpyType.Float32, [2, 1], [1, 2]);
        _folder.WriteNpy("bert/2.npy", NpyType.Float32, [1, 1], [3]);
        var options = new DatasetOptions
        {
            Format = "per_sample", Path = _folder.Path, Features = "att",
            CaptionsPerImage = 1, Text = "features", TextFeatures = "bert",
        };
        using var data = Datasets.Open(options, "train");
        using var batch = data.Load([0, 1], TestContext.Current.CancellationToken);
        Assert.Equal([9f, 8, 0, 0, 1, 2, 3, 4], batch["features"].data<float>().ToArray());
        Assert.Equal([1L, 2], batch["feat_len"].data<long>().ToArray());
        Assert.Equal([1f, 2, 3, 0], batch["cap_features"].data<float>().ToArray());
        Assert.Equal([2L, 1], batch["cap_len"].data<long>().ToArray());
    }

    [Fact]
    public void Threads_loading_at_once_get_what_one_gets()
    {
        using var data = Datasets.Open(Tiny(), "train");
        using var alone = data.Load([0, 3, 1], TestContext.Current.CancellationToken);
        var features = alone["features"].data<float>().ToArray();
        Parallel.For(0, 64, _ =>
        {
            using var batch = data.Load([0, 3, 1], TestContext.Current.CancellationToken);
            Assert.Equal(features, batch["features"].data<float>().ToArray());
        });
    }

    [Fact]
    public void A_batch_that_fails_leaves_no_tensor_behind()
    {
        var options = Tiny();
        _folder.WriteNpy("train_ims.npy", NpyType.Float32, [2, 2, 2], [3, 4, 0, 0, 5, float.NaN, 8, 6]);
        using var data = Datasets.Open(options, "train");
        data.LoadImages([0], TestContext.Current.CancellationToken).Dispose();
        var live = TensorCounters.Live;
        var error = Assert.Throws<DataException>(() => data.LoadImages([0, 1], TestContext.Current.CancellationToken));
        Assert.Contains("row 1", error.Message, StringComparison.Ordinal);
        Assert.Equal(live, TensorCounters.Live);
    }

    [Fact]
    public void Flickr8k_makes_the_batches_of_the_reference_runs()
    {
        var folder = SharedFolder.Find("data", "flickr8k");
        var flat = new DatasetOptions { Path = folder, NormalizeImages = true };
        using (var data = Datasets.Open(flat, "dev"))
        using (var batch = data.Load([0, 4999], TestContext.Current.CancellationToken))
        {
            Assert.Equal([2L, 1, 1280], batch["features"].shape);
            Assert.Equal(1.0, batch["features"].data<float>()[..1280].ToArray().Sum(v => (double)v * v), 5);
            Assert.Equal(3_169, data.Vocabulary!.Count);
        }

        var tern = new DatasetOptions
        {
            BaseDirectory = folder,
            Path = ".",
            Features = "ims_grid36",
            Boxes = "grid36_boxes.npy",
            ImageClsRow = true,
            Text = "vectors",
            Vectors = "../glove/glove300_f8k.npy",
            VectorWords = "../glove/glove300_f8k_words.txt",
        };
        using (var data = Datasets.Open(tern, "test"))
        using (var batch = data.Load([.. Enumerable.Range(0, 128)], TestContext.Current.CancellationToken))
        {
            Assert.Equal([128L, 37, 256], batch["features"].shape);
            Assert.Equal([128L, 37, 4], batch["boxes"].shape);
            Assert.Equal(300, batch["cap_features"].shape[2]);
            Assert.All(batch["cap_features"].data<float>()[..300].ToArray(), value => Assert.Equal(0f, value));
            Assert.Equal(Tokenizer.Tokenize(data.Caption(5)).Count + 1, batch["cap_len"].data<long>()[5]);
        }
    }
}

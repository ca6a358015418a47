using Colony.Storage;

namespace Colony.Data.Tests;

/// <summary>Small sources of each kind, and packs of them.</summary>
internal sealed class PackedWorld : IDisposable
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    private readonly TempFolder _folder = new();

    public const int Images = 11;
    public const int Regions = 3;
    public const int Dim = 5;

    public TempFolder Folder => _folder;

    public string PackPath => _folder.File("pack");

    public void Dispose() => _folder.Dispose();

    /// <summary>SCAN's arrays with boxes in pixels: train of 11 images, dev and test of 4, two captions each.</summary>
    public DatasetOptions Precomp(NpyType type = NpyType.Float16)
    {
        foreach (var (split, images) in new[] { ("train", Images), ("dev", 4), ("test", 4) })
        {
            _folder.WriteNpy(
                $"source/{split}_ims.npy", type, [images, Regions, Dim], Values(images * Regions * Dim, split.Length));
            _folder.WriteNpy(
                $"source/{split}_boxes.npy", NpyType.Float32, [images, Regions, 4],
                Values(images * Regions * 4, 1).Select(v => Math.Abs(v) * 3).ToArray());
            _folder.WriteNpy(
                $"source/{split}_img_sizes.npy", NpyType.Float32, [images, 2],
                Enumerable.Range(0, images * 2).Select(i => 30f + i).ToArray());
            _folder.Write(
                $"source/{split}_caps.txt",
                string.Concat(
                    Enumerable.Range(0, images * 2).Select(i => $"A \"{split}\" dog é sees {i % 5} cats .\n")));
            _folder.Write(
                $"source/{split}_ids.txt", string.Concat(Enumerable.Range(0, images).Select(i => $"{split}{i}.jpg\n")));
        }

        return new DatasetOptions
        {
            Path = _folder.File("source"), Boxes = "boxes", CaptionsPerImage = 2, MinWordCount = 1,
        };
    }

    /// <summary>A file a sample: images of one to three regions, captions of one to three tokens of 4 values.</summary>
    public DatasetOptions PerSample()
    {
        var images = string.Join(
            ",", Enumerable.Range(1, 7).Select(i => $$"""{"id": {{i}}, "width": {{i * 10}}, "height": 20}"""));
        var captions = string.Join(
            ",",
            Enumerable.Range(0, 14).Select(
                c => $$"""{"id": {{c}}, "image_id": {{(c / 2) + 1}}, "caption": "c {{c}}"}"""));
        _folder.Write("each/train.json", $$"""{"images": [{{images}}], "annotations": [{{captions}}]}""");
        for (var i = 1; i <= 7; i++)
        {
            var regions = 1 + (i % 3);
            _folder.WriteNpy($"each/att/{i}.npy", NpyType.Float32, [regions, Dim], Values(regions * Dim, i));
            _folder.WriteNpy(
                $"each/box/{i}.npy", NpyType.Float32, [regions, 4], Values(regions * 4, i).Select(Math.Abs).ToArray());
        }

        for (var c = 0; c < 14; c++)
        {
            var tokens = 1 + (c % 3);
            _folder.WriteNpy($"each/bert/{c}.npy", NpyType.Float32, [tokens, 4], Values(tokens * 4, c));
        }

        return new DatasetOptions
        {
            Format = "per_sample", Path = _folder.File("each"), Features = "att", Boxes = "box", CaptionsPerImage = 2,
            Text = "features", TextFeatures = "bert", MaxWords = 2,
        };
    }

    /// <summary>Karpathy's JSON beside one array of all images.</summary>
    public DatasetOptions Karpathy()
    {
        _folder.Write("karpathy/dataset.json", KarpathyTests.Json);
        _folder.WriteNpy("karpathy/ims.npy", NpyType.Float16, [4, Dim], Values(4 * Dim, 1));
        return new DatasetOptions
        {
            Format = "karpathy", Path = _folder.File("karpathy"), CaptionFile = "dataset.json", Features = "ims.npy",
            CaptionsPerImage = 2, MinWordCount = 1,
        };
    }

    /// <summary>A token file, a list of names, and a file an image.</summary>
    public DatasetOptions Tokens()
    {
        _folder.Write("tokens/all.token.txt", TokenFileTests.Lines);
        _folder.Write("tokens/train.txt", "b.jpg\na#1.jpg\n");
        _folder.WriteNpy("tokens/att/b.npy", NpyType.Float16, [2, Dim], Values(2 * Dim, 2));
        _folder.WriteNpy("tokens/att/a#1.npy", NpyType.Float16, [1, Dim], Values(Dim, 3));
        return new DatasetOptions
        {
            Format = "tokens", Path = _folder.File("tokens"), CaptionFile = "all.token.txt", SplitList = "{split}.txt",
            Features = "att", CaptionsPerImage = 2, MinWordCount = 1, VocabularyFromDev = false,
        };
    }

    /// <summary>Packs, and gives the options that read the pack.</summary>
    public async Task<DatasetOptions> PackAsync(
        DatasetOptions source, int perShard = 4, bool float32 = false, bool force = false, params string[] splits)
    {
        using var store = ObjectStores.Open(PackPath, new ObjectStoreOptions());
        await DataPack.WriteAsync(
            source,
            new PackOptions
            {
                Splits = splits.Length > 0 ? splits : ["train", "dev", "test"],
                ImagesPerShard = perShard, Float32 = float32, Force = force,
            },
            store,
            progress: null,
            Ct);
        return source with { Format = "packed", Path = PackPath };
    }

    /// <summary>The same pack, streamed through a cache.</summary>
    public DatasetOptions Streamed(DatasetOptions packed, long cacheBytes = 1 << 20) => packed with
    {
        Path = "file://" + PackPath, Cache = _folder.File("cache"), CacheBytes = cacheBytes,
    };

    /// <summary>Everything that the two can be asked for is the same to the bit.</summary>
    public static void AssertSame(DatasetOptions one, DatasetOptions other, string split)
    {
        using var a = Datasets.Open(one, split);
        using var b = Datasets.Open(other, split);
        Assert.Equal(
            (a.Samples, a.Images, a.FeatureDim, a.WordDim, a.VocabularySize),
            (b.Samples, b.Images, b.FeatureDim, b.WordDim, b.VocabularySize));
        int[] some = [a.Samples - 1, 0, 1, a.Samples / 2, 0, .. Enumerable.Range(0, a.Samples)];
        AssertSame(a.Load(some, Ct), b.Load(some, Ct));
        int[] images = [a.Images - 1, 0, .. Enumerable.Range(0, a.Images)];
        AssertSame(a.LoadImages(images, Ct), b.LoadImages(images, Ct));
        AssertSame(a.LoadCaptions(some, Ct), b.LoadCaptions(some, Ct));
        Assert.Equal(
            Enumerable.Range(0, a.Samples).Select(a.Caption), Enumerable.Range(0, a.Samples).Select(b.Caption));
        Assert.Equal(Enumerable.Range(0, a.Images).Select(a.ImageId), Enumerable.Range(0, a.Images).Select(b.ImageId));
    }

    private static void AssertSame(Torch.NamedTensors one, Torch.NamedTensors other)
    {
        // As a model gets them: a pack's halves are widened.
        using (one)
        using (other)
        using (var wide = other.To(default))
        {
            Assert.Equal(one.Names, wide.Names);
            foreach (var name in one.Names)
            {
                Assert.Equal(one[name].shape, wide[name].shape);
                Assert.True(one[name].bytes().Span.SequenceEqual(wide[name].bytes().Span), $"{name} differs");
            }
        }
    }

    private static float[] Values(int count, int seed)
        => [.. Enumerable.Range(0, count).Select(i => (((i * 37) + (seed * 101)) % 211) / 64f - 1.5f)];
}

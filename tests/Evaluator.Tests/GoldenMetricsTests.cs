using Colony.Testing;
using Colony.Testing.Npy;

namespace Colony.Evaluator.Tests;

/// <summary>
/// Against the published evaluation codes' own numbers; the folder of golden files is COLONY_GOLDEN or that of the
/// shared folder.
/// </summary>
public sealed class GoldenMetricsTests
{
    private const double Rounding = 1e-9;

    private static readonly Lazy<NpzFile> File = new(() =>
        NpzFile.Read(Environment.GetEnvironmentVariable("COLONY_GOLDEN") is { Length: > 0 } folder
            ? Path.Combine(folder, "retrieval_metrics.npz")
            : SharedFolder.Find("golden", "retrieval_metrics.npz")));

    private static NpzFile Golden => File.Value;

    private static int Images => (int)Golden["meta/images"].Scalar();

    private static int CaptionsPerImage => (int)Golden["meta/captions"].Scalar() / Images;

    private static int Dimension => (int)Golden["meta/dim"].Scalar();

    [Fact]
    public void Scan_without_ties()
    {
        var ranks = RetrievalRanks.Of(Matrix("input/sims"), TestContext.Current.CancellationToken);

        Assert.Equal(Ranks("output/sims/i2t_ranks"), ranks.ImageToText);
        Assert.Equal(Ranks("output/sims/t2i_ranks"), ranks.TextToImage);
        Agree("output/sims", RetrievalMetrics.Of(ranks));
        Agree("output/sims_order_embedding_code", RetrievalMetrics.Of(ranks));
    }

    [Fact]
    public void Ties_are_lost()
    {
        var ranks = RetrievalRanks.Of(Matrix("input/sims_ties"), TestContext.Current.CancellationToken);

        Assert.Equal(Ranks("output/sims_ties/i2t_ranks_worst"), ranks.ImageToText);
        Assert.Equal(Ranks("output/sims_ties/t2i_ranks_worst"), ranks.TextToImage);
        Assert.NotEqual(Ranks("output/sims_ties/t2i_ranks_best"), ranks.TextToImage);
    }

    [Fact]
    public void Vsepp_cosine_and_order()
    {
        var images = Floats("input/images");
        var captions = Floats("input/captions");
        var cosine = RetrievalRanks.Of(
            new EmbeddingScores(images, captions, Dimension, new InnerProductScorer()),
            TestContext.Current.CancellationToken);
        Assert.Equal(Ranks("output/embeddings_cosine/i2t_ranks"), cosine.ImageToText);
        Assert.Equal(Ranks("output/embeddings_cosine/t2i_ranks"), cosine.TextToImage);
        Agree("output/embeddings_cosine", RetrievalMetrics.Of(cosine));

        var order = RetrievalRanks.Of(
            new EmbeddingScores(Absolute(images), Absolute(captions), Dimension, new OrderScorer()),
            TestContext.Current.CancellationToken);
        Assert.Equal(Ranks("output/embeddings_order/i2t_ranks"), order.ImageToText);
        Assert.Equal(Ranks("output/embeddings_order/t2i_ranks"), order.TextToImage);
        Agree("output/embeddings_order", RetrievalMetrics.Of(order));
    }

    [Fact]
    public void Tern_text_to_image()
    {
        var dimension = (int)Golden["input/tern/images"].Shape[1];
        var scores = new EmbeddingScores(
            Floats("input/tern/images"), Floats("input/tern/captions"), dimension, new InnerProductScorer());
        var ranks = RetrievalRanks.Of(scores, TestContext.Current.CancellationToken);

        Assert.Equal(Ranks("output/tern/t2i_ranks"), ranks.TextToImage);
        Agree(Golden["output/tern/t2i"].ToDoubles(), DirectionMetrics.Of(ranks.TextToImage));
    }

    [Fact]
    public void Five_folds_and_all_at_once()
    {
        var dimension = (int)Golden["input/fold5/images"].Shape[1];
        var scores = new EmbeddingScores(
            Floats("input/fold5/images"), Floats("input/fold5/captions"), dimension, new InnerProductScorer());

        var folded = Protocols.Folded(scores, Protocols.CocoFolds, TestContext.Current.CancellationToken);
        var each = Golden["output/fold5/each"].ToDoubles();
        Assert.Equal(Protocols.CocoFolds, folded.Folds.Count);
        for (var fold = 0; fold < Protocols.CocoFolds; fold++)
        {
            AgreeFold(each.AsSpan(fold * 13, 13).ToArray(), folded.Folds[fold]);
        }

        AgreeFold(Golden["output/fold5/mean"].ToDoubles(), folded.Mean);

        var whole = Protocols.Whole(scores, TestContext.Current.CancellationToken);
        var expected = Golden["output/fold5/all_at_once"].ToDoubles();
        Agree(expected[..5], whole.ImageToText);
        Agree(expected[5..], whole.TextToImage);
    }

    [Fact]
    public void Lists_of_kaylode()
    {
        var scores = new EmbeddingScores(
            Unit(Floats("input/images")), Unit(Floats("input/captions")), Dimension, new InnerProductScorer());
        var cancellation = TestContext.Current.CancellationToken;
        var (images, captions) = ListMetrics.Of(
            scores, ListMetrics.PublishedLength, ListMetrics.PublishedMinimum, cancellation);
        AgreeLists("output/kaylode_i2t", images, ListMetrics.ImageLists(
            scores, ListMetrics.PublishedLength, ListMetrics.PublishedMinimum, cancellation));
        AgreeLists("output/kaylode_t2i", captions, ListMetrics.CaptionLists(
            scores, ListMetrics.PublishedLength, ListMetrics.PublishedMinimum, cancellation));
    }

    /// <summary>A list that the lowest score cuts short, and one that is empty.</summary>
    [Fact]
    public void Lists_end_at_the_lowest_score()
    {
        var scores = new MatrixScores(new[] { 0.9f, 0.1f, 0.8f, float.NaN, 0.2f, 0.1f, 0.1f, 0.3f }, 2, 2);
        var (images, captions) = ListMetrics.Of(scores, 3, 0.5, TestContext.Current.CancellationToken);
        Assert.Equal(new ListMetrics(0.25, 0.25, 0.25, 0.5, 0.25, 0.25, 0.5, 0.2), images);
        Assert.Equal(new ListMetrics(0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.25, 0.125), captions);
    }

    private static void AgreeLists(string prefix, ListMetrics actual, IEnumerable<int[]> lists)
    {
        var top = Golden[$"{prefix}/top10"];
        var length = (int)top.Shape[1];
        Assert.Equal(
            Ranks($"{prefix}/top10"),
            lists.SelectMany(list => list.Concat(Enumerable.Repeat(-1, length - list.Length))));
        (string Name, double Value)[] values =
        [
            ("R1", actual.RecallAt1), ("R5", actual.RecallAt5), ("R10", actual.RecallAt10),
            ("NN", actual.NearestNeighbour), ("FT", actual.FirstTier), ("ST", actual.SecondTier),
            ("MAP10", actual.PrecisionSum), ("F1_10", actual.F1),
        ];
        Assert.All(values, pair => Assert.Equal(
            Golden[$"{prefix}/{pair.Name}_unrounded"].Scalar(), pair.Value, Rounding));
    }

    private static float[] Unit(float[] rows) =>
    [
        .. rows.Chunk(Dimension).SelectMany(row =>
        {
            var length = Math.Sqrt(row.Sum(x => (double)x * x));
            return row.Select(x => (float)(x / length));
        }),
    ];

    private static void AgreeFold(double[] expected, RetrievalMetrics actual)
    {
        Agree(expected[..5], actual.ImageToText);
        Agree(expected[5..10], actual.TextToImage);
        Assert.Equal(expected[10], actual.ImageToText.RecallSum / 3, Rounding);
        Assert.Equal(expected[11], actual.TextToImage.RecallSum / 3, Rounding);
        Assert.Equal(expected[12], actual.RecallSum, Rounding);
    }

    private static void Agree(string prefix, RetrievalMetrics actual)
    {
        Agree(Golden[prefix + "/i2t"].ToDoubles(), actual.ImageToText);
        Agree(Golden[prefix + "/t2i"].ToDoubles(), actual.TextToImage);
    }

    private static void Agree(double[] expected, DirectionMetrics actual)
    {
        double[] values = [actual.RecallAt1, actual.RecallAt5, actual.RecallAt10, actual.MedianRank, actual.MeanRank];
        Assert.Equal(expected.Length, values.Length);
        Assert.All(expected.Zip(values), pair => Assert.Equal(pair.First, pair.Second, Rounding));
    }

    private static MatrixScores Matrix(string name) => new(Floats(name), Images, CaptionsPerImage);

    private static float[] Floats(string name) => Array.ConvertAll(Golden[name].ToDoubles(), d => (float)d);

    private static int[] Ranks(string name) => Array.ConvertAll(Golden[name].ToDoubles(), d => (int)d);

    private static float[] Absolute(float[] values) => Array.ConvertAll(values, Math.Abs);
}

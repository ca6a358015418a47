using Colony.Data;
using Colony.Jobs;
using Colony.Model;
using Colony.Torch;

namespace Colony.Evaluator.Tests;

public sealed class EmbedderTests
{
    private const int Images = 23;
    private const int PerImage = 5;
    private const int Width = 6;

    [Fact]
    public void Rows_come_in_the_order_of_the_data_whatever_the_batch()
    {
        using var encoder = new Doubling();
        using var data = new Counting();
        foreach (var batch in new[] { 1, 7, 1000 })
        {
            var live = TensorCounters.Live;
            var all = new Embedder(encoder, data, default, batch).EncodeAll(TestContext.Current.CancellationToken);

            Assert.Equal(Width, all.Dimension);
            Assert.Equal(Enumerable.Range(0, Images).Select(i => 2f * i), Firsts(all.Images));
            Assert.Equal(Enumerable.Range(0, Images * PerImage).Select(i => 2f * i), Firsts(all.Captions));
            Assert.Equal(live, TensorCounters.Live);
        }
    }

    [Fact]
    public void The_model_is_evaluated_without_graph_and_then_left_as_it_was()
    {
        using var encoder = new Doubling();
        using var data = new Counting();
        encoder.Module.train();
        _ = new Embedder(encoder, data, default, 10).EncodeTexts(["a", "b"]);

        Assert.False(encoder.SawTraining);
        Assert.False(encoder.SawGraph);
        Assert.True(encoder.Module.training);
    }

    [Fact]
    public void A_cancelled_evaluation_ends()
    {
        using var encoder = new Doubling();
        using var data = new Counting();
        using var cancelled = new CancellationTokenSource();
        cancelled.Cancel();
        Assert.Throws<OperationCanceledException>(
            () => new Embedder(encoder, data, default, 1).EncodeAll(cancelled.Token));
    }

    [Theory]
    [InlineData("dot")]
    [InlineData("order")]
    public void An_objective_scores_in_tiles_as_the_plain_scorers_do(string measure)
    {
        var random = new Random(4);
        var images = Values(random, 300 * Width);
        var captions = Values(random, 530 * Width);
        var objective = Objective("hinge", new HingeOptions { Measure = measure });
        var (expected, actual) = (new float[300 * 530], new float[300 * 530]);
        IScorer plain = measure == "dot" ? new InnerProductScorer() : new OrderScorer();
        plain.Score(images, captions, Width, expected);
        var live = TensorCounters.Live;
        new ObjectiveScorer(objective).Score(images, captions, Width, actual);

        Assert.Equal(live, TensorCounters.Live);
        Assert.Equal(expected.Length, expected.Zip(actual).Count(p => Math.Abs(p.First - p.Second) <= 1e-4));
    }

    [Theory]
    [InlineData("hinge", "dot", typeof(FaissIndex))]
    [InlineData("hinge", "order", typeof(ExactIndex))]
    [InlineData("triplet", "", typeof(NormalizingIndex))]
    public void The_index_fits_the_similarity_and_ranks_as_it_does(string objective, string measure, Type expected)
    {
        // Wide enough that order similarities do not tie at 0: an index breaks ties by id, the metrics lose them.
        const int Wide = 32;
        var random = new Random(6);
        var images = Values(random, Images * Wide);
        float[] captions = [.. Enumerable.Range(0, Images * PerImage * Wide).Select(i =>
            images[(i / (PerImage * Wide) * Wide) + (i % Wide)] + (0.2f * (random.NextSingle() - 0.5f)))];
        var all = new Embeddings(Wide, images, captions);
        object options = objective == "hinge" ? new HingeOptions { Measure = measure } : new TripletOptions();
        var scorer = new ObjectiveScorer(Objective(objective, options));
        var metrics = Protocols.Whole(all.Scores(scorer), TestContext.Current.CancellationToken);

        using var ofImages = RetrievalIndexes.Build(IndexKind.Flat, all, IndexedSide.Images, scorer, 1);
        using var ofCaptions = RetrievalIndexes.Build(IndexKind.Flat, all, IndexedSide.Captions, scorer, 1);
        Assert.IsType(expected, ofImages);
        var found = IndexRecall.TextToImage(ofImages.Search(captions, 5), PerImage, 5);
        Assert.Equal(metrics.TextToImage.RecallAt5, found, 1e-9);
        var reverse = IndexRecall.ImageToText(ofCaptions.Search(images, 5), PerImage, 5);
        Assert.Equal(metrics.ImageToText.RecallAt5, reverse, 1e-9);
        Assert.InRange(found, 20, 100);
    }

    [Fact]
    public void Of_an_images_views_the_best_counts_in_scores_and_search()
    {
        const int Views = 3;
        var random = new Random(5);
        var images = Values(random, Images * Views * Width);
        var captions = Values(random, Images * PerImage * Width);
        var all = new Embeddings(Width, images, captions, Views);
        var scorer = new ObjectiveScorer(Objective("hinge", new HingeOptions { Measure = "views" }));
        var scores = all.Scores(scorer);
        Assert.Equal((Images, PerImage), (scores.Images, scores.CaptionsPerImage));
        var tile = new float[4 * 7];
        scores.Read(3, 4, 11, 7, tile);
        for (var i = 0; i < tile.Length; i++)
        {
            Assert.Equal(Best(3 + (i / 7), 11 + (i % 7)), tile[i], 1e-5);
        }

        using var ofImages = RetrievalIndexes.Build(IndexKind.Flat, all, IndexedSide.Images, scorer, 1);
        using var ofCaptions = RetrievalIndexes.Build(IndexKind.Flat, all, IndexedSide.Captions, scorer, 1);
        var found = ofImages.Search(captions.AsSpan(0, Width), 1).Ids(0)[0];
        Assert.Equal(Enumerable.Range(0, Images).MaxBy(image => Best(image, 0)), (int)found);
        found = ofCaptions.Search(images.AsSpan(0, Views * Width), 1).Ids(0)[0];
        Assert.Equal(Enumerable.Range(0, captions.Length / Width).MaxBy(caption => Best(0, caption)), (int)found);

        float Best(int image, int caption) => Enumerable.Range(0, Views).Max(view => Enumerable.Range(0, Width)
            .Sum(i => images[(((image * Views) + view) * Width) + i] * captions[(caption * Width) + i]));
    }

    private static IObjective Objective(string name, object options) =>
        ObjectiveRegistry.All.Single(o => o.Name == name).Create(options);

    private static float[] Values(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];

    private static IEnumerable<float> Firsts(float[] rows) => rows.Chunk(Width).Select(row => row[0]);

    /// <summary>An encoder whose embedding is twice its input.</summary>
    private sealed class Doubling : IEncoder
    {
        private readonly torch.nn.Module _module = torch.nn.Linear(1, 1);

        public torch.nn.Module Module => _module;

        public bool SawTraining { get; private set; }

        public bool SawGraph { get; private set; }

        public NamedTensors Encode(NamedTensors batch) => throw new NotSupportedException();

        public Tensor EncodeImages(NamedTensors batch) => Doubled(batch, TensorNames.Features);

        public Tensor EncodeCaptions(NamedTensors batch) => Doubled(batch, TensorNames.CaptionFeatures);

        public void Dispose() => _module.Dispose();

        private Tensor Doubled(NamedTensors batch, string name)
        {
            SawTraining |= _module.training;
            SawGraph |= torch.is_grad_enabled();
            return batch[name] * 2;
        }
    }

    /// <summary>A data set in which every row holds its own number.</summary>
    private sealed class Counting : IDataset
    {
        public int Samples => Images * PerImage;

        public int CaptionsPerImage => PerImage;

        public int FeatureDim => Width;

        public int WordDim => Width;

        public Vocabulary? Vocabulary => null;

        public int TruncatedCaptions => 0;

        int IDataset.Images => Images;

        public NamedTensors Load(ReadOnlySpan<int> samples, CancellationToken cancellationToken = default) =>
            throw new NotSupportedException();

        public NamedTensors LoadImages(ReadOnlySpan<int> imageIndices, CancellationToken cancellationToken = default) =>
            Batch(TensorNames.Features, imageIndices);

        public NamedTensors LoadCaptions(
            ReadOnlySpan<int> captionIndices, CancellationToken cancellationToken = default) =>
            Batch(TensorNames.CaptionFeatures, captionIndices);

        public NamedTensors TextBatch(IReadOnlyList<string> texts) =>
            Batch(TensorNames.CaptionFeatures, [.. Enumerable.Range(0, texts.Count)]);

        public string Caption(int sample) => $"caption {sample}";

        public string ImageId(int image) => $"image {image}";

        public int ImageOfCaption(int sample) => sample / PerImage;

        public void Dispose()
        {
        }

        private static NamedTensors Batch(string name, ReadOnlySpan<int> ids)
        {
            var values = new float[ids.Length * Width];
            for (var i = 0; i < values.Length; i++)
            {
                values[i] = ids[i / Width];
            }

            var batch = new NamedTensors();
            batch.Add(name, torch.tensor(values, [ids.Length, Width]));
            return batch;
        }
    }
}

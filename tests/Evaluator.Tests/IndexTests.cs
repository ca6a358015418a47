using Colony.Jobs;

namespace Colony.Evaluator.Tests;

public sealed class IndexTests
{
    private const int Dimension = 24;
    private const int Threads = 2;

    [Theory]
    [InlineData(1, 1)]
    [InlineData(300, 10)]
    [InlineData(6, 10)]
    public void Faiss_finds_what_comparing_with_everything_finds(int count, int top)
    {
        var random = new Random(count);
        var vectors = Random(random, count);
        var queries = Random(random, 40);
        using var faiss = FaissIndex.Create(IndexKind.Flat, Dimension, count, Threads);
        using var exact = new ExactIndex(new InnerProductScorer(), Dimension, IndexedSide.Images);
        foreach (IRetrievalIndex index in new IRetrievalIndex[] { faiss, exact })
        {
            // In two portions: ids go on where they stopped.
            var half = count / 2 * Dimension;
            index.Add(vectors.AsSpan(0, half));
            index.Add(vectors.AsSpan(half));
            Assert.Equal(count, index.Count);
        }

        var (found, expected) = (faiss.Search(queries, top), exact.Search(queries, top));
        for (var query = 0; query < found.Queries; query++)
        {
            Assert.Equal(expected.Ids(query), found.Ids(query));
            var held = Math.Min(top, count);
            Assert.All(
                expected.Scores(query)[..held].ToArray().Zip(found.Scores(query)[..held].ToArray()),
                pair => Assert.Equal(pair.First, pair.Second, 1e-4));
        }
    }

    [Theory]
    [InlineData(IndexKind.Hnsw)]
    [InlineData(IndexKind.Ivf)]
    public void Approximate_indices_find_most_of_it(IndexKind kind)
    {
        const int Count = 2000;
        var random = new Random(3);
        var vectors = Unit(Random(random, Count));

        // Queries near stored vectors, as captions are near their images.
        var queries = Unit(Array.ConvertAll(vectors[..(200 * Dimension)], v => v + (0.1f * Gaussian(random))));
        using var exact = FaissIndex.Create(IndexKind.Flat, Dimension, Count, Threads);
        using var index = FaissIndex.Create(kind, Dimension, Count, Threads);
        exact.Add(vectors);
        index.Add(vectors);

        var (expected, found) = (exact.Search(queries, 10), index.Search(queries, 10));
        var shared = Enumerable.Range(0, 200)
            .Sum(q => expected.Ids(q).ToArray().Intersect(found.Ids(q).ToArray()).Count());
        Assert.InRange(shared, 200 * 10 * 6 / 10, 200 * 10);
        Assert.InRange(IndexRecall.TextToImage(found, 1, 10), 95, 100);
    }

    [Fact]
    public void Recall_through_the_index_is_that_of_the_score_matrix()
    {
        const int Images = 60;
        const int PerImage = 5;
        var random = new Random(8);
        var images = Unit(Random(random, Images));
        var captions = Unit([.. Enumerable.Range(0, Images * PerImage * Dimension)
            .Select(i => images[(i / (PerImage * Dimension) * Dimension) + (i % Dimension)]
                + (0.4f * Gaussian(random)))]);
        var metrics = Protocols.Whole(
            new EmbeddingScores(images, captions, Dimension, new InnerProductScorer()),
            TestContext.Current.CancellationToken);
        using var ofImages = FaissIndex.Create(IndexKind.Flat, Dimension, Images, Threads);
        using var ofCaptions = FaissIndex.Create(IndexKind.Flat, Dimension, Images * PerImage, Threads);
        ofImages.Add(images);
        ofCaptions.Add(captions);

        var textToImage = ofImages.Search(captions, 10);
        var imageToText = ofCaptions.Search(images, 10);
        Assert.InRange(metrics.RecallSum, 100, 599);
        Assert.Equal(metrics.TextToImage.RecallAt1, IndexRecall.TextToImage(textToImage, PerImage, 1), 1e-9);
        Assert.Equal(metrics.TextToImage.RecallAt5, IndexRecall.TextToImage(textToImage, PerImage, 5), 1e-9);
        Assert.Equal(metrics.TextToImage.RecallAt10, IndexRecall.TextToImage(textToImage, PerImage, 10), 1e-9);
        Assert.Equal(metrics.ImageToText.RecallAt1, IndexRecall.ImageToText(imageToText, PerImage, 1), 1e-9);
        Assert.Equal(metrics.ImageToText.RecallAt10, IndexRecall.ImageToText(imageToText, PerImage, 10), 1e-9);
    }

    [Fact]
    public void Order_similarity_knows_which_side_it_searches()
    {
        // A caption that lies above an image (smaller in every coordinate) has score 0; the reverse does not.
        float[] low = [1, 1];
        float[] high = [3, 4];
        using var images = new ExactIndex(new OrderScorer(), 2, IndexedSide.Images);
        using var captions = new ExactIndex(new OrderScorer(), 2, IndexedSide.Captions);
        images.Add(high);
        captions.Add(high);

        Assert.Equal(0, images.Search(low, 1).Scores(0)[0]);
        Assert.Equal(-MathF.Sqrt(13), captions.Search(low, 1).Scores(0)[0], 1e-6);
    }

    [Fact]
    public void An_exact_index_puts_equal_scores_in_order_of_id_and_no_numbers_last()
    {
        using var index = new ExactIndex(new InnerProductScorer(), 1, IndexedSide.Images);
        index.Add([2, float.NaN, 3, 2, 3]);
        Assert.Equal([2, 4, 0, 3, 1, -1], index.Search([1f], 6).Ids(0));
        Assert.Equal([2, 4], index.Search([1f], 2).Ids(0));
    }

    [Fact]
    public void An_exact_index_is_searched_in_blocks()
    {
        var values = Enumerable.Range(0, 10_000).Select(i => (float)(i * 7919 % 10_007)).ToArray();
        using var index = new ExactIndex(new InnerProductScorer(), 1, IndexedSide.Images);
        index.Add(values);
        var expected = Enumerable.Range(0, values.Length).OrderByDescending(i => values[i]).Take(20)
            .Select(i => (long)i);
        Assert.Equal(expected, index.Search([1f], 20).Ids(0).ToArray());
    }

    [Fact]
    public void An_empty_index_finds_nothing()
    {
        using var index = FaissIndex.Create(IndexKind.Ivf, Dimension, 100, Threads);
        Assert.Equal([-1, -1], index.Search(new float[Dimension], 2).Ids(0));
        Assert.Equal(0, index.Search([], 2).Queries);
    }

    [Fact]
    public void What_faiss_refuses_is_said_in_its_words()
    {
        var error = Assert.Throws<EvaluatorException>(() => FaissIndex.Create(IndexKind.Flat, 100_000, 1, 1));
        Assert.Equal("FAISS: dimension must be from 1 to 65536", error.Message);
        using var index = FaissIndex.Create(IndexKind.Flat, 2, 1, threads: 5000);
        Assert.Contains("threads must be", Assert.Throws<EvaluatorException>(() => index.Add([1, 2])).Message,
            StringComparison.Ordinal);
        Assert.Throws<ArgumentException>(() => index.Add([1, 2, 3]));
    }

    [Fact]
    public void A_closed_index_refuses_to_work()
    {
        var index = FaissIndex.Create(IndexKind.Flat, 2, 1, 1);
        index.Dispose();
        index.Dispose();
        Assert.Throws<ObjectDisposedException>(() => index.Add([1, 2]));
    }

    private static float[] Random(Random random, int rows) =>
        [.. Enumerable.Range(0, rows * Dimension).Select(_ => Gaussian(random))];

    private static float Gaussian(Random random) =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble()));

    private static float[] Unit(float[] rows)
    {
        for (var first = 0; first < rows.Length; first += Dimension)
        {
            var row = rows.AsSpan(first, Dimension);
            var squares = 0f;
            foreach (var value in row)
            {
                squares += value * value;
            }

            for (var i = 0; i < Dimension; i++)
            {
                row[i] /= MathF.Sqrt(squares);
            }
        }

        return rows;
    }
}

using Colony.Jobs;

namespace Colony.Evaluator.Tests;

public sealed class RetrievalMetricsTests
{
    /// <summary>A caption's image comes first in its own fold; in all, the images of the same place in later folds
    /// come before it.</summary>
    [Fact]
    public void Coco_1k_is_the_mean_over_five_folds_of_a_thousand()
    {
        var scores = new FoldEchoes();
        var folds = Protocols.Measure(
            EvaluateSection.CocoFolds, scores, "testall", TestContext.Current.CancellationToken);
        Assert.Equal((100, 1), (folds.TextToImage.RecallAt1, folds.TextToImage.MeanRank));
        var whole = Protocols.Measure(
            EvaluateSection.AllImages, scores, "testall", TestContext.Current.CancellationToken);
        Assert.Equal((20, 3), (whole.TextToImage.RecallAt1, whole.TextToImage.MeanRank));
        Assert.Equal(1000, Protocols.Candidates(EvaluateSection.CocoFolds, 5000));
        Assert.Equal(5000, Protocols.Candidates("", 5000));
    }

    [Theory]
    [InlineData(1000)]
    [InlineData(4995)]
    [InlineData(25_000)]
    public void Coco_1k_of_another_size_is_refused_with_it(int images)
    {
        var error = Assert.Throws<EvaluatorException>(
            () => Protocols.Check(EvaluateSection.CocoFolds, images, "dev"));
        Assert.Contains($"the split 'dev' has {images}; ", error.Message, StringComparison.Ordinal);
        Protocols.Check(EvaluateSection.AllImages, images, "dev");
    }

    [Fact]
    public void Blocks_of_scores_rank_as_sorting_each_row_and_column_does()
    {
        var random = new Random(11);
        for (var round = 0; round < 30; round++)
        {
            var (images, perImage) = (random.Next(1, 12), random.Next(1, 4));
            var captions = images * perImage;

            // Few distinct values, so that there are many ties.
            var scores = Enumerable.Range(0, images * captions).Select(_ => (float)random.Next(6)).ToArray();
            var ranks = RetrievalRanks.Of(new MatrixScores(scores, images, perImage),
                TestContext.Current.CancellationToken);

            for (var i = 0; i < images; i++)
            {
                var row = Enumerable.Range(0, captions)
                    .OrderByDescending(c => scores[(i * captions) + c]).ThenBy(c => c / perImage == i).ToList();
                Assert.Equal(row.FindIndex(c => c / perImage == i), ranks.ImageToText[i]);
            }

            for (var c = 0; c < captions; c++)
            {
                var column = Enumerable.Range(0, images)
                    .OrderByDescending(i => scores[(i * captions) + c]).ThenBy(i => c / perImage == i).ToList();
                Assert.Equal(column.IndexOf(c / perImage), ranks.TextToImage[c]);
            }
        }
    }

    [Fact]
    public void A_large_set_is_read_in_several_blocks()
    {
        const int Images = 1300;
        var source = new Diagonal(Images, 5);
        var ranks = RetrievalRanks.Of(source, TestContext.Current.CancellationToken);

        Assert.All(ranks.ImageToText, rank => Assert.Equal(0, rank));
        Assert.All(ranks.TextToImage, rank => Assert.Equal(0, rank));
        Assert.True(source.Reads > 2, $"{source.Reads} reads");
        Assert.True(source.LargestRead < (long)Images * Images * 5);
    }

    [Fact]
    public void Scores_that_are_no_numbers_are_lost()
    {
        float[] scores = [float.NaN, 1, 2, float.NaN];
        var ranks = RetrievalRanks.Of(new MatrixScores(scores, 2, 1), TestContext.Current.CancellationToken);
        Assert.Equal([1, 1], ranks.ImageToText);
        Assert.Equal([1, 1], ranks.TextToImage);
    }

    [Theory]
    [InlineData(new[] { 0 }, 1)]
    [InlineData(new[] { 0, 1 }, 1)]
    [InlineData(new[] { 0, 2 }, 2)]
    [InlineData(new[] { 5, 0, 3 }, 4)]
    [InlineData(new[] { 9, 4, 1, 7 }, 6)]
    public void The_median_is_rounded_down_and_counted_from_one(int[] ranks, double expected) =>
        Assert.Equal(expected, DirectionMetrics.Of(ranks).MedianRank);

    [Fact]
    public void Chance_is_what_random_scores_reach()
    {
        const int Images = 12;
        const int PerImage = 5;
        const int Rounds = 3000;
        var random = new Random(5);
        var measured = new List<RetrievalMetrics>();
        for (var round = 0; round < Rounds; round++)
        {
            var scores = Enumerable.Range(0, Images * Images * PerImage).Select(_ => random.NextSingle()).ToArray();
            var source = new MatrixScores(scores, Images, PerImage);
            measured.Add(Protocols.Whole(source, TestContext.Current.CancellationToken));
        }

        var chance = ChanceLevel.Of(Images, PerImage);
        Near(chance.ImageToText, DirectionMetrics.Mean([.. measured.Select(m => m.ImageToText)]));
        Near(chance.TextToImage, DirectionMetrics.Mean([.. measured.Select(m => m.TextToImage)]));
    }

    [Fact]
    public void An_ensemble_ranks_by_the_mean()
    {
        float[] good = [3, 0, 0, 3];
        float[] bad = [0, 1, 1, 0];
        var mean = new MeanScores([new MatrixScores(good, 2, 1), new MatrixScores(bad, 2, 1)]);
        Assert.Equal(600, Protocols.Whole(mean, TestContext.Current.CancellationToken).RecallSum);
        Assert.Throws<ArgumentException>(() => new MeanScores([]));
    }

    [Fact]
    public void Sizes_that_do_not_agree_are_refused()
    {
        Assert.Throws<ArgumentException>(() => new MatrixScores(new float[7], 2, 2));
        Assert.Throws<ArgumentException>(
            () => new EmbeddingScores(new float[4], new float[6], 2, new InnerProductScorer()));
        var three = new MatrixScores(new float[9], 3, 1);
        Assert.Throws<ArgumentException>(() => Protocols.Folded(three, 2, TestContext.Current.CancellationToken));
        Assert.Throws<ArgumentException>(() => DirectionMetrics.Of([]));
    }

    private static void Near(DirectionMetrics expected, DirectionMetrics actual)
    {
        Assert.Equal(expected.RecallAt1, actual.RecallAt1, 0.5);
        Assert.Equal(expected.RecallAt5, actual.RecallAt5, 0.8);
        Assert.Equal(expected.RecallAt10, actual.RecallAt10, 0.8);
        Assert.Equal(expected.MeanRank, actual.MeanRank, 0.1);
        Assert.Equal(expected.MedianRank, actual.MedianRank, 1.0);
    }

    /// <summary>1 where image and caption belong together, else 0.</summary>
    private sealed class Diagonal(int images, int captionsPerImage) : IScoreSource
    {
        public int Images => images;

        public int CaptionsPerImage => captionsPerImage;

        public int Reads { get; private set; }

        public long LargestRead { get; private set; }

        public void Read(int firstImage, int rows, int firstCaption, int columns, Span<float> scores)
        {
            Reads++;
            LargestRead = Math.Max(LargestRead, (long)rows * columns);
            for (var i = 0; i < rows * columns; i++)
            {
                scores[i] = firstImage + (i / columns) == (firstCaption + (i % columns)) / captionsPerImage ? 1 : 0;
            }
        }
    }

    private sealed class FoldEchoes : IScoreSource
    {
        public int Images => Protocols.CocoFolds * Protocols.CocoFoldImages;

        public int CaptionsPerImage => 1;

        public void Read(int firstImage, int images, int firstCaption, int captions, Span<float> scores)
        {
            for (var i = 0; i < images; i++)
            {
                for (var j = 0; j < captions; j++)
                {
                    var (image, caption) = (firstImage + i, firstCaption + j);
                    scores[(i * captions) + j] = image % Protocols.CocoFoldImages == caption % Protocols.CocoFoldImages
                        ? 1 + (image / Protocols.CocoFoldImages)
                        : 0;
                }
            }
        }
    }
}

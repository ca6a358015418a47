namespace Colony.Evaluator;

/// <summary>
/// Where the right answers stand, counted from 0 in falling order of score. Ties are lost: whatever scores the same as
/// the right answer counts as before it, and so does a score that is not a number. A model that gives everything one
/// score is thus no better than the worst, and the ranks do not depend on a sorting routine.
/// </summary>
public sealed class RetrievalRanks
{
    /// <summary>Floats of scratch memory for one block of scores.</summary>
    private const int BlockScores = 4 << 20;

    private RetrievalRanks(int[] imageToText, int[] textToImage) =>
        (ImageToText, TextToImage) = (imageToText, textToImage);

    /// <summary>For each image, the rank of the best of its captions among all captions.</summary>
    public IReadOnlyList<int> ImageToText { get; }

    /// <summary>For each caption, the rank of its image among all images.</summary>
    public IReadOnlyList<int> TextToImage { get; }

    /// <summary>
    /// Ranks all answers in both directions. Every score is computed twice, once in a block of whole rows and once in
    /// a block of whole columns: memory stays bounded, and all that compete for one rank come from the same block.
    /// </summary>
    public static RetrievalRanks Of(IScoreSource scores, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(scores);
        return new RetrievalRanks(Images(scores, cancellationToken), Captions(scores, cancellationToken));
    }

    private static int[] Images(IScoreSource source, CancellationToken cancellationToken)
    {
        var captions = source.Images * source.CaptionsPerImage;
        var rows = Math.Clamp(BlockScores / captions, 1, source.Images);
        var block = new float[(long)rows * captions];
        var ranks = new int[source.Images];
        for (var first = 0; first < source.Images; first += rows)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(rows, source.Images - first);
            source.Read(first, count, 0, captions, block);
            for (var row = 0; row < count; row++)
            {
                var image = first + row;
                ranks[image] = RankOfBestOwn(
                    block.AsSpan(row * captions, captions), image * source.CaptionsPerImage, source.CaptionsPerImage);
            }
        }

        return ranks;
    }

    private static int[] Captions(IScoreSource source, CancellationToken cancellationToken)
    {
        var captions = source.Images * source.CaptionsPerImage;
        var columns = Math.Clamp(BlockScores / source.Images, 1, captions);
        var block = new float[(long)source.Images * columns];
        var column = new float[source.Images];
        var ranks = new int[captions];
        for (var first = 0; first < captions; first += columns)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var count = Math.Min(columns, captions - first);
            source.Read(0, source.Images, first, count, block);
            for (var c = 0; c < count; c++)
            {
                for (var image = 0; image < source.Images; image++)
                {
                    column[image] = block[(image * count) + c];
                }

                ranks[first + c] = RankOfBestOwn(column, (first + c) / source.CaptionsPerImage, own: 1);
            }
        }

        return ranks;
    }

    /// <summary>How many of the others are not below the best of the own scores.</summary>
    private static int RankOfBestOwn(ReadOnlySpan<float> scores, int firstOwn, int own)
    {
        var best = float.NaN;
        foreach (var score in scores.Slice(firstOwn, own))
        {
            // Written so that a number replaces a NaN and a NaN never replaces a number.
            best = score <= best || float.IsNaN(score) ? best : score;
        }

        return NotBelow(scores[..firstOwn], best) + NotBelow(scores[(firstOwn + own)..], best);
    }

    private static int NotBelow(ReadOnlySpan<float> others, float best)
    {
        var count = 0;
        foreach (var other in others)
        {
            count += other < best ? 0 : 1;
        }

        return count;
    }
}

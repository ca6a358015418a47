namespace Colony.Evaluator;

/// <summary>
/// Scores of N images and N·k captions, of which captions k·i to k·i+k-1 belong to image i, handed out in blocks so
/// that the whole matrix need never be in memory. Higher is better.
/// </summary>
public interface IScoreSource
{
    /// <summary>N.</summary>
    int Images { get; }

    /// <summary>k, 5 in the published protocols.</summary>
    int CaptionsPerImage { get; }

    /// <summary>Writes one block of the score matrix.</summary>
    /// <param name="firstImage">First row.</param>
    /// <param name="images">Number of rows.</param>
    /// <param name="firstCaption">First column.</param>
    /// <param name="captions">Number of columns.</param>
    /// <param name="scores">Receives the block, row after row.</param>
    void Read(int firstImage, int images, int firstCaption, int captions, Span<float> scores);
}

/// <summary>Scores that are in memory already.</summary>
public sealed class MatrixScores : IScoreSource
{
    private readonly ReadOnlyMemory<float> _scores;
    private readonly int _captions;

    /// <summary>Wraps a matrix of images × captions scores, row after row.</summary>
    /// <exception cref="ArgumentException">The sizes do not agree.</exception>
    public MatrixScores(ReadOnlyMemory<float> scores, int images, int captionsPerImage)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(images, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(captionsPerImage, 1);
        _captions = checked(images * captionsPerImage);
        if (scores.Length != (long)images * _captions)
        {
            throw new ArgumentException($"{scores.Length} scores for {images} × {_captions}", nameof(scores));
        }

        _scores = scores;
        Images = images;
        CaptionsPerImage = captionsPerImage;
    }

    /// <inheritdoc/>
    public int Images { get; }

    /// <inheritdoc/>
    public int CaptionsPerImage { get; }

    /// <inheritdoc/>
    public void Read(int firstImage, int images, int firstCaption, int captions, Span<float> scores)
    {
        for (var row = 0; row < images; row++)
        {
            _scores.Span.Slice(((firstImage + row) * _captions) + firstCaption, captions)
                .CopyTo(scores[(row * captions)..]);
        }
    }
}

/// <summary>Scores computed from embeddings when they are asked for.</summary>
public sealed class EmbeddingScores : IScoreSource
{
    private readonly ReadOnlyMemory<float> _images;
    private readonly ReadOnlyMemory<float> _captions;
    private readonly int _dimension;
    private readonly int _imageDimension;
    private readonly IScorer _scorer;

    /// <summary>Wraps embeddings, row after row; there must be a whole number of captions for each image.</summary>
    /// <exception cref="ArgumentException">The sizes do not agree.</exception>
    /// <param name="images">Image embeddings, the views of each side by side.</param>
    /// <param name="captions">Caption embeddings.</param>
    /// <param name="dimension">Values in a caption's embedding and in a view.</param>
    /// <param name="scorer">The similarity.</param>
    /// <param name="views">Views of an image.</param>
    public EmbeddingScores(
        ReadOnlyMemory<float> images, ReadOnlyMemory<float> captions, int dimension, IScorer scorer, int views = 1)
    {
        ArgumentNullException.ThrowIfNull(scorer);
        _imageDimension = checked(dimension * views);
        Images = Rows.Count(images.Span, _imageDimension, nameof(images));
        var captionCount = Rows.Count(captions.Span, dimension, nameof(captions));
        if (Images == 0 || captionCount == 0 || captionCount % Images != 0)
        {
            throw new ArgumentException(
                $"{captionCount} captions for {Images} images; every image needs the same number", nameof(captions));
        }

        CaptionsPerImage = captionCount / Images;
        (_images, _captions, _dimension, _scorer) = (images, captions, dimension, scorer);
    }

    /// <inheritdoc/>
    public int Images { get; }

    /// <inheritdoc/>
    public int CaptionsPerImage { get; }

    /// <inheritdoc/>
    public void Read(int firstImage, int images, int firstCaption, int captions, Span<float> scores) =>
        _scorer.Score(
            _images.Span.Slice(firstImage * _imageDimension, images * _imageDimension),
            _captions.Span.Slice(firstCaption * _dimension, captions * _dimension),
            _dimension,
            scores[..(images * captions)]);
}

/// <summary>Consecutive images of another source with their captions: one fold.</summary>
internal sealed class FoldScores(IScoreSource whole, int firstImage, int images) : IScoreSource
{
    public int Images => images;

    public int CaptionsPerImage => whole.CaptionsPerImage;

    public void Read(int first, int count, int firstCaption, int captions, Span<float> scores) =>
        whole.Read(firstImage + first, count, (firstImage * CaptionsPerImage) + firstCaption, captions, scores);
}

/// <summary>An ensemble: the mean of several models' scores.</summary>
public sealed class MeanScores : IScoreSource
{
    private readonly IReadOnlyList<IScoreSource> _members;

    /// <summary>The mean of the members, which must be scores of the same images and captions.</summary>
    /// <exception cref="ArgumentException">There is no member, or they differ in size.</exception>
    public MeanScores(IReadOnlyList<IScoreSource> members)
    {
        ArgumentNullException.ThrowIfNull(members);
        if (members.Count == 0
            || members.Any(m => (m.Images, m.CaptionsPerImage) != (members[0].Images, members[0].CaptionsPerImage)))
        {
            throw new ArgumentException($"{members.Count} members, or of different sizes", nameof(members));
        }

        _members = members;
    }

    /// <inheritdoc/>
    public int Images => _members[0].Images;

    /// <inheritdoc/>
    public int CaptionsPerImage => _members[0].CaptionsPerImage;

    /// <inheritdoc/>
    public void Read(int firstImage, int images, int firstCaption, int captions, Span<float> scores)
    {
        var block = scores[..(images * captions)];
        var one = new float[block.Length];
        block.Clear();
        foreach (var member in _members)
        {
            member.Read(firstImage, images, firstCaption, captions, one);
            for (var i = 0; i < one.Length; i++)
            {
                block[i] += one[i] / _members.Count;
            }
        }
    }
}

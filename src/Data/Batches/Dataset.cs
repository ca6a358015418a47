using Colony.Torch;

namespace Colony.Data;

/// <summary>A split: its images, its captions, and the rule that joins them.</summary>
internal sealed class Dataset : IDataset
{
    private readonly IImages _images;
    private readonly ICaptions _captions;
    private readonly DatasetOptions _options;

    public Dataset(IImages images, ICaptions captions, DatasetOptions options)
    {
        _images = images;
        _captions = captions;
        _options = options;
    }

    public int Samples => _captions.Count;

    public int Images => _images.Count;

    public int CaptionsPerImage => _options.CaptionsPerImage;

    public int FeatureDim => _images.FeatureDim;

    public int WordDim => _captions.WordDim;

    public Vocabulary? Vocabulary => _captions.Vocabulary;

    public WordPieceVocabulary? Pieces => _captions.Pieces;

    public int VocabularySize => _captions.VocabularySize;

    public int LongestCaption => _captions.Longest;

    public int TruncatedCaptions => _captions.Truncated;

    public ShardOrder? Shards { get; init; }

    public NamedTensors Load(ReadOnlySpan<int> samples, CancellationToken cancellationToken = default)
    {
        Check(samples, Samples, "sample");
        var images = new int[samples.Length];
        for (var i = 0; i < images.Length; i++)
        {
            images[i] = samples[i] / CaptionsPerImage;
        }

        using var imageRows = _images.Rows(images, cancellationToken);
        using var captionRows = _captions.Rows(samples, cancellationToken);
        var batch = Make(samples, imageRows, captionRows);
        Batch.AddNumbers(batch, "image", images);
        return batch;
    }

    public bool IsAtHand => _images.IsAtHand;

    public void Expect(ReadOnlySpan<int> samples)
    {
        Check(samples, Samples, "sample");
        var images = new int[samples.Length];
        for (var i = 0; i < images.Length; i++)
        {
            images[i] = samples[i] / CaptionsPerImage;
        }

        _images.Expect(images);
    }

    public NamedTensors LoadImages(ReadOnlySpan<int> imageIndices, CancellationToken cancellationToken = default)
    {
        Check(imageIndices, Images, "image");
        using var rows = _images.Rows(imageIndices, cancellationToken);
        return Make(imageIndices, rows, null);
    }

    public NamedTensors LoadCaptions(ReadOnlySpan<int> captionIndices, CancellationToken cancellationToken = default)
    {
        Check(captionIndices, Samples, "caption");
        using var rows = _captions.Rows(captionIndices, cancellationToken);
        return Make(captionIndices, null, rows);
    }

    public NamedTensors TextBatch(IReadOnlyList<string> texts)
    {
        ArgumentNullException.ThrowIfNull(texts);
        using var rows = _captions.Rows(texts);
        return Make([.. Enumerable.Range(0, texts.Count)], null, rows);
    }

    public string Caption(int sample)
    {
        Check([sample], Samples, "sample");
        return _captions.Text(sample);
    }

    public string ImageId(int image)
    {
        Check([image], Images, "image");
        return _images.Id(image);
    }

    public int ImageOfCaption(int sample)
    {
        Check([sample], Samples, "sample");
        return sample / CaptionsPerImage;
    }

    public void Dispose()
    {
        _images.Dispose();
        _captions.Dispose();
    }

    private NamedTensors Make(ReadOnlySpan<int> ids, ImageRows? images, CaptionRows? captions)
    {
        var batch = new NamedTensors();
        try
        {
            if (images is not null)
            {
                Batch.AddImages(batch, images, _images, _options);
            }

            if (captions is not null)
            {
                Batch.AddCaptions(batch, captions);
            }

            Batch.AddNumbers(batch, "sample", ids);
            return batch;
        }
        catch
        {
            batch.Dispose();
            throw;
        }
    }

    private static void Check(ReadOnlySpan<int> ids, int count, string what)
    {
        foreach (var id in ids)
        {
            if (id < 0 || id >= count)
            {
                throw new ArgumentOutOfRangeException(what, id, $"The split has {what}s 0 to {count - 1}.");
            }
        }
    }
}

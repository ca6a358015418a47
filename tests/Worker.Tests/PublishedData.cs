using Colony.Data;
using Colony.Model;
using Colony.Torch;

namespace Colony.Worker.Tests;

/// <summary>Samples in the form of real data, drawn from the sample's id: regions with boxes, two captions an image as
/// word ids and as token features, of different lengths.</summary>
internal sealed class PublishedData(int samples) : IDataset
{
    public const int Features = 6;
    public const int Tokens = 5;
    public const int Words = 20;

    public static WordPieces Pieces { get; } = new(4, new HashSet<int> { 5, 6 });

    private const int Regions = 4;
    private const int ShortestCaption = 3;
    private const int LongestCaption = 8;

    public int Samples => samples;

    public int Images => samples / CaptionsPerImage;

    public int CaptionsPerImage => 2;

    public int FeatureDim => Features;

    public int WordDim => Tokens;

    public Vocabulary? Vocabulary => null;

    public int TruncatedCaptions => 0;

    public NamedTensors Load(ReadOnlySpan<int> ids, CancellationToken cancellationToken = default)
    {
        int count = ids.Length;
        int[] lengths = Array.ConvertAll(
            ids.ToArray(), id => ShortestCaption + (id % (LongestCaption - ShortestCaption + 1)));
        int longest = lengths.Max();
        float[] features = new float[count * Regions * Features], boxes = new float[count * Regions * 4];
        float[] tokens = new float[count * longest * Tokens];
        long[] words = new long[count * longest];
        for (int i = 0; i < count; i++)
        {
            var image = new Random(ids[i] / CaptionsPerImage);
            Fill(image, features.AsSpan(i * Regions * Features, Regions * Features));
            Fill(image, boxes.AsSpan(i * Regions * 4, Regions * 4));
            var caption = new Random(1000 + ids[i]);
            Fill(caption, tokens.AsSpan(i * longest * Tokens, lengths[i] * Tokens));
            for (int t = 0; t < lengths[i]; t++)
            {
                words[(i * longest) + t] = caption.Next(1, Words);
            }
        }

        var batch = new NamedTensors();
        batch.Add("features", torch.tensor(features, [count, Regions, Features]));
        batch.Add("boxes", torch.tensor(boxes, [count, Regions, 4]));
        batch.Add("feat_len", torch.full([count], Regions, ScalarType.Int64));
        batch.Add("captions", torch.tensor(words, [count, longest]));
        batch.Add("cap_features", torch.tensor(tokens, [count, longest, Tokens]));
        batch.Add("cap_len", torch.tensor(Array.ConvertAll(lengths, n => (long)n), [count]));
        batch.Add("sample", torch.tensor(Array.ConvertAll(ids.ToArray(), id => (long)id), [count]));
        batch.Add(
            "image", torch.tensor(Array.ConvertAll(ids.ToArray(), id => (long)(id / CaptionsPerImage)), [count]));
        return batch;
    }

    public NamedTensors LoadImages(ReadOnlySpan<int> imageIndices, CancellationToken cancellationToken = default) =>
        Load(imageIndices, cancellationToken);

    public NamedTensors LoadCaptions(ReadOnlySpan<int> captionIndices, CancellationToken cancellationToken = default) =>
        Load(captionIndices, cancellationToken);

    public NamedTensors TextBatch(IReadOnlyList<string> texts) =>
        Load([.. Enumerable.Range(0, texts.Count)], TestContext.Current.CancellationToken);

    public string Caption(int sample) => $"caption {sample}";

    public string ImageId(int image) => $"image {image}";

    public int ImageOfCaption(int sample) => sample / CaptionsPerImage;

    public void Dispose()
    {
    }

    private static void Fill(Random random, Span<float> values)
    {
        foreach (ref float value in values)
        {
            value = 0.1f + (0.8f * random.NextSingle());
        }
    }
}

using Colony.Data;
using Colony.Torch;

namespace Colony.Worker.Tests;

/// <summary>Samples whose two sides are small random vectors, drawn from the sample's id.</summary>
internal sealed class TinyData(int samples, int width, ShardOrder? shards = null) : IDataset
{
    public ShardOrder? Shards => shards;

    public int Samples => samples;

    public int Images => samples;

    public int CaptionsPerImage => 1;

    public int FeatureDim => width;

    public int WordDim => width;

    public Vocabulary? Vocabulary => null;

    public int TruncatedCaptions => 0;

    public NamedTensors Load(ReadOnlySpan<int> ids, CancellationToken cancellationToken = default)
    {
        float[] images = new float[ids.Length * width], captions = new float[ids.Length * width];
        for (int i = 0; i < ids.Length; i++)
        {
            var random = new Random(ids[i]);
            for (int k = 0; k < width; k++)
            {
                images[(i * width) + k] = (float)random.NextDouble() - 0.5f;
                captions[(i * width) + k] = (float)random.NextDouble() - 0.5f;
            }
        }

        var batch = new NamedTensors();
        batch.Add("image", torch.tensor(images, [ids.Length, width]));
        batch.Add("caption", torch.tensor(captions, [ids.Length, width]));
        batch.Add("sample", torch.tensor(Array.ConvertAll(ids.ToArray(), id => (long)id), [ids.Length]));
        return batch;
    }

    public NamedTensors LoadImages(ReadOnlySpan<int> imageIndices, CancellationToken cancellationToken = default) =>
        Load(imageIndices, cancellationToken);

    public NamedTensors LoadCaptions(ReadOnlySpan<int> captionIndices, CancellationToken cancellationToken = default) =>
        Load(captionIndices, cancellationToken);

    public NamedTensors TextBatch(IReadOnlyList<string> texts) =>
        Load(Enumerable.Range(0, texts.Count).ToArray(), TestContext.Current.CancellationToken);

    public string Caption(int sample) => $"caption {sample}";

    public string ImageId(int image) => $"image {image}";

    public int ImageOfCaption(int sample) => sample;

    public void Dispose()
    {
    }
}

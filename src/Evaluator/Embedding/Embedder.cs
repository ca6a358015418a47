using Colony.Data;
using Colony.Model;
using Colony.Torch;

namespace Colony.Evaluator;

/// <summary>
/// Runs a model over data without learning from it: evaluation mode, no graph, batch by batch. Uses the model alone
/// while it works, and leaves it in the mode in which it was.
/// </summary>
public sealed class Embedder
{
    private readonly IEncoder _encoder;
    private readonly IDataset _dataset;
    private readonly Device _device;
    private readonly int _batch;

    /// <summary>An embedder; the caller keeps owning encoder and data set.</summary>
    /// <param name="encoder">The model, on <paramref name="device"/>.</param>
    /// <param name="dataset">The split.</param>
    /// <param name="device">Where batches are taken.</param>
    /// <param name="batch">Images or captions encoded at once, at least 1.</param>
    public Embedder(IEncoder encoder, IDataset dataset, Device device, int batch)
    {
        ArgumentNullException.ThrowIfNull(encoder);
        ArgumentNullException.ThrowIfNull(dataset);
        ArgumentOutOfRangeException.ThrowIfLessThan(batch, 1);
        (_encoder, _dataset, _device, _batch) = (encoder, dataset, device, batch);
    }

    /// <summary>Every image and every caption of the split.</summary>
    /// <exception cref="EvaluatorException">
    /// The split is empty, or images and captions come out differently long.
    /// </exception>
    public Embeddings EncodeAll(CancellationToken cancellationToken)
    {
        var (images, imageDimension) = Encode(
            _dataset.Images, _dataset.LoadImages, _encoder.EncodeImages, cancellationToken);
        var (captions, captionDimension) = Encode(
            _dataset.Samples, _dataset.LoadCaptions, _encoder.EncodeCaptions, cancellationToken);
        return imageDimension % captionDimension == 0
            ? new Embeddings(captionDimension, images, captions, imageDimension / captionDimension)
            : throw new EvaluatorException(
                $"the model makes {imageDimension} values of an image and {captionDimension} of a caption; "
                + "they cannot be compared");
    }

    /// <summary>Free text, row after row; for queries.</summary>
    /// <exception cref="DataException">A text has no word that the data set knows.</exception>
    public float[] EncodeTexts(IReadOnlyList<string> texts)
    {
        using var evaluating = new EvaluationMode(_encoder.Module);
        using var batch = _dataset.TextBatch(texts);
        return Rows(batch, _encoder.EncodeCaptions, texts.Count).Values;
    }

    /// <summary>Some images of the split, row after row; for queries.</summary>
    public float[] EncodeImages(ReadOnlySpan<int> images)
    {
        using var evaluating = new EvaluationMode(_encoder.Module);
        using var batch = _dataset.LoadImages(images);
        return Rows(batch, _encoder.EncodeImages, images.Length).Values;
    }

    private delegate NamedTensors Load(ReadOnlySpan<int> ids, CancellationToken cancellationToken);

    private (float[] Values, int Dimension) Encode(
        int count, Load load, Func<NamedTensors, Tensor> encode, CancellationToken cancellationToken)
    {
        if (count == 0)
        {
            throw new EvaluatorException("the split is empty; nothing can be measured on it");
        }

        using var evaluating = new EvaluationMode(_encoder.Module);
        float[] all = [];
        var dimension = 0;
        var ids = new int[Math.Min(_batch, count)];
        for (var first = 0; first < count; first += _batch)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var rows = Math.Min(_batch, count - first);
            for (var i = 0; i < rows; i++)
            {
                ids[i] = first + i;
            }

            using var batch = load(ids.AsSpan(0, rows), cancellationToken);
            (var values, dimension) = Rows(batch, encode, rows);
            if (first == 0)
            {
                all = new float[checked(count * dimension)];
            }

            values.CopyTo(all, first * dimension);
        }

        return (all, dimension);
    }

    private (float[] Values, int Dimension) Rows(NamedTensors batch, Func<NamedTensors, Tensor> encode, int rows)
    {
        using var scope = torch.NewDisposeScope();
        using var moved = batch.To(_device);
        var encoded = encode(moved);
        if (encoded.shape.Length != 2 || encoded.shape[0] != rows)
        {
            throw new EvaluatorException(
                $"the model makes [{string.Join(", ", encoded.shape)}] of {rows} inputs; one row each is needed");
        }

        return (encoded.ToArray<float>(), (int)encoded.shape[1]);
    }

    /// <summary>Evaluation mode without graph until disposed.</summary>
    private sealed class EvaluationMode : IDisposable
    {
        private readonly torch.nn.Module _module;
        private readonly bool _wasTraining;
        private readonly IDisposable _noGrad;

        public EvaluationMode(torch.nn.Module module)
        {
            _module = module;
            _wasTraining = module.training;
            module.eval();
            _noGrad = torch.no_grad();
        }

        public void Dispose()
        {
            _noGrad.Dispose();
            _module.train(_wasTraining);
        }
    }
}

using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>Order embeddings, VSE0 and VSE++ (models.md 3A and 3C).</summary>
internal sealed class VseEncoder : torch.nn.Module, IEncoder
{
    private readonly VseOptions options;
    private readonly int featureDim;
    private readonly Linear images;
    private readonly WordGru captions;

    public VseEncoder(VseOptions options, ModelInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        featureDim = inputs.FeatureDim;
        images = Initial.Xavier(torch.nn.Linear(featureDim, options.EmbedSize));
        captions = new WordGru(inputs, options.WordDim, options.EmbedSize, options.TextLayers);
        register_module("img_enc", new Group(("fc", images)));
        register_module("txt_enc", captions);
    }

    public torch.nn.Module Module => this;

    public NamedTensors Encode(NamedTensors batch)
    {
        var result = new NamedTensors();
        result.Add(TensorNames.CaptionEmbeddings, EncodeCaptions(batch));
        result.Add(TensorNames.ImageEmbeddings, EncodeImages(batch));
        return result;
    }

    public Tensor EncodeImages(NamedTensors batch)
    {
        using var scope = torch.NewDisposeScope();
        return scope.MoveToOuter(Finish(images.forward(Features(batch)), options.NormalizeImages));
    }

    public Tensor EncodeCaptions(NamedTensors batch)
    {
        using var scope = torch.NewDisposeScope();
        var ids = Batch.Require(batch, TensorNames.Captions, 2);
        var lengths = Batch.Require(batch, TensorNames.CaptionLengths, 1);
        return scope.MoveToOuter(Finish(captions.forward(ids, lengths), options.NormalizeCaptions));
    }

    /// <summary>[b, D]; of several regions the mean over those that are there.</summary>
    private Tensor Features(NamedTensors batch)
    {
        if (batch.TryGet(TensorNames.Features, out var flat) && flat.dim() == 2)
        {
            return Batch.Require(batch, TensorNames.Features, 2, featureDim);
        }

        var features = Batch.Require(batch, TensorNames.Features, 3, featureDim);
        if (features.shape[1] == 1)
        {
            return features.squeeze(1);
        }

        var lengths = Batch.Require(batch, TensorNames.FeatureLengths, 1);
        return features.sum(1) / lengths.to_type(features.dtype).unsqueeze(1);
    }

    private Tensor Finish(Tensor embedding, bool normalize)
    {
        var scaled = normalize ? Normalization.Exact(embedding) : embedding;
        return options.Absolute ? scaled.abs() : scaled;
    }
}

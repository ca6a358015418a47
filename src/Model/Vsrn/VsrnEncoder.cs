using Colony.Torch;

namespace Colony.Model;

/// <summary>VSRN (models.md 4A). Where it learns to say captions, that loss is each slice's own: the sum over its
/// captions, divided by the samples of the whole global batch.</summary>
internal sealed class VsrnEncoder : torch.nn.Module, IEncoder, IProbed
{
    private readonly VsrnImageEncoder images;
    private readonly WordGru captions;
    private readonly Captioner? captioner;

    public VsrnEncoder(VsrnOptions options, ModelInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(options);
        images = new VsrnImageEncoder(options, inputs);
        captions = new WordGru(inputs, options.WordDim, options.EmbedSize, options.TextLayers);
        register_module("img_enc", images);
        register_module("txt_enc", captions);
        if (options.Captioning)
        {
            captioner = new Captioner(options, inputs);
            register_module("caption_model", captioner);
        }
    }

    public torch.nn.Module Module => this;

    public Action<string, Tensor>? Probe
    {
        get => images.Probe;
        set
        {
            images.Probe = value;
            if (captioner is not null)
            {
                captioner.Probe = value;
            }
        }
    }

    public NamedTensors Encode(NamedTensors batch)
    {
        using var scope = torch.NewDisposeScope();
        var result = new NamedTensors();
        var seen = images.forward(batch);
        result.Add(TensorNames.CaptionEmbeddings, EncodeCaptions(batch));
        result.Add(TensorNames.ImageEmbeddings, seen.Embedding);
        captioner?.AddLoss(seen.Regions, batch, result);
        return result.MoveToOuterDisposeScope();
    }

    public Tensor EncodeImages(NamedTensors batch)
    {
        using var scope = torch.NewDisposeScope();
        return scope.MoveToOuter(images.forward(batch).Embedding);
    }

    public Tensor EncodeCaptions(NamedTensors batch)
    {
        using var scope = torch.NewDisposeScope();
        var ids = Batch.Require(batch, TensorNames.Captions, 2);
        var lengths = Batch.Require(batch, TensorNames.CaptionLengths, 1);
        return scope.MoveToOuter(Normalization.Exact(captions.forward(ids, lengths)));
    }
}

using Colony.Torch;

namespace Colony.Model;

/// <summary>SelfAlign on CAMERA (models.md 5C): CAMERA's branches with a context block on each; every view is extended
/// by the contexts.</summary>
internal sealed class SelfAlignCameraEncoder : torch.nn.Module, IEncoder, IProbed
{
    private const double ContextShare = 0.5;

    private readonly SelfAlignCameraOptions options;
    private readonly CameraImageEncoder images;
    private readonly CameraTextEncoder captions;
    private readonly ContextBlock imageContext;
    private readonly ContextBlock captionContext;
    private Action<string, Tensor>? probe;

    public SelfAlignCameraEncoder(SelfAlignCameraOptions options, ModelInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        images = new CameraImageEncoder(options, inputs);
        captions = new CameraTextEncoder(options, inputs, aligned: true);
        imageContext = new ContextBlock(images, options.EmbedSize, options.ContextRelu);
        captionContext = new ContextBlock(captions, options.EmbedSize, options.ContextRelu);
        register_module("img_enc", images);
        register_module("txt_enc", captions);
    }

    public torch.nn.Module Module => this;

    public Action<string, Tensor>? Probe
    {
        get => probe;
        set => (probe, images.Probe, captions.Probe) = (value, value, value);
    }

    public NamedTensors Encode(NamedTensors batch)
    {
        using var scope = torch.NewDisposeScope();
        var result = new NamedTensors();
        var seen = Images(batch, result);
        Captions(batch, result);
        images.AddDiversity(seen.Summary, options.DiversityWeight, result);
        return result.MoveToOuterDisposeScope();
    }

    public Tensor EncodeImages(NamedTensors batch)
    {
        using var scope = torch.NewDisposeScope();
        var result = new NamedTensors();
        Images(batch, result);
        return scope.MoveToOuter(result[TensorNames.ImageEmbeddings]);
    }

    public Tensor EncodeCaptions(NamedTensors batch)
    {
        using var scope = torch.NewDisposeScope();
        var result = new NamedTensors();
        Captions(batch, result);
        return scope.MoveToOuter(result[TensorNames.CaptionEmbeddings]);
    }

    private CameraImages Images(NamedTensors batch, NamedTensors result)
    {
        var seen = images.forward(batch);
        probe?.Invoke("img_emb", seen.Views);
        var context = imageContext.forward(seen.Attended);
        probe?.Invoke("img_ctx_fea", context.Context);
        var (rows, views) = (seen.Views.shape[0], seen.Views.shape[1]);
        var beside = torch.cat([context.Local.mean([1]) * ContextShare, context.Context * ContextShare], 1);
        var joint = torch.cat([seen.Views, beside.unsqueeze(1).expand(rows, views, -1)], 2);
        result.Add(TensorNames.ImageEmbeddings, joint.reshape(rows, -1));
        result.Add(TensorNames.ImageConcepts, Normalization.Guarded(seen.Concepts));
        result.Add(TensorNames.ImageLocals, context.Local);
        result.Add(TensorNames.ImageGlobals, context.Global);
        return seen;
    }

    private void Captions(NamedTensors batch, NamedTensors result)
    {
        var read = captions.forward(batch);
        probe?.Invoke("cap_emb", read.Embedding);
        var context = captionContext.forward(read.Attended);
        probe?.Invoke("cap_ctx_fea", context.Context);
        result.Add(TensorNames.CaptionEmbeddings, torch.cat(
            [read.Embedding, context.Context, context.Local.mean([1])], 1));
        result.Add(TensorNames.CaptionConcepts, Normalization.Guarded(read.Concepts));
        result.Add(TensorNames.CaptionLocals, context.Local);
        result.Add(TensorNames.CaptionGlobals, context.Global);
        result.Add(TensorNames.Words, read.Lengths.to_type(read.Embedding.dtype));
    }
}

using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>SelfAlign on VSRN (models.md 4B): VSRN's branches with a context block on each. An embedding is VSRN's own
/// beside the contexts, so that the product of two has all terms of the published score.</summary>
internal sealed class SelfAlignVsrnEncoder : torch.nn.Module, IEncoder, IProbed
{
    private const double ContextShare = 0.5;

    private readonly SelfAlignVsrnOptions options;
    private readonly VsrnImageEncoder images;
    private readonly Embedding words;
    private readonly Linear concepts;
    private readonly GRU recurrence;
    private readonly ContextBlock imageContext;
    private readonly ContextBlock captionContext;
    private readonly Captioner? captioner;
    private Action<string, Tensor>? probe;

    public SelfAlignVsrnEncoder(SelfAlignVsrnOptions options, ModelInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        var width = options.EmbedSize;
        images = new VsrnImageEncoder(options, inputs);
        imageContext = new ContextBlock(images, width, options.ContextRelu);
        words = WordGru.Words(inputs, options.WordDim);
        concepts = Initial.Xavier(torch.nn.Linear(options.WordDim, width));
        recurrence = torch.nn.GRU(width, width, options.TextLayers);
        var text = new Group(("embed", words), ("local_fc", concepts), ("rnn", recurrence));
        captionContext = new ContextBlock(text, width, options.ContextRelu);
        register_module("img_enc", images);
        register_module("txt_enc", text);
        if (options.Captioning)
        {
            captioner = new Captioner(options, inputs);
            register_module("caption_model", captioner);
        }
    }

    public torch.nn.Module Module => this;

    public Action<string, Tensor>? Probe
    {
        get => probe;
        set
        {
            probe = value;
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
        var regions = Images(batch, result);
        _ = Captions(batch, result);
        captioner?.AddLoss(regions, batch, result);
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
        return scope.MoveToOuter(Captions(batch, result));
    }

    /// <returns>The regions that the captioner reads.</returns>
    private Tensor Images(NamedTensors batch, NamedTensors result)
    {
        var seen = images.forward(batch);
        probe?.Invoke("img_emb", seen.Embedding);
        var context = imageContext.forward(seen.Reasoned);
        probe?.Invoke("img_ctx_fea", context.Context);
        result.Add(TensorNames.ImageEmbeddings, torch.cat(
            [seen.Embedding, context.Context * ContextShare, context.Local.mean([1]) * ContextShare], 1));
        result.Add(TensorNames.ImageConcepts, Normalization.Guarded(seen.Concepts));
        result.Add(TensorNames.ImageLocals, context.Local);
        result.Add(TensorNames.ImageGlobals, context.Global);
        return seen.Regions;
    }

    /// <returns>The captions' embeddings.</returns>
    private Tensor Captions(NamedTensors batch, NamedTensors result)
    {
        var ids = Batch.Padded(
            Batch.Require(batch, TensorNames.Captions, 2), options.PaddedLength, TensorNames.Captions);
        var lengths = Batch.Require(batch, TensorNames.CaptionLengths, 1);
        var local = concepts.forward(words.forward(ids));
        var (states, hidden) = recurrence.forward(local, lengths.cpu());
        var embedding = Normalization.Exact(hidden.select(0, hidden.shape[0] - 1));
        probe?.Invoke("cap_emb", embedding);
        var context = captionContext.forward(states);
        probe?.Invoke("cap_ctx_fea", context.Context);
        var joint = torch.cat([embedding, context.Local.mean([1]), context.Context], 1);
        result.Add(TensorNames.CaptionEmbeddings, joint);
        result.Add(TensorNames.CaptionConcepts, Normalization.Guarded(local));
        result.Add(TensorNames.CaptionLocals, context.Local);
        result.Add(TensorNames.CaptionGlobals, context.Global);
        result.Add(TensorNames.Words, lengths.to_type(joint.dtype));
        return joint;
    }
}

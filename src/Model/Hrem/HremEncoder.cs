using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>HREM's encoders (models.md 6B, 1 to 4). What the instance network needs beside embeddings goes out without
/// graph.</summary>
internal sealed class HremEncoder : torch.nn.Module, IEncoder, IProbed
{
    private readonly HremOptions options;
    private readonly int featureDim;
    private readonly RegionEmbedding regions;
    private readonly TextTokens tokens;
    private readonly Linear projection;
    private readonly TransformerEncoder imageFragments;
    private readonly TransformerEncoder captionFragments;

    public HremEncoder(HremOptions options, ModelInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        featureDim = inputs.FeatureDim;
        regions = new RegionEmbedding(featureDim, options.EmbedSize, xavier: true, options.PublishedUnusedLayers);
        tokens = new TextTokens(options.Text, inputs, new BertSettings(
            options.BertDim, options.BertLayers, options.BertHeads, options.BertIntermediate,
            options.BertMaxPositions, options.Dropout, options.PublishedUnusedLayers));
        projection = torch.nn.Linear(tokens.Width, options.EmbedSize);
        imageFragments = Layer();
        captionFragments = Layer();
        var text = new Group();
        if (tokens.Bert is { } bert)
        {
            text.register_module("bert", bert);
        }

        text.register_module("linear", projection);
        text.register_module("aggr", captionFragments);
        register_module("img_enc", new Group(("fc", regions), ("aggr", imageFragments)));
        register_module("txt_enc", text);
    }

    public torch.nn.Module Module => this;

    public Action<string, Tensor>? Probe { get; set; }

    public static void Rest(HremOptions options, PublishedRest rest)
    {
        RegionEmbedding.Rest(rest, "img_enc.fc", options.EmbedSize);
        if (options.Text == "bert")
        {
            BertModel.Rest(rest, "txt_enc.bert", options.BertDim);
        }
    }

    public NamedTensors Encode(NamedTensors batch)
    {
        using var scope = torch.NewDisposeScope();
        var result = new NamedTensors();
        var (image, shown) = Images(batch);
        var (caption, said, lengths) = Captions(batch);
        result.Add(TensorNames.CaptionEmbeddings, Normalization.Softened(caption));
        result.Add(TensorNames.ImageEmbeddings, Normalization.Softened(image));
        result.Add(TensorNames.CaptionUnscaled, caption);
        result.Add(TensorNames.ImageUnscaled, image);
        result.Add(TensorNames.ImageFragments, shown.detach());
        result.Add(TensorNames.CaptionFragments, said.detach());
        result.Add(TensorNames.Words, lengths.to_type(image.dtype));
        result.Add(TensorNames.ImageIds, Batch.Require(batch, TensorNames.Image, 1).to_type(image.dtype));
        return result.MoveToOuterDisposeScope();
    }

    public Tensor EncodeImages(NamedTensors batch)
    {
        using var scope = torch.NewDisposeScope();
        return scope.MoveToOuter(Normalization.Softened(Images(batch).Embedding));
    }

    public Tensor EncodeCaptions(NamedTensors batch)
    {
        using var scope = torch.NewDisposeScope();
        return scope.MoveToOuter(Normalization.Softened(Captions(batch).Embedding));
    }

    private TransformerEncoder Layer() =>
        new(options.EmbedSize, options.Heads, options.EmbedSize, options.Dropout, layers: 1);

    private (Tensor Embedding, Tensor Fragments) Images(NamedTensors batch)
    {
        var features = Batch.Require(batch, TensorNames.Features, 3, featureDim);
        var lengths = Batch.Require(batch, TensorNames.FeatureLengths, 1);
        if (training && options.RegionDrop > 0)
        {
            (features, lengths) = SizeAugmentation.Regions(features, lengths, options.RegionDrop);
        }

        using var mask = PaddingMask.Of(lengths, features.shape[1], TensorNames.FeatureLengths);
        var fragments = regions.forward(features);
        return (Pool("img", imageFragments, fragments, lengths, mask), fragments);
    }

    private (Tensor Embedding, Tensor Fragments, Tensor Lengths) Captions(NamedTensors batch)
    {
        var read = tokens.Read(batch, training ? options.PieceChange : 0);
        using var mask = read.Mask;
        Probe?.Invoke("bert_hidden", read.Hidden);
        var fragments = projection.forward(read.Hidden);
        return (Pool("cap", captionFragments, fragments, read.Lengths, mask), fragments, read.Lengths);
    }

    /// <summary>The k largest values of each feature, and the mean after the transformer layer.</summary>
    private Tensor Pool(string side, TransformerEncoder layer, Tensor fragments, Tensor lengths, PaddingMask mask)
    {
        Probe?.Invoke($"{side}_emb_pre_pool", fragments);
        var largest = MaxKPool.Pool(fragments, lengths, mask, options.PoolSize);
        var related = layer.forward(fragments.transpose(0, 1).contiguous(), mask).transpose(0, 1);
        Probe?.Invoke($"{side}_aggr", related);
        var valid = mask.Padded is { } padded ? related.masked_fill(padded.unsqueeze(2), 0) : related;
        var mean = valid.sum(1) / lengths.to_type(related.dtype).unsqueeze(1);
        var embedding = (largest * options.ResidualWeight) + (mean * (1 - options.ResidualWeight));
        Probe?.Invoke($"{side}_emb_notnorm", embedding);
        return embedding;
    }
}

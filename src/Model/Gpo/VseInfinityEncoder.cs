using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>VSE-infinity (models.md 6A): region embeddings and token features, each pooled by its own generalized
/// pooling operator.</summary>
internal sealed class VseInfinityEncoder : torch.nn.Module, IEncoder, IProbed
{
    private readonly VseInfinityOptions options;
    private readonly int featureDim;
    private readonly RegionEmbedding regions;
    private readonly TextTokens? tokens;
    private readonly Embedding? words;
    private readonly GRU? recurrence;
    private readonly Linear? projection;
    private readonly GpoPool imagePool;
    private readonly GpoPool captionPool;

    public VseInfinityEncoder(VseInfinityOptions options, ModelInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(options);
        this.options = options;
        featureDim = inputs.FeatureDim;
        var unused = options.PublishedUnusedLayers;
        regions = new RegionEmbedding(featureDim, options.EmbedSize, xavier: false, unused);
        imagePool = new GpoPool(options.PoolPositionDim, options.PoolHidden);
        captionPool = new GpoPool(options.PoolPositionDim, options.PoolHidden);
        regions.register_module("gpool", imagePool);
        var text = new Group();
        if (options.Text == "words")
        {
            words = WordGru.Words(inputs, options.WordDim);
            recurrence = torch.nn.GRU(options.WordDim, options.EmbedSize, bidirectional: true);
            text.register_module("embed", words);
            text.register_module("rnn", recurrence);
        }
        else
        {
            tokens = new TextTokens(options.Text, inputs, new BertSettings(
                options.BertDim, options.BertLayers, options.BertHeads, options.BertIntermediate,
                options.BertMaxPositions, options.Dropout, unused));
            projection = torch.nn.Linear(tokens.Width, options.EmbedSize);
            if (tokens.Bert is { } bert)
            {
                text.register_module("bert", bert);
            }

            text.register_module("linear", projection);
        }

        text.register_module("gpool", captionPool);
        register_module("img_enc", regions);
        register_module("txt_enc", text);
    }

    public torch.nn.Module Module => this;

    public Action<string, Tensor>? Probe { get; set; }

    public static void Rest(VseInfinityOptions options, PublishedRest rest)
    {
        RegionEmbedding.Rest(rest, "img_enc", options.EmbedSize);
        if (options.Text == "bert")
        {
            BertModel.Rest(rest, "txt_enc.bert", options.BertDim);
        }
    }

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
        var features = Batch.Require(batch, TensorNames.Features, 3, featureDim);
        var lengths = Batch.Require(batch, TensorNames.FeatureLengths, 1);
        if (training && options.RegionDrop > 0)
        {
            (features, lengths) = SizeAugmentation.Regions(features, lengths, options.RegionDrop);
        }

        using var mask = PaddingMask.Of(lengths, features.shape[1], TensorNames.FeatureLengths);
        return scope.MoveToOuter(Pool("img", imagePool, regions.forward(features), lengths, mask));
    }

    public Tensor EncodeCaptions(NamedTensors batch)
    {
        using var scope = torch.NewDisposeScope();
        if (recurrence is not null)
        {
            var ids = Batch.Require(batch, TensorNames.Captions, 2);
            var lengths = Batch.Require(batch, TensorNames.CaptionLengths, 1);
            using var given = PaddingMask.Of(lengths, ids.shape[1], TensorNames.CaptionLengths);
            var halves = recurrence.forward(words!.forward(ids), lengths.cpu()).output.chunk(2, 2);
            return scope.MoveToOuter(Pool("cap", captionPool, (halves[0] + halves[1]) / 2, lengths, given));
        }

        var read = tokens!.Read(batch, training ? options.PieceChange : 0);
        using var mask = read.Mask;
        Probe?.Invoke("bert_hidden", read.Hidden);
        return scope.MoveToOuter(Pool("cap", captionPool, projection!.forward(read.Hidden), read.Lengths, mask));
    }

    private Tensor Pool(string side, GpoPool pool, Tensor features, Tensor lengths, PaddingMask mask)
    {
        Probe?.Invoke($"{side}_tokens", features);
        pool.Probe = Probe is null ? null : (name, tensor) => Probe($"{side}_{name}", tensor);
        var pooled = pool.forward(features, lengths, mask);
        Probe?.Invoke($"{side}_pooled", pooled);
        return Normalization.Softened(pooled);
    }
}

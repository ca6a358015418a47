using Colony.Testing.Npy;

namespace Colony.Model.Tests;

/// <summary>Reads TERN's settings from a golden file: numbers from <c>meta/</c>, choices from which weights and outputs
/// there are.</summary>
internal sealed class TernSettings
{
    private const string Root = "param/img_txt_enc.";

    private readonly NpzFile file;

    public TernSettings(NpzFile file)
    {
        this.file = file;
        var bert = Any("txt_enc.bert_model.");
        Model = new TernOptions
        {
            EmbedSize = Meta("embed"),
            Heads = Meta("heads"),
            Feedforward = Meta("feedforward"),
            ImageLayers = Meta("image_layers"),
            JointLayers = Meta("layers"),
            TextLayers = Count("txt_enc.transformer_encoder.layers."),
            SharedTransformer = Meta("shared_transformer") != 0,
            Dropout = 0,
            TextAggregation = Aggregation("text", "output/cap_tokens"),
            ImageAggregation = Aggregation("image", "output/img_tokens"),
            PosEncoding = file.Contains($"{Root}img_enc.pos_encoding_image.map.0.weight")
                ? "concat-and-process" : "project-and-sum",
            Measure = Measure(),
            Text = bert ? "bert" : "features",
            WordDim = Meta("word_dim"),
            BertLayers = bert ? Meta("bert_layers") : 1,
            BertHeads = bert ? Meta("bert_heads") : 1,
            BertIntermediate = bert ? Meta("bert_intermediate") : 1,
            BertMaxPositions = bert ? Meta("bert_max_positions") : 1,
            PublishedUnusedLayers = true,
        };
        Inputs = new ModelInputs(Meta("feat_dim"), Meta("word_dim"), bert ? Meta("bert_vocab") : 0);
        Objective = new HingeOptions
        {
            Margin = file["meta/margin"].Scalar(),
            Measure = Model.Measure,
            MaxViolation = Meta("max_violation") != 0,
        };
    }

    public GoldenSetup Setup => new(new TernEncoder(Model, Inputs), new BidirectionalHinge(Objective))
    {
        Options = Model,
        Inputs = Inputs,
    };

    private TernOptions Model { get; }

    private ModelInputs Inputs { get; }

    private HingeOptions Objective { get; }

    private int Meta(string name) => (int)file[$"meta/{name}"].Scalar();

    private bool Any(string prefix) =>
        file.Names.Any(name => name.StartsWith(Root + prefix, StringComparison.Ordinal));

    private int Count(string prefix)
    {
        var count = 0;
        while (Any($"{prefix}{count}."))
        {
            count++;
        }

        return count;
    }

    private string Aggregation(string side, string tokens) =>
        !file.Contains(tokens) ? "none"
        : Any($"{side}_aggregation.gated_aggr.") ? "gated"
        : Any($"{side}_aggregation.gru_aggr.") ? "gru"
        : Any($"{side}_aggregation.map.") ? "sum-and-map"
        : "first";

    /// <summary>Order similarities are never above 0 and their embeddings never below; products of those would
    /// be.</summary>
    private string Measure()
    {
        var positive = file["output/img_emb"].ToDoubles().Concat(file["output/cap_emb"].ToDoubles()).All(x => x >= 0);
        return positive && file["output/scores"].ToDoubles().All(x => x <= 0) ? "order" : "dot";
    }
}

using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>kaylode's TERN (models.md 1C), by options with relative position representations as in
/// RishiDarkDevil/Joint-Embedding (models.md 2.2). No mask anywhere: padded words take part in attention and in the
/// mean, so a caption's embedding depends on the longest caption of its slice.</summary>
internal sealed class KaylodeTernEncoder : torch.nn.Module, IEncoder, IProbed
{
    private readonly KaylodeTernOptions options;
    private readonly ModelInputs inputs;
    private readonly Parameter featureClass;
    private readonly Parameter boxClass;
    private readonly Linear featureEmbedding;
    private readonly Linear boxEmbedding;
    private readonly Linear? wordEmbedding;
    private readonly PreNormEncoder images;
    private readonly PreNormEncoder texts;
    private readonly PreNormEncoder? shared;
    private readonly Perceptron imageProjection;
    private readonly Perceptron captionProjection;

    public KaylodeTernEncoder(KaylodeTernOptions options, ModelInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(inputs);
        Check(options, inputs);
        this.options = options;
        this.inputs = inputs;
        var width = options.ModelDim;
        featureClass = new Parameter(torch.zeros([1, 1, width]));
        boxClass = new Parameter(torch.zeros([1, 1, width]));
        featureEmbedding = torch.nn.Linear(inputs.FeatureDim, width);
        boxEmbedding = torch.nn.Linear(options.BoxDim, width);
        var regions = new Group();
        regions.register_parameter("cls_token1", featureClass);
        regions.register_parameter("cls_token2", boxClass);
        regions.register_module("feat_embed", new Group(("linear", featureEmbedding)));
        regions.register_module("loc_embed", new Group(("linear", boxEmbedding)));
        var entries = RelativeIndex.SequenceEntries(options.RelativeDistance);
        images = new PreNormEncoder(
            options, options.ImageLayers, RelativeIndex.RegionEntries(options.ImageRelative, options.RelativeDistance));
        texts = new PreNormEncoder(options, options.TextLayers, options.TextRelative ? entries : 0);
        imageProjection = new Perceptron(width, options.EmbedSize);
        captionProjection = new Perceptron(width, options.EmbedSize);
        register_module("encoder_v", regions);
        if (options.ProjectText)
        {
            wordEmbedding = torch.nn.Linear(inputs.WordDim, width);
            register_module("encoder_l", new Group(("feat_embed", new Group(("linear", wordEmbedding)))));
        }

        register_module("reasoning_v", images);
        register_module("reasoning_l", texts);
        register_module("img_proj", new Group(("model", imageProjection)));
        register_module("cap_proj", new Group(("model", captionProjection)));
        if (options.SharedLayers > 0)
        {
            shared = new PreNormEncoder(options, options.SharedLayers, options.SharedRelative ? entries : 0);
            register_module("sw_layer", shared);
        }

        Draw();
    }

    public torch.nn.Module Module => this;

    /// <summary>Sees intermediate tensors under their published names, where a test asks for them.</summary>
    public Action<string, Tensor>? Probe { get; set; }

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
        var features = Batch.Require(batch, TensorNames.Features, 3, inputs.FeatureDim).transpose(0, 1);
        var regions = Boxes(batch);
        var boxes = regions.transpose(0, 1);
        var count = features.shape[1];
        var shown = torch.cat([featureClass.expand(1, count, -1), featureEmbedding.forward(features)], 0);
        var placed = torch.cat([boxClass.expand(1, count, -1), boxEmbedding.forward(boxes)], 0);
        var tokens = shown + placed;
        Probe?.Invoke("encoder_v", tokens.transpose(0, 1));
        var reasoned = images.forward(tokens, options.ImageRelative switch
        {
            "index" => Order(tokens),
            "grid" => RelativeIndex.Boxes(WithClassSlot(regions)),
            _ => null,
        });
        Probe?.Invoke("reasoning_v", reasoned.transpose(0, 1));
        return scope.MoveToOuter(Finish(Shared(reasoned), imageProjection));
    }

    public Tensor EncodeCaptions(NamedTensors batch)
    {
        using var scope = torch.NewDisposeScope();
        var features = Batch.Require(batch, TensorNames.CaptionFeatures, 3, inputs.WordDim);
        var words = features.transpose(0, 1);
        var tokens = wordEmbedding is null ? words.contiguous() : wordEmbedding.forward(words);
        var reasoned = texts.forward(tokens, options.TextRelative ? Order(tokens) : null);
        Probe?.Invoke("reasoning_l", reasoned.transpose(0, 1));
        return scope.MoveToOuter(Finish(Shared(reasoned), captionProjection));
    }

    private static void Check(KaylodeTernOptions options, ModelInputs inputs)
    {
        if (options.ProjectText && inputs.WordDim < 1)
        {
            throw new ArgumentException(
                "kaylode's TERN needs a data set with token features; this one has words.", nameof(inputs));
        }

        if (!options.ProjectText && inputs.WordDim != options.ModelDim)
        {
            throw new ArgumentException(
                $"model_dim is {options.ModelDim}, and the data's token features have {inputs.WordDim}: " +
                "kaylode's TERN feeds them in as they are, so the two must be equal (or set project_text).",
                nameof(options));
        }

        Need(options.TextRelative, "text_relative", options.TextLayers, "text_layers", "over tokens");
        Need(options.ImageRelative != "none", "image_relative", options.ImageLayers, "image_layers", "over regions");
        Need(options.SharedRelative, "shared_relative", options.SharedLayers, "shared_layers", "over both");

        static void Need(bool relative, string option, int layers, string count, string what)
        {
            if (relative && layers == 0)
            {
                throw new ArgumentException(
                    $"{option} needs transformer layers {what} and {count} is 0: raise {count}.", nameof(options));
            }
        }
    }

    private static Tensor WithClassSlot(Tensor boxes)
    {
        var slot = torch.zeros([boxes.shape[0], 1, 4], boxes.dtype, boxes.device);
        return torch.cat([slot, boxes.narrow(2, 0, 4)], 1);
    }

    private Tensor Order(Tensor tokens) =>
        RelativeIndex.Sequence(tokens.shape[0], options.RelativeDistance, tokens.device);

    private Tensor Shared(Tensor tokens) => shared is null
        ? tokens
        : shared.forward(tokens, options.SharedRelative ? Order(tokens) : null);

    /// <summary>[b, R, 4 or 5]; a fifth number that the data lacks is the area.</summary>
    private Tensor Boxes(NamedTensors batch)
    {
        var boxes = Batch.Require(batch, TensorNames.Boxes, 3);
        if (boxes.shape[2] == 4 && options.BoxDim == 5)
        {
            return torch.cat([boxes, BoxEncoding.Area(boxes)], 2);
        }

        return Batch.Require(batch, TensorNames.Boxes, 3, options.BoxDim);
    }

    /// <summary>Projects every token (or only the first, when only that counts), pools, brings to length 1.</summary>
    private Tensor Finish(Tensor tokens, Perceptron projection) => Normalization.Exact(options.Aggregation == "first"
        ? projection.forward(tokens.select(0, 0))
        : projection.forward(tokens).mean([0]));

    /// <summary>Xavier on every weight with more than one dimension, the CLS tokens included; biases keep
    /// theirs.</summary>
    private void Draw()
    {
        foreach (var (_, parameter) in named_parameters())
        {
            if (parameter.shape.Length > 1)
            {
                torch.nn.init.xavier_uniform_(parameter);
            }
        }
    }
}

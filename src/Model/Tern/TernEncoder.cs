using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>TERN's joint encoder (models.md 1A): both branches, a projection each, joint transformer layers, one
/// vector a side, length 1.</summary>
internal sealed class TernEncoder : torch.nn.Module, IEncoder, IProbed
{
    private readonly TernOptions options;
    private readonly long featureDim;
    private readonly TernTextEncoder text;
    private readonly TernImageEncoder images;
    private readonly Linear? imageProjection;
    private readonly Linear? captionProjection;
    private readonly TransformerEncoder? captionJoint;
    private readonly TransformerEncoder? imageJoint;
    private readonly Aggregator? textAggregation;
    private readonly Aggregator? imageAggregation;

    public TernEncoder(TernOptions options, ModelInputs inputs)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(inputs);
        this.options = options;
        featureDim = inputs.FeatureDim;
        var root = new Group();
        text = Child(root, "txt_enc", new TernTextEncoder(options, inputs))!;
        images = Child(root, "img_enc", new TernImageEncoder(options, featureDim))!;
        var (all, imageSide, textSide) = (
            options.PublishedUnusedLayers,
            options.ImageAggregation != TernOptions.NoAggregation,
            options.TextAggregation != TernOptions.NoAggregation);
        imageProjection = Child(root, "img_proj", all || imageSide
            ? torch.nn.Linear(featureDim, options.EmbedSize) : null);
        captionProjection = Child(root, "cap_proj", all || textSide
            ? torch.nn.Linear(text.Width, options.EmbedSize) : null);
        var shared = options.SharedTransformer;
        captionJoint = Child(root, "transformer_encoder_1", all || textSide || (shared && imageSide)
            ? Joint(options) : null);
        imageJoint = shared
            ? captionJoint
            : Child(root, "transformer_encoder_2", all || imageSide ? Joint(options) : null);
        textAggregation = Child(root, "text_aggregation", textSide
            ? Aggregator.Create(options.TextAggregation, options.EmbedSize) : null);
        imageAggregation = Child(root, "image_aggregation", imageSide
            ? Aggregator.Create(options.ImageAggregation, options.EmbedSize) : null);
        register_module("img_txt_enc", root);
    }

    public torch.nn.Module Module => this;

    /// <summary>Sees intermediate tensors under their published names, where a test asks for them.</summary>
    public Action<string, Tensor>? Probe { get; set; }

    public static void Rest(TernOptions options, PublishedRest rest)
    {
        const string Root = "img_txt_enc";
        var features = rest.InputOf($"{Root}.img_proj.weight", $"{Root}.img_enc.fc.weight");
        var width = rest.InputOf($"{Root}.cap_proj.weight", $"{Root}.txt_enc.map.weight");
        rest.Layer($"{Root}.txt_enc.map", () => torch.nn.Linear(width, options.EmbedSize));
        rest.Layer($"{Root}.img_enc.fc", () => torch.nn.Linear(features, options.EmbedSize));
        rest.Layer($"{Root}.img_proj", () => torch.nn.Linear(features, options.EmbedSize));
        rest.Layer($"{Root}.cap_proj", () => torch.nn.Linear(width, options.EmbedSize));
        rest.Layer($"{Root}.transformer_encoder_1", () => Joint(options));
        if (!options.SharedTransformer)
        {
            rest.Layer($"{Root}.transformer_encoder_2", () => Joint(options));
        }

        if (options.Text == "bert")
        {
            const string Bert = $"{Root}.txt_enc.bert_model";
            BertModel.Rest(rest, Bert, width);
            rest.SecondName(
                $"{Root}.txt_enc.word_embeddings.weight", $"{Bert}.embeddings.word_embeddings.weight");
        }
    }

    public NamedTensors Encode(NamedTensors batch)
    {
        var result = new NamedTensors();
        result.Add(TensorNames.CaptionEmbeddings, EncodeCaptions(batch));
        result.Add(TensorNames.ImageEmbeddings, EncodeImages(batch));
        return result;
    }

    public Tensor EncodeCaptions(NamedTensors batch)
    {
        using var scope = torch.NewDisposeScope();
        var tokens = text.Input(batch);
        var lengths = Batch.Require(batch, TensorNames.CaptionLengths, 1);
        using var mask = PaddingMask.Of(lengths, tokens.shape[1], TensorNames.CaptionLengths);
        var sequence = text.forward(tokens, mask);
        Probe?.Invoke("txt_enc_tokens", sequence.transpose(0, 1));
        var pooled = text.Pools && (Probe is not null || textAggregation is null) ? text.Pool(sequence) : null;
        Report("txt_enc_pooled", pooled);
        if (textAggregation is null)
        {
            return scope.MoveToOuter(Finish(pooled!));
        }

        var joint = captionJoint!.forward(captionProjection!.forward(sequence), mask);
        Probe?.Invoke("cap_tokens", joint);
        return scope.MoveToOuter(Finish(textAggregation.forward(joint, lengths, mask)));
    }

    public Tensor EncodeImages(NamedTensors batch)
    {
        using var scope = torch.NewDisposeScope();
        var features = Batch.Require(batch, TensorNames.Features, 3, featureDim);
        var boxes = Batch.Require(batch, TensorNames.Boxes, 3, 4);
        var lengths = Batch.Require(batch, TensorNames.FeatureLengths, 1);
        using var mask = PaddingMask.Of(lengths, features.shape[1], TensorNames.FeatureLengths);
        var sequence = images.forward(features, boxes, mask, Probe);
        Probe?.Invoke("img_enc_tokens", sequence.transpose(0, 1));
        var pooled = images.Pools && (Probe is not null || imageAggregation is null) ? images.Pool(sequence) : null;
        Report("img_enc_pooled", pooled);
        if (imageAggregation is null)
        {
            return scope.MoveToOuter(Finish(pooled!));
        }

        var joint = imageJoint!.forward(imageProjection!.forward(sequence), mask);
        Probe?.Invoke("img_tokens", joint);
        return scope.MoveToOuter(Finish(imageAggregation.forward(joint, lengths, mask)));
    }

    private static T? Child<T>(torch.nn.Module parent, string name, T? child)
        where T : torch.nn.Module
    {
        if (child is not null)
        {
            parent.register_module(name, child);
        }

        return child;
    }

    private void Report(string name, Tensor? tensor)
    {
        if (tensor is not null)
        {
            Probe?.Invoke(name, tensor);
        }
    }

    private static TransformerEncoder Joint(TernOptions options) => new(
        options.EmbedSize, options.Heads, options.Feedforward, options.Dropout, options.JointLayers);

    /// <summary>Length 1; for order embeddings the absolute value comes after the normalisation.</summary>
    private Tensor Finish(Tensor embedding)
    {
        var unit = Normalization.Exact(embedding);
        return options.Measure == "order" ? unit.abs() : unit;
    }
}

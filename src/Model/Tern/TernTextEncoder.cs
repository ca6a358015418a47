using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>TERN's text branch: tokens from features, learned words or BERT, then optional transformer
/// layers.</summary>
internal sealed class TernTextEncoder : torch.nn.Module
{
    private const int DefaultWordDim = 256;

    private readonly BertModel? bert;
    private readonly WordEmbeddings? words;
    private readonly TransformerEncoder? transformer;
    private readonly Linear? pooled;
    private readonly bool absolute;
    private readonly int distance;

    public TernTextEncoder(TernOptions options, ModelInputs inputs)
    {
        Width = WidthOf(options, inputs);
        absolute = options.Measure == "order";
        if (options.Text == "bert")
        {
            bert = new BertModel(BertShape(options, inputs), options.Dropout, options.PublishedUnusedLayers);
            register_module("bert_model", bert);
        }
        else if (options.Text == "words")
        {
            words = new WordEmbeddings(inputs.VocabularySize, options.MaxWords, Width, options.Dropout);
            register_module("words", words);
        }

        if (options.TextRelative && options.TextLayers == 0)
        {
            throw new ArgumentException(
                "text_relative needs transformer layers over tokens and text_layers is 0: raise text_layers.",
                nameof(options));
        }

        distance = options.TextRelative ? options.RelativeDistance : 0;
        if (options.TextLayers > 0)
        {
            transformer = new TransformerEncoder(
                Width, options.Heads, options.Feedforward, options.Dropout, options.TextLayers,
                options.TextRelative ? RelativeIndex.SequenceEntries(distance) : 0);
            register_module("transformer_encoder", transformer);
        }

        if (options.PublishedUnusedLayers || options.TextAggregation == TernOptions.NoAggregation)
        {
            pooled = torch.nn.Linear(Width, options.EmbedSize);
            register_module("map", pooled);
        }
    }

    /// <summary>Width W of a token.</summary>
    public long Width { get; }

    /// <summary>Whether <see cref="Pool"/> has its layer.</summary>
    public bool Pools => pooled is not null;

    /// <summary>The batch's tokens [b, T, W] as float features, or [b, T] as ids.</summary>
    public Tensor Input(NamedTensors batch) => bert is null && words is null
        ? Batch.Require(batch, TensorNames.CaptionFeatures, 3, Width)
        : Batch.Require(batch, TensorNames.Captions, 2);

    /// <param name="tokens">What <see cref="Input"/> gave.</param>
    /// <param name="mask">Padding among the tokens.</param>
    /// <returns>[T, b, W].</returns>
    public Tensor forward(Tensor tokens, PaddingMask mask)
    {
        using var scope = torch.NewDisposeScope();
        var sequence = bert?.forward(tokens, mask) ?? words?.forward(tokens) ?? tokens.transpose(0, 1).contiguous();
        if (transformer is null)
        {
            return scope.MoveToOuter(sequence);
        }

        var index = distance > 0 ? RelativeIndex.Sequence(sequence.shape[0], distance, sequence.device) : null;
        return scope.MoveToOuter(transformer.forward(sequence, mask, relative: index));
    }

    /// <summary>The branch's own embedding [b, E]: the mean over all positions, padding included, projected.</summary>
    public Tensor Pool(Tensor tokens) => TernPooling.Mean(tokens, pooled!, absolute);

    private static long WidthOf(TernOptions options, ModelInputs inputs) => options.Text switch
    {
        "features" when options.WordDim != 0 && options.WordDim != inputs.WordDim => throw new ArgumentException(
            $"word_dim is {options.WordDim}, and the data's token features have {inputs.WordDim}.", nameof(options)),
        "features" when inputs.WordDim < 1 => throw new ArgumentException(
            "text: features needs a data set with token features; this one has words. Use text: words.",
            nameof(options)),
        "features" => inputs.WordDim,
        _ when inputs.VocabularySize < 1 => throw new ArgumentException(
            $"text: {options.Text} needs a data set with a vocabulary; this one has none.", nameof(options)),
        _ when options.WordDim != 0 => options.WordDim,
        _ => options.Text == "bert" ? TernOptions.DefaultBertDim : DefaultWordDim,
    };

    private BertShape BertShape(TernOptions options, ModelInputs inputs) => new(
        inputs.VocabularySize, Width, options.BertLayers, options.BertHeads, options.BertIntermediate,
        options.BertMaxPositions);
}

using System.ComponentModel.DataAnnotations;
using System.Runtime.Serialization;

namespace Colony.Model;

/// <summary>
/// TERN as published (Messina et al., "Transformer Reasoning Network for Image-Text Matching and Retrieval", ICPR 2020;
/// mesnico/TERN). The defaults are the published configuration on pre-extracted text features.
/// </summary>
public sealed record TernOptions : IBertOptions
{
    internal const string NoAggregation = "none";
    internal const int DefaultBertDim = 768;

    /// <summary>Size E of the common embedding.</summary>
    [Range(1, 16384)]
    public int EmbedSize { get; init; } = 1024;

    /// <summary>Heads of every transformer layer; must divide the width of each.</summary>
    [Range(1, 256)]
    public int Heads { get; init; } = 4;

    /// <summary>Hidden width of every feed-forward layer.</summary>
    [Range(1, 65536)]
    public int Feedforward { get; init; } = 2048;

    /// <summary>Transformer layers over the regions, before projection.</summary>
    [Range(0, 64)]
    public int ImageLayers { get; init; } = 4;

    /// <summary>Transformer layers over the tokens, before projection ("post-transformer" layers of the text
    /// encoder).</summary>
    [Range(0, 64)]
    public int TextLayers { get; init; }

    /// <summary>Transformer layers after projection to the common size.</summary>
    [Range(0, 64)]
    public int JointLayers { get; init; } = 2;

    /// <summary>Whether images and captions go through the same joint layers.</summary>
    public bool SharedTransformer { get; init; } = true;

    /// <summary>Dropout of the transformers, and of word embeddings.</summary>
    [Range(0.0, 0.99)]
    public double Dropout { get; init; } = 0.1;

    /// <summary>How the caption's tokens become one vector; <c>none</c> takes the mean of the text encoder's outputs,
    /// over padding too, and leaves the joint layers out.</summary>
    [AllowedValues("first", "none", "gated", "gru", "sum", "sum-and-map")]
    public string TextAggregation { get; init; } = "first";

    /// <summary>How the image's regions become one vector; as <see cref="TextAggregation"/>.</summary>
    [AllowedValues("first", "none", "gated", "gru", "sum", "sum-and-map")]
    public string ImageAggregation { get; init; } = "first";

    /// <summary>How boxes enter: appended to the features before an MLP, or projected and added.</summary>
    [AllowedValues("concat-and-process", "project-and-sum")]
    public string PosEncoding { get; init; } = "concat-and-process";

    /// <summary><c>order</c> takes absolute values of the normalised embeddings, for the order similarity.</summary>
    [AllowedValues("dot", "order")]
    public string Measure { get; init; } = "dot";

    /// <summary>What captions are: pre-extracted token <c>features</c>; <c>words</c>, whose embeddings are learned with
    /// absolute positions; <c>bert</c>, word pieces through a BERT that is trained along.</summary>
    [AllowedValues("features", "words", "bert")]
    public string Text { get; init; } = "features";

    /// <summary>Width of words inside the text encoder. 0: that of the data for <c>features</c>, else 256 for
    /// <c>words</c> and 768 for <c>bert</c>.</summary>
    [Range(0, 16384)]
    public int WordDim { get; init; }

    /// <summary>Longest caption, in words, that <c>words</c> has positions for.</summary>
    [Range(1, 65536)]
    public int MaxWords { get; init; } = 128;

    /// <summary>Layers of the BERT inside.</summary>
    [Range(1, 64)]
    public int BertLayers { get; init; } = 6;

    /// <summary>Heads of the BERT inside.</summary>
    [Range(1, 256)]
    public int BertHeads { get; init; } = 12;

    /// <summary>Feed-forward width of the BERT inside.</summary>
    [Range(1, 65536)]
    public int BertIntermediate { get; init; } = 3072;

    /// <summary>Positions of the BERT inside, hence its longest caption.</summary>
    [Range(1, 65536)]
    public int BertMaxPositions { get; init; } = 512;

    /// <summary>Relative position representations (Shaw et al. 2018) in the transformer layers over tokens; needs
    /// <see cref="TextLayers"/>. Not in the published TERN.</summary>
    [DataMember(EmitDefaultValue = false)]
    public bool TextRelative { get; init; }

    /// <summary>Relative position representations in the transformer layers over regions: <c>index</c>, by the order of
    /// the regions; <c>grid</c>, by rows and columns between boxes, which must be fractions (after iRPE, Wu et al.
    /// 2021).</summary>
    [DataMember(EmitDefaultValue = false)]
    [AllowedValues("none", "index", "grid")]
    public string ImageRelative { get; init; } = "none";

    /// <summary>Distance in tokens, or regions by <c>index</c>, beyond which positions are not told apart.</summary>
    [DataMember(EmitDefaultValue = false)]
    [Range(1, 1024)]
    public int RelativeDistance { get; init; } = 5;

    /// <summary>Keeps layers that the published model has and this configuration does not use (for weight files that
    /// match the published ones name by name). They get no gradient.</summary>
    public bool PublishedUnusedLayers { get; init; }

    bool IBertOptions.ReadsWordPieces => Text == "bert";

    int ICaptionLimit.LongestCaption => Text switch
    {
        "words" => MaxWords,
        "bert" => BertMaxPositions,
        _ => 0,
    };

    BertConfiguration IBertOptions.Bert => BertConfiguration.Of(
        WordDim > 0 ? WordDim : DefaultBertDim, BertLayers, BertHeads, BertIntermediate, BertMaxPositions, Dropout);
}

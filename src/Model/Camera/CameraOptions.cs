using System.ComponentModel.DataAnnotations;

namespace Colony.Model;

/// <summary>CAMERA (Qu et al., "Context-Aware Multi-View Summarization Network for Image-Text Matching", ACM MM 2020;
/// LgQu/CAMERA). The defaults are the published ones. An image has several vectors: train with the measure
/// <c>views</c>.</summary>
public record CameraOptions : IBertOptions
{
    /// <summary>Size E of the common embedding, and of regions and tokens inside.</summary>
    [Range(1, 16384)]
    public int EmbedSize { get; init; } = 2048;

    /// <summary>Heads of the gated attention; must divide <see cref="EmbedSize"/>.</summary>
    [Range(1, 1024)]
    public int Heads { get; init; } = 64;

    /// <summary>Views of an image.</summary>
    [Range(1, 1024)]
    public int Views { get; init; } = 12;

    /// <summary>Boxes come in pixels, beside the images' sizes; otherwise as fractions of the image.</summary>
    public bool PixelBoxes { get; init; }

    /// <summary>Weight of the diversity of an image's views in the loss.</summary>
    [Range(0.0, 100.0)]
    public double DiversityWeight { get; init; } = 0.01;

    /// <summary>What captions are: word pieces through a <c>bert</c> inside, or pre-extracted token
    /// <c>features</c>.</summary>
    [AllowedValues("bert", "features")]
    public string Text { get; init; } = "bert";

    /// <summary>Whether the BERT inside keeps its weights; its dropout is active all the same, as published.</summary>
    public bool FreezeBert { get; init; } = true;

    /// <summary>Width of the BERT inside.</summary>
    [Range(1, 16384)]
    public int BertDim { get; init; } = 768;

    /// <summary>Layers of the BERT inside.</summary>
    [Range(1, 64)]
    public int BertLayers { get; init; } = 12;

    /// <summary>Heads of the BERT inside.</summary>
    [Range(1, 256)]
    public int BertHeads { get; init; } = 12;

    /// <summary>Feed-forward width of the BERT inside.</summary>
    [Range(1, 65536)]
    public int BertIntermediate { get; init; } = 3072;

    /// <summary>Positions of the BERT inside.</summary>
    [Range(1, 65536)]
    public int BertMaxPositions { get; init; } = 512;

    /// <summary>Dropout of the BERT inside.</summary>
    [Range(0.0, 0.99)]
    public double Dropout { get; init; } = 0.1;

    /// <summary>Tokens that every caption is padded to, since padding takes part in attention and mean; 0: the longest
    /// of the slice.</summary>
    [Range(0, 65536)]
    public int CaptionLength { get; init; } = 32;

    internal BertSettings Bert =>
        new(BertDim, BertLayers, BertHeads, BertIntermediate, BertMaxPositions, Dropout, Pooler: false);

    bool IBertOptions.ReadsWordPieces => Text == "bert";

    int ICaptionLimit.LongestCaption => (Text, CaptionLength) switch
    {
        ("bert", > 0) => Math.Min(CaptionLength, BertMaxPositions),
        ("bert", _) => BertMaxPositions,
        _ => CaptionLength,
    };

    BertConfiguration IBertOptions.Bert => BertConfiguration.Of(
        BertDim, BertLayers, BertHeads, BertIntermediate, BertMaxPositions, Dropout);
}

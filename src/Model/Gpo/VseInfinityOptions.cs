using System.ComponentModel.DataAnnotations;

namespace Colony.Model;

/// <summary>VSE-infinity (Chen et al., "Learning the Best Pooling Strategy for Visual Semantic Embedding", CVPR 2021;
/// woodfrog/vse_infty) on region features. The defaults are the published ones.</summary>
public sealed record VseInfinityOptions : IBertOptions
{
    /// <summary>Size E of the common embedding; even.</summary>
    [Range(2, 16384)]
    public int EmbedSize { get; init; } = 1024;

    /// <summary>What captions are: word pieces through a <c>bert</c> that is trained along; <c>words</c> through a
    /// bidirectional GRU; pre-extracted token <c>features</c>.</summary>
    [AllowedValues("bert", "words", "features")]
    public string Text { get; init; } = "bert";

    /// <summary>Width of a word vector, for <c>words</c>.</summary>
    [Range(1, 16384)]
    public int WordDim { get; init; } = 300;

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

    /// <summary>Positions of the BERT inside, hence its longest caption.</summary>
    [Range(1, 65536)]
    public int BertMaxPositions { get; init; } = 512;

    /// <summary>Dropout of the BERT inside.</summary>
    [Range(0.0, 0.99)]
    public double Dropout { get; init; } = 0.1;

    /// <summary>Width of the pooling operator's positions; even.</summary>
    [Range(2, 1024)]
    public int PoolPositionDim { get; init; } = 32;

    /// <summary>Width of the pooling operator's GRU.</summary>
    [Range(1, 1024)]
    public int PoolHidden { get; init; } = 32;

    /// <summary>Probability with which a region is left out while training.</summary>
    [Range(0.0, 0.99)]
    public double RegionDrop { get; init; } = 0.2;

    /// <summary>Probability with which a word is masked, replaced or removed, with all its pieces, while training;
    /// for <c>bert</c>.</summary>
    [Range(0.0, 0.99)]
    public double PieceChange { get; init; } = 0.2;

    /// <summary>Keeps layers that the published state has and never uses. They get no gradient.</summary>
    public bool PublishedUnusedLayers { get; init; }

    bool IBertOptions.ReadsWordPieces => Text == "bert";

    int ICaptionLimit.LongestCaption => Text == "bert" ? BertMaxPositions : 0;

    BertConfiguration IBertOptions.Bert => BertConfiguration.Of(
        BertDim, BertLayers, BertHeads, BertIntermediate, BertMaxPositions, Dropout);
}

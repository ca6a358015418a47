using System.ComponentModel.DataAnnotations;

namespace Colony.Model;

/// <summary>HREM's encoders (Fu et al., "Learning Semantic Relationship among Instances for Image-Text Matching", CVPR
/// 2023; CrossmodalGroup/HREM), all that is used after training. The defaults are the published ones.</summary>
public sealed record HremOptions : IBertOptions
{
    /// <summary>Size E of the common embedding; even.</summary>
    [Range(2, 16384)]
    public int EmbedSize { get; init; } = 1024;

    /// <summary>Heads of the transformer layer over fragments; must divide <see cref="EmbedSize"/>.</summary>
    [Range(1, 256)]
    public int Heads { get; init; } = 16;

    /// <summary>Values of a feature that the first pooling averages, the largest.</summary>
    [Range(1, 1024)]
    public int PoolSize { get; init; } = 2;

    /// <summary>Share of the first pooling in an embedding; the rest is the mean after the transformer layer.</summary>
    [Range(0.0, 1.0)]
    public double ResidualWeight { get; init; } = 0.8;

    /// <summary>What captions are: word pieces through a <c>bert</c> that is trained along, or pre-extracted token
    /// <c>features</c>.</summary>
    [AllowedValues("bert", "features")]
    public string Text { get; init; } = "bert";

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

    /// <summary>Dropout of the BERT and of the transformer layers.</summary>
    [Range(0.0, 0.99)]
    public double Dropout { get; init; } = 0.1;

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

/// <summary>HREM's objective: matching losses with and without relations among the instances of the gathered batch, and
/// their regularisation. Its network is its own and only for training. For the model <c>hrem</c>.</summary>
public sealed record HremObjectiveOptions
{
    internal const string Sampled = "trip";

    /// <summary>Size E of the model's embeddings.</summary>
    [Range(1, 16384)]
    public int EmbedSize { get; init; } = 1024;

    /// <summary>Heads of the transformer layer over instances; must divide <see cref="EmbedSize"/>.</summary>
    [Range(1, 256)]
    public int Heads { get; init; } = 16;

    /// <summary>Dropout of the transformer layer over instances.</summary>
    [Range(0.0, 0.99)]
    public double Dropout { get; init; } = 0.1;

    /// <summary>The matching loss of plain embeddings: <c>trip</c>, with negatives drawn by distance, or <c>vse</c>,
    /// the two-sided hinge.</summary>
    [AllowedValues(Sampled, "vse")]
    public string BaseLoss { get; init; } = Sampled;

    /// <summary>The matching loss of embeddings with relations; as <see cref="BaseLoss"/>.</summary>
    [AllowedValues(Sampled, "vse")]
    public string GraphLoss { get; init; } = Sampled;

    /// <summary>How much closer a pair shall be than a wrong one.</summary>
    [Range(0.0, 10.0)]
    public double Margin { get; init; } = 0.2;

    /// <summary>For <c>vse</c>: only the hardest negative of each query counts.</summary>
    public bool MaxViolation { get; init; } = true;

    /// <summary>For <c>vse</c>: epochs at the start in which all negatives count.</summary>
    [Range(0, 1_000_000)]
    public int SumEpochs { get; init; } = 1;

    /// <summary>For <c>trip</c>: negatives this far away, as a distance between unit vectors, are not drawn (1.7 on
    /// Flickr30K, 1.9 on COCO).</summary>
    [Range(0.5, 2.0)]
    public double FarthestNegative { get; init; } = 1.7;

    /// <summary>Steps, counted from 0, before relations take part. It is no warm-up of the learning rate.</summary>
    [Range(0, 1_000_000_000)]
    public long Warmup { get; init; } = 8000;

    /// <summary>Weight of a relation in the attention scores (1 on Flickr30K, 1.5 on COCO).</summary>
    [Range(0.0, 100.0)]
    public double MaskWeight { get; init; } = 1;

    /// <summary>The share of instances, the closest, that an instance is connected to.</summary>
    [Range(0.0, 1.0, MinimumIsExclusive = true)]
    public double Threshold { get; init; } = 0.5;

    /// <summary>Fragment similarities that a cross-modal relation is made of, the largest.</summary>
    [Range(1, 1024)]
    public int RelationSize { get; init; } = 10;

    /// <summary>Weight of the regularisation.</summary>
    [Range(0.0, 1e4)]
    public double RegularizationWeight { get; init; } = 10;

    /// <summary>Whether the instances enter the transformer layer with length 1.</summary>
    public bool NormalizeInput { get; init; } = true;
}

using System.ComponentModel.DataAnnotations;

namespace Colony.Jobs;

/// <summary>The index over embeddings that retrieval uses.</summary>
public enum IndexKind
{
    /// <summary>Exact: every vector is compared.</summary>
    Flat,

    /// <summary>Hierarchical navigable small world graph (Malkov and Yashunin, 2018); approximate.</summary>
    Hnsw,

    /// <summary>Inverted lists around k-means centres; approximate.</summary>
    Ivf,
}

/// <summary>When recall is measured on live snapshots, and on what.</summary>
public sealed record EvaluateSection
{
    /// <summary>All images of a split against all its captions.</summary>
    public const string AllImages = "all";

    /// <summary>COCO 1K: the mean over five folds of 1,000 images.</summary>
    public const string CocoFolds = "coco_1k_folds";

    /// <summary>Steps between evaluations; 0 measures only at the end.</summary>
    [Range(0, 100_000_000)]
    public int EverySteps { get; init; } = 200;

    /// <summary>The split measured during the run; its recall sum decides which checkpoint is best, among steps that
    /// are measured and have one.</summary>
    [Required]
    public string Split { get; init; } = "dev";

    /// <summary>The split measured once at the end besides; null: none.</summary>
    [MinLength(1)]
    public string? FinalSplit { get; init; }

    /// <summary>How <see cref="Split"/> is measured: <c>all</c> images against all captions (Flickr's 1K, COCO 5K), or
    /// <c>coco_1k_folds</c>, the mean over five folds of 1,000 of COCO's 5,000 test images.</summary>
    [AllowedValues(AllImages, CocoFolds)]
    public string Protocol { get; init; } = AllImages;

    /// <summary>How <see cref="FinalSplit"/> is measured; null: as <see cref="Protocol"/> says.</summary>
    [AllowedValues(AllImages, CocoFolds)]
    public string? FinalProtocol { get; init; }

    /// <summary>The index that queries are answered from.</summary>
    public IndexKind Index { get; init; } = IndexKind.Flat;

    /// <summary>Images or captions encoded at once.</summary>
    [Range(1, 1 << 16)]
    public int Batch { get; init; } = 128;

    /// <summary>How a split is measured: the final one as <see cref="FinalProtocol"/> says, any other as
    /// <see cref="Protocol"/> says.</summary>
    /// <param name="split">The split.</param>
    public string ProtocolOf(string split) =>
        string.Equals(split, FinalSplit, StringComparison.Ordinal) ? FinalProtocol ?? Protocol : Protocol;
}

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
    /// <summary>Steps between evaluations; 0 measures only at the end.</summary>
    [Range(0, 100_000_000)]
    public int EverySteps { get; init; } = 200;

    /// <summary>The split measured during the run; its recall sum decides which checkpoint is best.</summary>
    [Required]
    public string Split { get; init; } = "dev";

    /// <summary>The split measured once at the end; null: none.</summary>
    [MinLength(1)]
    public string? FinalSplit { get; init; }

    /// <summary>The index that queries are answered from.</summary>
    public IndexKind Index { get; init; } = IndexKind.Flat;

    /// <summary>Images or captions encoded at once.</summary>
    [Range(1, 1 << 16)]
    public int Batch { get; init; } = 128;
}

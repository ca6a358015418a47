using System.ComponentModel.DataAnnotations;

namespace Colony.Model;

/// <summary>What the metric losses share: which rows meet, how far apart they are, and which pairs of them
/// count.</summary>
public sealed record PairOptions
{
    /// <summary>Captions are compared with images alone, and images with captions alone; the loss is the mean of both
    /// sides. Otherwise captions and images are one set of 2B rows, of which pairs within one modality count too, as in
    /// kaylode's TERN.</summary>
    public bool Across { get; init; }

    /// <summary>How rows are compared: <c>euclidean</c>, <c>cosine</c>, or <c>dot</c> for products.</summary>
    [AllowedValues("euclidean", "cosine", "dot")]
    public string Distance { get; init; } = "euclidean";

    /// <summary>Rows are brought to length 1 first, also for <c>euclidean</c> and <c>dot</c>.</summary>
    public bool Normalize { get; init; } = true;

    /// <summary>The power that distances are raised to.</summary>
    [Range(1.0, 8.0)]
    public double Power { get; init; } = 1;

    /// <summary>Which pairs or triplets of the global batch count: <c>none</c>, all of them; <c>batch_hard</c>, the
    /// farthest positive and the nearest negative of each row (Hermans et al. 2017); by the gap between negative and
    /// positive, <c>easy</c> above <see cref="MinerMargin"/>, <c>violating</c> at most that, <c>hard</c> at most 0,
    /// <c>semi_hard</c> between 0 and the margin (Schroff et al. 2015); <c>multi_similarity</c>, pairs that are hard
    /// beside the hardest of the other kind (Wang et al. 2019).</summary>
    [AllowedValues("none", "batch_hard", "violating", "hard", "semi_hard", "easy", "multi_similarity")]
    public string Miner { get; init; } = "none";

    /// <summary>How the miner compares rows, always of length 1; left out, the way it was published: <c>cosine</c> for
    /// <c>multi_similarity</c>, <c>euclidean</c> for the others.</summary>
    [AllowedValues("euclidean", "cosine")]
    public string? MinerDistance { get; init; }

    /// <summary>The gap that the miners of triplets tell easy ones by.</summary>
    [Range(0.0, 4.0)]
    public double MinerMargin { get; init; } = 0.2;

    /// <summary>How near to the hardest of the other kind a pair is for <c>multi_similarity</c>.</summary>
    [Range(0.0, 4.0)]
    public double MinerEpsilon { get; init; } = 0.1;

    /// <summary>What costs are averaged over: <c>nonzero</c>, those above 0; <c>all</c>.</summary>
    [AllowedValues("nonzero", "all")]
    public string Mean { get; init; } = "nonzero";

    /// <summary>Weight of the mean length of the rows in the loss, which keeps embeddings short where nothing else
    /// does.</summary>
    [Range(0.0, 1e6)]
    public double NormWeight { get; init; }
}

using System.ComponentModel.DataAnnotations;

namespace Colony.Jobs;

/// <summary>Parameters that are trained otherwise than the rest.</summary>
public sealed record ParameterGroupSection
{
    /// <summary>A pattern of parameter names, in which <c>*</c> stands for any characters and <c>?</c> for one, such as
    /// <c>txt_enc.bert.*</c>. A pattern that fits no parameter is an error.</summary>
    [Required]
    [MaxLength(1000)]
    public string Match { get; init; } = "";

    /// <summary>A factor on the learning rate.</summary>
    [Range(0.0, 1e6)]
    public double Rate { get; init; } = 1;

    /// <summary>Weight decay; null: that of <c>train</c>.</summary>
    [Range(0.0, 10.0)]
    public double? WeightDecay { get; init; }

    /// <summary>They stay as they are: no gradient is computed for them.</summary>
    public bool Frozen { get; init; }

    /// <summary>Epochs at the start in which they are frozen.</summary>
    [Range(0, 1_000_000)]
    public int FrozenEpochs { get; init; }

    /// <summary>Steps over which their learning rate rises linearly, from the first step on that moves them; it
    /// multiplies the warm-up of all.</summary>
    [Range(0, 100_000_000)]
    public int WarmupSteps { get; init; }

    /// <summary>They stand in the optimizer's list twice: they count twice in the norm that is clipped, are clipped
    /// twice and moved twice a step, as VSRN's captioner is in the published code.</summary>
    public bool Twice { get; init; }
}

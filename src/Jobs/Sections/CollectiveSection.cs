using System.ComponentModel.DataAnnotations;

namespace Colony.Jobs;

/// <summary>How gradients travel: the integer grid of the all-reduce and the size of its messages.</summary>
public sealed record CollectiveSection
{
    /// <summary>
    /// How the gradients of the logical ranks are added. <see cref="GradientSum.Float32"/> is a reference to compare
    /// loss curves with: it needs <c>workers.count: 1</c>.
    /// </summary>
    public GradientSum Sum { get; init; } = GradientSum.Integer;

    /// <summary>
    /// Bits of one gradient value on the wire: 32 (rounded to nearest), 16 or 8 (rounded stochastically). A block of
    /// values that needs more has more in that step.
    /// </summary>
    [AllowedValues(32, 16, 8)]
    public int Width { get; init; } = 32;

    /// <summary>Neighbouring gradient values that share one grid step.</summary>
    [Range(16, 1 << 18)]
    public int Block { get; init; } = 1024;

    /// <summary>Largest payload of one chunk, in bytes.</summary>
    [Range(4096, 2 << 20)]
    public int ChunkBytes { get; init; } = 1 << 20;
}

/// <summary>How gradients are added.</summary>
public enum GradientSum
{
    /// <summary>As integers on a grid: the same bits for every number of workers.</summary>
    Integer,

    /// <summary>As floats, in the order of the logical ranks, without a grid; one worker only.</summary>
    Float32,
}

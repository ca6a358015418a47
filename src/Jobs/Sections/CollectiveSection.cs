using System.ComponentModel.DataAnnotations;

namespace Colony.Jobs;

/// <summary>How gradients travel: the integer grid of the all-reduce and the size of its messages.</summary>
public sealed record CollectiveSection
{
    /// <summary>
    /// Bits of one gradient value on the wire: 32 (rounded to nearest), 16 or 8 (rounded stochastically).
    /// </summary>
    [AllowedValues(32, 16, 8)]
    public int Width { get; init; } = 32;

    /// <summary>Neighbouring gradient values that share one grid step.</summary>
    [Range(16, 1 << 20)]
    public int Block { get; init; } = 1024;

    /// <summary>Largest payload of one chunk, in bytes.</summary>
    [Range(4096, 64 << 20)]
    public int ChunkBytes { get; init; } = 1 << 20;
}

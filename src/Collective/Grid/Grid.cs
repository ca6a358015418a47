using System.Buffers.Binary;

namespace Colony.Collective;

/// <summary>
/// One exponent a block: values of block b are rounded to multiples of 2^<c>Exponents[b]</c>. The grid of a step
/// follows
/// from the reduced gradient of the step before, so every worker has it; it is part of a checkpoint. Immutable.
/// </summary>
public sealed class Grid
{
    private readonly short[] exponents;

    /// <summary>Takes over given exponents, as read from a checkpoint or a donor.</summary>
    /// <param name="layout">The layout that the exponents belong to.</param>
    /// <param name="exponents">One for each block of the layout.</param>
    /// <exception cref="ArgumentException">The count differs from the layout's blocks.</exception>
    /// <exception cref="ArgumentOutOfRangeException">An exponent is outside the range that the arithmetic covers.
    /// </exception>
    public Grid(GridLayout layout, ReadOnlySpan<short> exponents)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (exponents.Length != layout.Blocks)
        {
            throw new ArgumentException(
                $"The grid has {exponents.Length} exponents, the layout has {layout.Blocks} blocks.",
                nameof(exponents));
        }

        foreach (var exponent in exponents)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(exponent, GridArithmetic.MinExponent, nameof(exponents));
            ArgumentOutOfRangeException.ThrowIfGreaterThan(exponent, GridArithmetic.MaxExponent, nameof(exponents));
        }

        this.exponents = exponents.ToArray();
    }

    /// <summary>Base-2 logarithm of the grid step of each block.</summary>
    public ReadOnlySpan<short> Exponents => exponents;

    /// <summary>The fixed grid of a job's first step, 2^-40 for every block; all blocks are to travel wide.</summary>
    public static Grid First(GridLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        var exponents = new short[layout.Blocks];
        exponents.AsSpan().Fill(GridArithmetic.FirstExponent);
        return new Grid(layout, exponents);
    }

    /// <summary>The exponents as little-endian 16-bit integers, for checkpoints and state transfer.</summary>
    public byte[] ToBytes()
    {
        var bytes = new byte[exponents.Length * sizeof(short)];
        for (var block = 0; block < exponents.Length; block++)
        {
            BinaryPrimitives.WriteInt16LittleEndian(bytes.AsSpan(block * sizeof(short)), exponents[block]);
        }

        return bytes;
    }

    /// <summary>Reads what <see cref="ToBytes"/> wrote.</summary>
    /// <param name="layout">The layout that the grid belongs to.</param>
    /// <param name="bytes">Two bytes for each block of the layout.</param>
    /// <exception cref="ArgumentException">The length or an exponent does not fit the layout.</exception>
    public static Grid FromBytes(GridLayout layout, ReadOnlySpan<byte> bytes)
    {
        ArgumentNullException.ThrowIfNull(layout);
        if (bytes.Length != (long)layout.Blocks * sizeof(short))
        {
            throw new ArgumentException(
                $"The grid has {bytes.Length} bytes; {layout.Blocks} blocks need {sizeof(short)} bytes each.",
                nameof(bytes));
        }

        var exponents = new short[layout.Blocks];
        for (var block = 0; block < exponents.Length; block++)
        {
            exponents[block] = BinaryPrimitives.ReadInt16LittleEndian(bytes[(block * sizeof(short))..]);
        }

        return new Grid(layout, exponents);
    }
}

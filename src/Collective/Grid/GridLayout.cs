namespace Colony.Collective;

/// <summary>
/// Cuts a list of tensors into blocks of neighbouring elements. A block never spans two tensors, so the last block of a
/// tensor may be short. Immutable; the same on every worker because it follows from the model and the job alone.
/// </summary>
public sealed class GridLayout
{
    /// <summary>Elements in a block unless the job says otherwise.</summary>
    public const int DefaultBlockSize = 1024;

    /// <summary>Largest block that is accepted: beyond it one exponent describes too many unlike values.</summary>
    public const int MaxBlockSize = 1 << 18;

    /// <summary>Most blocks of a layout; bounds the memory of flags and exponents.</summary>
    public const int MaxBlocks = 1 << 26;

    private readonly long[] sizes;
    private readonly int[] firstBlocks;

    /// <summary>Cuts tensors of the given sizes.</summary>
    /// <param name="tensorSizes">Elements of each tensor, in the model's order; zero is allowed.</param>
    /// <param name="blockSize">Elements in a block, 1 to <see cref="MaxBlockSize"/>.</param>
    /// <exception cref="ArgumentOutOfRangeException">A size is negative, the block size is out of range, or there are
    /// more than <see cref="MaxBlocks"/> blocks.</exception>
    public GridLayout(IReadOnlyList<long> tensorSizes, int blockSize = DefaultBlockSize)
    {
        ArgumentNullException.ThrowIfNull(tensorSizes);
        ArgumentOutOfRangeException.ThrowIfLessThan(blockSize, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(blockSize, MaxBlockSize);
        sizes = [.. tensorSizes];
        firstBlocks = new int[sizes.Length + 1];
        BlockSize = blockSize;
        long blocks = 0;
        for (var tensor = 0; tensor < sizes.Length; tensor++)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(sizes[tensor], nameof(tensorSizes));
            blocks += (sizes[tensor] / blockSize) + (sizes[tensor] % blockSize == 0 ? 0 : 1);
            ArgumentOutOfRangeException.ThrowIfGreaterThan(blocks, MaxBlocks, nameof(tensorSizes));
            firstBlocks[tensor + 1] = (int)blocks;
            Elements += sizes[tensor];
        }
    }

    /// <summary>Elements in every block but the last of a tensor.</summary>
    public int BlockSize { get; }

    /// <summary>Tensors in the layout.</summary>
    public int Tensors => sizes.Length;

    /// <summary>Blocks of all tensors.</summary>
    public int Blocks => firstBlocks[^1];

    /// <summary>Elements of all tensors.</summary>
    public long Elements { get; }

    /// <summary>Elements of one tensor.</summary>
    public long SizeOf(int tensor) => sizes[Checked(tensor)];

    /// <summary>Index of a tensor's first block; the tensor's blocks follow each other.</summary>
    public int FirstBlockOf(int tensor) => firstBlocks[Checked(tensor)];

    /// <summary>Blocks of one tensor.</summary>
    public int BlocksOf(int tensor) => firstBlocks[Checked(tensor) + 1] - firstBlocks[tensor];

    /// <summary>The tensor that a block belongs to.</summary>
    public int TensorOf(int block)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(block);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(block, Blocks);
        // The last tensor that begins at or before the block; tensors without elements begin where the next one does.
        var low = 0;
        var high = sizes.Length - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            (low, high) = firstBlocks[middle] <= block ? (middle, high) : (low, middle - 1);
        }

        return low;
    }

    /// <summary>Elements of a block of the given tensor; <paramref name="index"/> counts within the tensor.</summary>
    public int LengthOf(int tensor, int index) =>
        (int)Math.Min(BlockSize, SizeOf(tensor) - ((long)index * BlockSize));

    private int Checked(int tensor)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(tensor);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(tensor, sizes.Length);
        return tensor;
    }
}

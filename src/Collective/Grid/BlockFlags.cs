using System.Numerics;

namespace Colony.Collective;

/// <summary>
/// One bit a block in three planes: wide, too large, not finite; and one bit a tensor: some slice gave a gradient of
/// it. Members OR them before any data moves; OR keeps the lowest offender of all members visible, which a single
/// poison flag would not.
/// </summary>
internal sealed class BlockFlags : IDisposable
{
    private const int Planes = 3;
    private readonly int planeBytes;
    private readonly UnmanagedBuffer bits;

    public BlockFlags(int blocks, int tensors)
    {
        planeBytes = (blocks + 7) / 8;
        bits = new UnmanagedBuffer((planeBytes * Planes) + ((tensors + 7) / 8));
    }

    public Memory<byte> Memory => bits.Memory;

    private Span<byte> Wide => bits.GetSpan()[..planeBytes];

    private Span<byte> TooLarge => bits.GetSpan().Slice(planeBytes, planeBytes);

    private Span<byte> NotFinite => bits.GetSpan().Slice(2 * planeBytes, planeBytes);

    private Span<byte> Given => bits.GetSpan()[(Planes * planeBytes)..];

    public void Clear() => bits.GetSpan().Clear();

    public void SetWide(int block) => Set(Wide, block);

    public bool IsWide(int block) => (Wide[block >> 3] >> (block & 7) & 1) != 0;

    public void SetGiven(int tensor) => Set(Given, tensor);

    public bool IsGiven(int tensor) => (Given[tensor >> 3] >> (tensor & 7) & 1) != 0;

    public bool IsTooLarge(int block) => (TooLarge[block >> 3] >> (block & 7) & 1) != 0;

    public void SetFaults(int block, ValueRange range)
    {
        if (range.HasFlag(ValueRange.TooLarge))
        {
            Set(TooLarge, block);
        }

        if (range.HasFlag(ValueRange.NotFinite))
        {
            Set(NotFinite, block);
        }
    }

    public int WideBlocks()
    {
        var count = 0;
        foreach (var eight in Wide)
        {
            count += BitOperations.PopCount(eight);
        }

        return count;
    }

    /// <summary>The lowest block with a fault, or -1.</summary>
    public int FirstFault()
    {
        var tooLarge = TooLarge;
        var notFinite = NotFinite;
        for (var i = 0; i < planeBytes; i++)
        {
            var both = tooLarge[i] | notFinite[i];
            if (both != 0)
            {
                return (i * 8) + BitOperations.TrailingZeroCount(both);
            }
        }

        return -1;
    }

    public void Dispose() => bits.Free();

    private static void Set(Span<byte> plane, int bit) => plane[bit >> 3] |= (byte)(1 << (bit & 7));
}

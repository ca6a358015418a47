using System.Numerics;

namespace Colony.Collective;

/// <summary>
/// The integer sums of all blocks. Each block has one width at a time: the job's own, or a wider one that its values
/// need in this step. Widths are in bytes: 1, 2, 4, 8. One owner, not thread-safe.
/// </summary>
internal sealed class BlockSums : IDisposable
{
    /// <summary>The widest sums, which a job's first step begins with.</summary>
    public const int WidestBytes = sizeof(long);

    /// <summary>Sums of the job's width are cut here, since one memory cannot exceed 2 GiB.</summary>
    private const int OwnSlabBytes = 64 << 20;

    /// <summary>Few blocks are wider after the first step, so their slabs are small; the largest block just
    /// fits.</summary>
    private const int WiderSlabElements = GridLayout.MaxBlockSize;

    private const int KeptWiderSlabs = 1;
    private const int Widths = 4;

    private readonly GridLayout layout;
    private readonly int ownBytes;
    private readonly BlockArena[] arenas = new BlockArena[Widths];
    private readonly BlockArena[] spares = new BlockArena[Widths];
    private readonly BlockPlace[] places;
    private readonly byte[] widths;

    public BlockSums(GridLayout layout, int ownBytes)
    {
        this.layout = layout;
        this.ownBytes = ownBytes;
        for (var width = 0; width < Widths; width++)
        {
            arenas[width] = new BlockArena(WiderSlabElements << width);
            spares[width] = new BlockArena(WiderSlabElements << width);
        }

        // A small model has one slab of just its size: the whole arena is cleared in every step.
        arenas[Index(ownBytes)] = new BlockArena((int)Math.Min(OwnSlabBytes, layout.Elements * ownBytes));
        places = new BlockPlace[layout.Blocks];
        widths = new byte[layout.Blocks];
    }

    /// <summary>Empty sums, of the job's width or all of the widest.</summary>
    public void Begin(bool allWide)
    {
        foreach (var spare in spares)
        {
            spare.Reset(0);
        }

        for (var width = 0; width < Widths; width++)
        {
            if (width != Index(ownBytes))
            {
                arenas[width].Reset(KeptWiderSlabs);
            }
        }

        ArenaOf(ownBytes).Rewind();
        var bytes = (byte)(allWide ? WidestBytes : ownBytes);
        widths.AsSpan().Fill(bytes);
        var block = 0;
        for (var tensor = 0; tensor < layout.Tensors; tensor++)
        {
            for (var index = 0; index < layout.BlocksOf(tensor); index++)
            {
                places[block++] = ArenaOf(bytes).Place(layout.LengthOf(tensor, index) * bytes);
            }
        }

        ArenaOf(bytes).Clear();
    }

    /// <summary>Bytes of each sum of a block.</summary>
    public int BytesOf(int block) => widths[block];

    /// <summary>A block's sums, of the width that it has.</summary>
    public Span<T> Of<T>(int block)
        where T : unmanaged =>
        ArenaOf(widths[block]).Span<T>(places[block]);

    /// <summary>Adds a logical rank's rounded values; the block must be wide enough for its sums.</summary>
    public void Add(int block, ReadOnlySpan<int> integers)
    {
        switch (widths[block])
        {
            case sizeof(sbyte):
                NarrowKernels.Add(Of<sbyte>(block), integers);
                break;
            case sizeof(short):
                NarrowKernels.Add(Of<short>(block), integers);
                break;
            case sizeof(int):
                NarrowKernels.Add(Of<int>(block), integers);
                break;
            default:
                NarrowKernels.AddScalar(Of<long>(block), integers);
                break;
        }
    }

    /// <summary>Moves a block's sums to a wider type; exact, and nothing to do for a block that has that
    /// width.</summary>
    public void Widen(int block, int bytes)
    {
        if (widths[block] < bytes)
        {
            Move(block, bytes, ArenaOf(bytes));
        }
    }

    /// <summary>
    /// Gives every block its final width, no narrower than it has, and lays each width out in block order without
    /// gaps. Members widen blocks of their own in the order in which they meet them; what they exchange must be cut
    /// alike everywhere.
    /// </summary>
    public void Settle(ReadOnlySpan<byte> finalBytes)
    {
        var own = ArenaOf(ownBytes);
        own.Rewind();
        for (var block = 0; block < places.Length; block++)
        {
            var bytes = finalBytes[block];
            if (bytes == ownBytes)
            {
                // Only ever moves down, over the gaps of those that have left, so nothing unread is overwritten.
                var place = own.Place(places[block].Bytes);
                own.Move(places[block], place);
                places[block] = place;
            }
            else
            {
                Move(block, bytes, spares[Index(bytes)]);
            }
        }

        for (var width = 0; width < Widths; width++)
        {
            if (width != Index(ownBytes))
            {
                (arenas[width], spares[width]) = (spares[width], arenas[width]);
                spares[width].Reset(0);
            }
        }
    }

    /// <summary>All sums, those of the job's width first, then the wider ones, each in block order and with
    /// neighbours joined: the stream that members exchange.</summary>
    public List<IntegerRun> Runs()
    {
        var runs = new List<IntegerRun>();
        for (var width = 0; width < Widths; width++)
        {
            BlockPlace run = default;
            for (var block = 0; block < places.Length; block++)
            {
                var place = places[block];
                if (widths[block] != 1 << width)
                {
                    continue;
                }

                if (place.Slab == run.Slab && place.Offset == run.Offset + run.Bytes)
                {
                    run = run with { Bytes = run.Bytes + place.Bytes };
                    continue;
                }

                Add(runs, run, width);
                run = place;
            }

            Add(runs, run, width);
        }

        return runs;
    }

    /// <summary>Writes a block's sums times 2^exponent, each rounded once to float.</summary>
    public void Dequantise(int block, Span<float> destination, int exponent)
    {
        var scale = GridArithmetic.Scale(exponent);
        switch (widths[block])
        {
            case sizeof(sbyte):
                NarrowKernels.Dequantise(Of<sbyte>(block), destination, scale);
                break;
            case sizeof(short):
                NarrowKernels.Dequantise(Of<short>(block), destination, scale);
                break;
            case sizeof(int):
                VectorKernels.Dequantise(Of<int>(block), destination, scale);
                break;
            default:
                ScalarKernels.DequantiseWide(Of<long>(block), destination, GridArithmetic.WideScale(exponent));
                break;
        }
    }

    /// <summary>A block's largest magnitude.</summary>
    public ulong Largest(int block) => widths[block] switch
    {
        sizeof(sbyte) => NarrowKernels.Largest<sbyte>(Of<sbyte>(block)),
        sizeof(short) => NarrowKernels.Largest<short>(Of<short>(block)),
        sizeof(int) => VectorKernels.Largest(Of<int>(block)),
        _ => ScalarKernels.LargestWide(Of<long>(block)),
    };

    public void Dispose()
    {
        foreach (var arena in arenas.Concat(spares))
        {
            arena.Dispose();
        }
    }

    private static int Index(int bytes) => BitOperations.Log2((uint)bytes);

    private BlockArena ArenaOf(int bytes) => arenas[Index(bytes)];

    private void Add(List<IntegerRun> runs, BlockPlace run, int width)
    {
        if (!run.IsNone)
        {
            runs.Add(new IntegerRun(arenas[width].Memory(run.Slab, run.Offset, run.Bytes), 1 << width));
        }
    }

    private void Move(int block, int bytes, BlockArena arena)
    {
        var from = ArenaOf(widths[block]);
        var old = places[block];
        var place = arena.Place(old.Bytes / widths[block] * bytes);
        switch (bytes)
        {
            case sizeof(short):
                Move<short>(from, old, widths[block], arena.Span<short>(place));
                break;
            case sizeof(int):
                Move<int>(from, old, widths[block], arena.Span<int>(place));
                break;
            default:
                Move<long>(from, old, widths[block], arena.Span<long>(place));
                break;
        }

        places[block] = place;
        widths[block] = (byte)bytes;
    }

    private static void Move<T>(BlockArena from, BlockPlace place, int bytes, Span<T> to)
        where T : unmanaged, IBinaryInteger<T>
    {
        switch (bytes)
        {
            case sizeof(sbyte):
                NarrowKernels.Widen(from.Span<sbyte>(place), to);
                break;
            case sizeof(short):
                NarrowKernels.Widen(from.Span<short>(place), to);
                break;
            case sizeof(int):
                NarrowKernels.Widen(from.Span<int>(place), to);
                break;
            default:
                NarrowKernels.Widen(from.Span<long>(place), to);
                break;
        }
    }
}

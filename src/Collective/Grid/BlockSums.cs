namespace Colony.Collective;

/// <summary>
/// The integer sums of all blocks: 32 bits each, and 64 bits for those that became wide in this step. A block has one
/// of the two at a time. One owner, not thread-safe.
/// </summary>
internal sealed class BlockSums : IDisposable
{
    /// <summary>Narrow sums are cut here, since one memory cannot exceed 2 GiB.</summary>
    private const int NarrowSlabBytes = 64 << 20;

    /// <summary>Few blocks are wide after the first step, so their slabs are small; the largest block just
    /// fits.</summary>
    private const int WideSlabBytes = GridLayout.MaxBlockSize * sizeof(long);

    private const int KeptWideSlabs = 1;

    private readonly BlockArena narrowArena;
    private BlockArena wideArena = new(WideSlabBytes);
    private BlockArena spareArena = new(WideSlabBytes);
    private readonly BlockPlace[] narrow;
    private readonly BlockPlace[] wide;

    public BlockSums(GridLayout layout)
    {
        // A small model has one slab of just its size: the whole arena is cleared in every step.
        narrowArena = new BlockArena((int)Math.Min(NarrowSlabBytes, layout.Elements * sizeof(int)));
        narrow = new BlockPlace[layout.Blocks];
        wide = new BlockPlace[layout.Blocks];
        var block = 0;
        for (var tensor = 0; tensor < layout.Tensors; tensor++)
        {
            for (var index = 0; index < layout.BlocksOf(tensor); index++)
            {
                narrow[block++] = narrowArena.Place(layout.LengthOf(tensor, index) * sizeof(int));
            }
        }
    }

    public void Begin(bool allWide)
    {
        narrowArena.Clear();
        wideArena.Reset(KeptWideSlabs);
        spareArena.Reset(0);
        Array.Clear(wide);
        for (var block = 0; allWide && block < wide.Length; block++)
        {
            Widen(block);
        }
    }

    public bool IsWide(int block) => !wide[block].IsNone;

    public Span<int> Narrow(int block) => narrowArena.Span<int>(narrow[block]);

    public Span<long> Wide(int block) => wideArena.Span<long>(wide[block]);

    /// <summary>Moves a block's sums to 64 bits; exact, and nothing to do for a wide block.</summary>
    public void Widen(int block)
    {
        if (!IsWide(block))
        {
            wide[block] = Widened(block, wideArena);
        }
    }

    /// <summary>
    /// Makes exactly the flagged blocks wide and lays them out in block order. Members widen blocks of their own in the
    /// order in which they meet them; what they exchange must be cut alike everywhere.
    /// </summary>
    public void Settle(BlockFlags flags)
    {
        for (var block = 0; block < wide.Length; block++)
        {
            if (!flags.IsWide(block))
            {
                continue;
            }

            if (IsWide(block))
            {
                var place = spareArena.Place(wide[block].Bytes);
                Wide(block).CopyTo(spareArena.Span<long>(place));
                wide[block] = place;
            }
            else
            {
                wide[block] = Widened(block, spareArena);
            }
        }

        (wideArena, spareArena) = (spareArena, wideArena);
        spareArena.Reset(0);
    }

    /// <summary>All sums in block order, with neighbours of one width joined: the stream that members
    /// exchange.</summary>
    public List<IntegerRun> Runs()
    {
        var runs = new List<IntegerRun>();
        var block = 0;
        while (block < narrow.Length)
        {
            var isWide = IsWide(block);
            var places = isWide ? wide : narrow;
            var first = places[block];
            var bytes = first.Bytes;
            block++;
            while (block < narrow.Length && IsWide(block) == isWide
                && places[block].Slab == first.Slab && places[block].Offset == first.Offset + bytes)
            {
                bytes += places[block].Bytes;
                block++;
            }

            var arena = isWide ? wideArena : narrowArena;
            runs.Add(new IntegerRun(arena.Memory(first.Slab, first.Offset, bytes), isWide));
        }

        return runs;
    }

    public void Dispose()
    {
        narrowArena.Dispose();
        wideArena.Dispose();
        spareArena.Dispose();
    }

    private BlockPlace Widened(int block, BlockArena arena)
    {
        var sums = Narrow(block);
        var place = arena.Place(sums.Length * sizeof(long));
        var target = arena.Span<long>(place);
        for (var i = 0; i < sums.Length; i++)
        {
            target[i] = sums[i];
        }

        return place;
    }
}

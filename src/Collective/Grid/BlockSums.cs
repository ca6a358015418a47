namespace Colony.Collective;

/// <summary>
/// The integer sums of all blocks: 32 bits each, and 64 bits for those that became wide in this step. A block has one
/// of the two at a time. One owner, not thread-safe.
/// </summary>
internal sealed class BlockSums : IDisposable
{
    /// <summary>Narrow sums are cut here, since one memory cannot exceed 2 GiB.</summary>
    private const int NarrowSlabBytes = 64 << 20;

    /// <summary>Few blocks are wide after the first step, so their slabs are small.</summary>
    private const int WideSlabBytes = 2 << 20;

    private const int KeptWideSlabs = 1;

    private readonly BlockArena narrowArena = new(NarrowSlabBytes);
    private readonly BlockArena wideArena = new(WideSlabBytes);
    private readonly BlockPlace[] narrow;
    private readonly BlockPlace[] wide;

    public BlockSums(GridLayout layout)
    {
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
        if (IsWide(block))
        {
            return;
        }

        var sums = Narrow(block);
        wide[block] = wideArena.Place(sums.Length * sizeof(long));
        var target = Wide(block);
        for (var i = 0; i < sums.Length; i++)
        {
            target[i] = sums[i];
        }
    }

    /// <summary>All sums in block order, with neighbours of one width joined: the stream that members exchange.</summary>
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
    }
}

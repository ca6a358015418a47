using System.Runtime.InteropServices;

namespace Colony.Collective;

/// <summary>
/// Sums of blocks in a few large unmanaged slabs. Blocks that are placed one after the other lie side by side, so that
/// a run of them can be sent as one piece of memory. All slabs have one size, no smaller than the largest block, so
/// equal orders of placing give equal neighbourhoods everywhere. One owner, not thread-safe.
/// </summary>
internal sealed class BlockArena(int slabBytes) : IDisposable
{
    private readonly List<UnmanagedBuffer> slabs = [];
    private int slab = -1;
    private int used;

    /// <summary>Finds a place for a block; its content is undefined.</summary>
    public BlockPlace Place(int bytes)
    {
        if (slab < 0 || used + bytes > slabs[slab].Length)
        {
            slab++;
            used = 0;
            if (slab == slabs.Count)
            {
                slabs.Add(new UnmanagedBuffer(slabBytes));
            }
        }

        var place = new BlockPlace(slab, used, bytes);
        used += bytes;
        return place;
    }

    public Span<T> Span<T>(BlockPlace place)
        where T : unmanaged =>
        MemoryMarshal.Cast<byte, T>(slabs[place.Slab].GetSpan().Slice(place.Offset, place.Bytes));

    public Memory<byte> Memory(int slabIndex, int offset, int bytes) => slabs[slabIndex].Memory.Slice(offset, bytes);

    /// <summary>Copies a block to where it was placed anew; both may overlap.</summary>
    public void Move(BlockPlace from, BlockPlace to)
    {
        if (from != to)
        {
            Span<byte>(from).CopyTo(Span<byte>(to));
        }
    }

    public void Clear()
    {
        foreach (var buffer in slabs)
        {
            buffer.GetSpan().Clear();
        }
    }

    /// <summary>Forgets all blocks and frees all slabs but the given number.</summary>
    public void Reset(int keptSlabs)
    {
        for (var last = slabs.Count - 1; last >= keptSlabs; last--)
        {
            slabs[last].Free();
            slabs.RemoveAt(last);
        }

        Rewind();
    }

    /// <summary>Places from the beginning again; contents and slabs stay.</summary>
    public void Rewind()
    {
        slab = -1;
        used = 0;
    }

    public void Dispose() => Reset(0);
}

/// <summary>Where a block's sums lie in a <see cref="BlockArena"/>.</summary>
internal readonly record struct BlockPlace(int Slab, int Offset, int Bytes)
{
    public bool IsNone => Bytes == 0;
}

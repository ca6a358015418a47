using System.Buffers;
using System.Runtime.InteropServices;

namespace Colony.Collective;

/// <summary>
/// A block of memory outside the managed heap, seen as <see cref="Memory{T}"/>. Gradients and chunks live here, so the
/// garbage collector neither scans nor moves them and a socket can read them in place.
/// </summary>
/// <remarks>There is no finalizer: the owner frees it, and <see cref="UnmanagedMemory"/> counts those who
/// forget.</remarks>
internal sealed unsafe class UnmanagedBuffer : MemoryManager<byte>
{
    private const nuint Alignment = 64;
    private nint address;

    public UnmanagedBuffer(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        address = (nint)NativeMemory.AlignedAlloc((nuint)Math.Max(length, 1), Alignment);
        Length = length;
        UnmanagedMemory.Allocated(length);
    }

    public int Length { get; }

    /// <summary>First byte; fails after the buffer was freed.</summary>
    public byte* Pointer
    {
        get
        {
            var current = address;
            ObjectDisposedException.ThrowIf(current == 0, this);
            return (byte*)current;
        }
    }

    public override Span<byte> GetSpan() => new(Pointer, Length);

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(elementIndex);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(elementIndex, Length);
        return new MemoryHandle(Pointer + elementIndex, default, this);
    }

    public override void Unpin()
    {
    }

    public void Free() => ((IDisposable)this).Dispose();

    protected override void Dispose(bool disposing)
    {
        var freed = Interlocked.Exchange(ref address, 0);
        if (freed != 0)
        {
            NativeMemory.AlignedFree((void*)freed);
            UnmanagedMemory.Freed(Length);
        }
    }
}

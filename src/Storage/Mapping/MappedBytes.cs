using System.Buffers;
using Microsoft.Win32.SafeHandles;

namespace Colony.Storage;

/// <summary>
/// A piece of a mapped file as memory. After the mapping is closed it throws instead of reading elsewhere.
/// </summary>
internal sealed unsafe class MappedBytes(SafeMemoryMappedViewHandle view, long offset, int length) : MemoryManager<byte>
{
    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(view.IsClosed, typeof(MappedFile));

        // The view is mapped from the file's start, so the handle is the address of byte 0.
        return new Span<byte>((byte*)view.DangerousGetHandle() + offset, length);
    }

    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)length);
        var added = false;
        view.DangerousAddRef(ref added);
        return new MemoryHandle((byte*)view.DangerousGetHandle() + offset + elementIndex, default, new Release(view));
    }

    public override void Unpin()
    {
        // The handle's own count is given back by Release.
    }

    protected override void Dispose(bool disposing)
    {
        // The reader owns the mapping.
    }

    private sealed class Release(SafeMemoryMappedViewHandle view) : IPinnable
    {
        public MemoryHandle Pin(int elementIndex) => throw new NotSupportedException();

        public void Unpin() => view.DangerousRelease();
    }
}

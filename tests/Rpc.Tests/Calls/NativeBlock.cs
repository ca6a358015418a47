using System.Buffers;
using System.Runtime.InteropServices;

namespace Colony.Rpc.Tests;

/// <summary>Memory outside the managed heap, as libtorch's is.</summary>
internal sealed unsafe class NativeBlock(int length) : MemoryManager<byte>, IDisposable
{
    private byte* _start = (byte*)NativeMemory.AllocZeroed((nuint)length);

    public override Span<byte> GetSpan() => new(_start, length);

    public override MemoryHandle Pin(int elementIndex = 0) => new(_start + elementIndex);

    public override void Unpin()
    {
    }

    void IDisposable.Dispose() => Dispose(true);

    protected override void Dispose(bool disposing)
    {
        NativeMemory.Free(_start);
        _start = null;
    }
}

using System.Buffers;

namespace Colony.Torch;

/// <summary>libtorch's memory as .NET memory, so that a socket or a file can be given it without a copy.</summary>
internal sealed unsafe class TensorMemory : MemoryManager<byte>
{
    private readonly TensorHandle _handle;
    private readonly byte* _address;
    private readonly int _length;
    private int _released;

    internal TensorMemory(Tensor tensor)
    {
        var length = tensor.numel() * tensor.element_size();
        if (length > int.MaxValue)
        {
            throw new InvalidOperationException(
                $"{tensor} has {length} bytes, and one memory holds at most {int.MaxValue}; narrow it first");
        }

        _address = (byte*)tensor.HostAddress();
        _length = (int)length;
        _handle = tensor.Handle;
        var held = false;
        _handle.DangerousAddRef(ref held);
    }

    /// <summary>
    /// The count taken above keeps the native tensor from being freed, so whoever drops the memory without disposing it
    /// must give it back here.
    /// </summary>
    ~TensorMemory() => Dispose(disposing: false);

    public override Span<byte> GetSpan()
    {
        ObjectDisposedException.ThrowIf(Volatile.Read(ref _released) != 0, this);
        return new Span<byte>(_address, _length);
    }

    /// <summary>
    /// Memory from libtorch never moves; the handle in the pin keeps this object, and so the tensor, alive.
    /// </summary>
    public override MemoryHandle Pin(int elementIndex = 0)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)elementIndex, (uint)_length);
        return new MemoryHandle(_address + elementIndex, pinnable: this);
    }

    public override void Unpin()
    {
    }

    protected override void Dispose(bool disposing)
    {
        if (Interlocked.Exchange(ref _released, 1) == 0)
        {
            _handle?.DangerousRelease();
        }
    }
}

using System.Buffers;

namespace Colony.Torch;

public partial class Tensor
{
    /// <summary>The address of the first element, on the tensor's device.</summary>
    public nint data_ptr()
    {
        Native.Check(Native.colony_data_ptr(Handle, out var data));
        return data;
    }

    /// <summary>
    /// The elements where they lie, without a copy, for contiguous tensors in host memory. The span is valid only while
    /// the tensor lives; <see cref="bytes"/> keeps it alive.
    /// </summary>
    /// <typeparam name="T">
    /// The C# type of the elements; 16-bit floats may also be read as <see cref="ushort"/>.
    /// </typeparam>
    /// <exception cref="InvalidOperationException">
    /// The tensor is elsewhere, has gaps, or holds another type.
    /// </exception>
    public unsafe Span<T> data<T>()
        where T : unmanaged
    {
        var type = dtype;
        if (!type.MayBeReadAs<T>())
        {
            throw new InvalidOperationException($"{this} cannot be read as {typeof(T).Name}: it holds {type} elements");
        }

        return new Span<T>((void*)HostAddress(), checked((int)numel()));
    }

    /// <summary>A copy of the elements, whatever their device and order in memory.</summary>
    public T[] ToArray<T>()
        where T : unmanaged
    {
        using var detached = detach();
        using var host = detached.cpu();
        using var ordered = host.contiguous();
        return ordered.data<T>().ToArray();
    }

    /// <summary>
    /// The bytes of a contiguous tensor in host memory, without a copy. The memory keeps the native tensor alive until
    /// it is itself unreachable or disposed, whatever happens to this wrapper; libtorch's memory never moves.
    /// </summary>
    /// <exception cref="InvalidOperationException">
    /// The tensor is elsewhere, has gaps, or is 2 GiB or larger.
    /// </exception>
    public Memory<byte> bytes() => byteOwner().Memory;

    /// <summary>As <see cref="bytes"/>, with an owner that lets the native tensor go when it is disposed.</summary>
    public IMemoryOwner<byte> byteOwner() => new TensorMemory(this);

    /// <summary>The address, for tensors whose memory C# can read in order.</summary>
    internal nint HostAddress()
    {
        if (device.Type != DeviceType.CPU || !is_contiguous())
        {
            throw new InvalidOperationException(
                $"the memory of {this} with strides [{string.Join(", ", stride())}] cannot be read in place; "
                + "call cpu() and contiguous() first");
        }

        return data_ptr();
    }
}

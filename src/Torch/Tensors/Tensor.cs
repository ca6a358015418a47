using System.Globalization;

namespace Colony.Torch;

/// <summary>
/// A libtorch tensor. Names and meanings are TorchSharp's and PyTorch's: a method with a trailing underscore changes
/// the tensor, others return a new one, which belongs to the <see cref="DisposeScope"/> open on the thread, if any.
/// </summary>
/// <remarks>
/// A tensor may be read by several threads at once and changed by one. An operation that libtorch refuses (shapes,
/// types) throws <see cref="TorchException"/> with libtorch's message.
/// </remarks>
public partial class Tensor : IDisposable
{
    internal Tensor(TensorHandle handle)
    {
        Handle = handle;
        DisposeScope.Current?.Add(this);
    }

    /// <summary>Takes over the native tensor of another wrapper, for a life outside scopes.</summary>
    private protected Tensor(Tensor source)
    {
        source.DetachFromDisposeScope();
        Handle = source.Handle;
    }

    internal TensorHandle Handle { get; }

    /// <summary>
    /// The scope that will dispose the tensor, and the tensor's place in its list; both the scope's to set.
    /// </summary>
    internal DisposeScope? Scope { get; set; }

    internal int ScopeSlot { get; set; }

    /// <summary>Whether <see cref="Dispose()"/> was called.</summary>
    public bool IsDisposed => Handle.IsClosed;

    /// <summary>The sizes along the dimensions; empty for a single number.</summary>
    public long[] shape
    {
        get
        {
            var sizes = new long[dim()];
            Native.Check(Native.colony_sizes(Handle, sizes, sizes.Length));
            return sizes;
        }
    }

    /// <summary>Elements between neighbours along each dimension.</summary>
    public long[] stride()
    {
        var strides = new long[dim()];
        Native.Check(Native.colony_strides(Handle, strides, strides.Length));
        return strides;
    }

    /// <summary>The type of the elements.</summary>
    public ScalarType dtype
    {
        get
        {
            Native.Check(Native.colony_scalar_type(Handle, out var type));
            return (ScalarType)type;
        }
    }

    /// <summary>Where the elements lie.</summary>
    public Device device
    {
        get
        {
            Native.Check(Native.colony_device(Handle, out var type, out var index));
            return new Device((DeviceType)type, Math.Max(index, 0));
        }
    }

    /// <summary>The number of dimensions.</summary>
    public int dim()
    {
        Native.Check(Native.colony_dim(Handle, out var dim));
        return dim;
    }

    /// <summary>The size along one dimension, counted from the end when negative.</summary>
    public long size(long dim)
    {
        Native.Check(Native.colony_size(Handle, dim, out var size));
        return size;
    }

    /// <summary>The number of elements.</summary>
    public long numel()
    {
        Native.Check(Native.colony_numel(Handle, out var count));
        return count;
    }

    /// <summary>Whether the elements lie in order without gaps.</summary>
    public bool is_contiguous()
    {
        Native.Check(Native.colony_is_contiguous(Handle, out var contiguous));
        return contiguous;
    }

    /// <summary>Bytes of one element.</summary>
    public int element_size() => dtype.ElementSize();

    /// <summary>The only element. A device is waited for.</summary>
    public Scalar item()
    {
        Native.Check(Native.colony_item(Handle, out var value));
        return value;
    }

    /// <summary>The only element as a double.</summary>
    public double ToDouble() => item().ToDouble();

    /// <summary>The only element as a float.</summary>
    public float ToSingle() => (float)item().ToDouble();

    /// <summary>The only element as an integer.</summary>
    public long ToInt64() => item().ToInt64();

    /// <summary>The only element as a truth value.</summary>
    public bool ToBoolean() => item().ToDouble() != 0;

    /// <summary>On another device; the tensor itself, under a new wrapper, when it is there already.</summary>
    public Tensor to(Device device) =>
        Native.Give(Native.colony_to_device(Handle, (int)device.Type, device.Index, out var result), result);

    /// <summary>With another element type; the tensor itself, under a new wrapper, when it has it already.</summary>
    public Tensor to(ScalarType type) => Native.Give(Native.colony_to_type(Handle, (int)type, out var result), result);

    /// <summary>With another element type.</summary>
    public Tensor to_type(ScalarType type) => to(type);

    /// <summary>In host memory.</summary>
    public Tensor cpu() => to(default(Device));

    /// <summary>On a CUDA device.</summary>
    public Tensor cuda(int index = 0) => to(new Device(DeviceType.CUDA, index));

    /// <summary>As 32-bit floats.</summary>
    public Tensor @float() => to(ScalarType.Float32);

    /// <summary>As 64-bit floats.</summary>
    public Tensor @double() => to(ScalarType.Float64);

    /// <summary>As 64-bit integers.</summary>
    public Tensor @long() => to(ScalarType.Int64);

    /// <summary>As truth values.</summary>
    public Tensor @bool() => to(ScalarType.Bool);

    /// <summary>A copy with memory of its own; gradients flow through.</summary>
    public Tensor clone() => Native.Give(Native.colony_clone(Handle, out var result), result);

    /// <summary>
    /// With the elements in order without gaps; the tensor itself, under a new wrapper, when they are.
    /// </summary>
    public Tensor contiguous() => Native.Give(Native.colony_contiguous(Handle, out var result), result);

    /// <summary>Removes the tensor from its scope: from now on only <see cref="Dispose()"/> ends it.</summary>
    public Tensor DetachFromDisposeScope()
    {
        Scope?.Detach(this);
        return this;
    }

    /// <summary>Moves the tensor to the scope around its own.</summary>
    public Tensor MoveToOuterDisposeScope()
    {
        Scope?.MoveToOuter(this);
        return this;
    }

    /// <summary>Frees the tensor at once; views of it keep its memory.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <summary>Says type, shape and place, not values.</summary>
    public override string ToString() => IsDisposed
        ? "Tensor (disposed)"
        : string.Create(CultureInfo.InvariantCulture, $"Tensor [{string.Join(", ", shape)}] {dtype} {device}");

    /// <summary>Leaves the scope and frees the tensor.</summary>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            DetachFromDisposeScope();
            Handle.Dispose();
        }
    }
}

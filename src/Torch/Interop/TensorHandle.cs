using System.Runtime.InteropServices;

namespace Colony.Torch;

/// <summary>Owns one native tensor. Being a safe handle, it outlives every call that was given it.</summary>
internal sealed class TensorHandle : SafeHandle
{
    /// <summary>Stands for an optional tensor that is absent; it arrives as a null pointer.</summary>
    internal static readonly TensorHandle None = new();

    /// <summary>Made by the marshaller, which then sets the pointer.</summary>
    public TensorHandle()
        : base(0, ownsHandle: true)
    {
    }

    internal TensorHandle(nint pointer)
        : this() => SetHandle(pointer);

    /// <inheritdoc/>
    public override bool IsInvalid => handle == 0;

    /// <inheritdoc/>
    protected override bool ReleaseHandle() => Native.colony_tensor_free(handle) == 0;
}

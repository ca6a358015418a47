namespace Colony.Torch;

/// <summary>Pointers of several tensors for one native call; the handles are held until the list is disposed.</summary>
internal readonly ref struct HandleList : IDisposable
{
    private readonly ReadOnlySpan<Tensor?> _tensors;
    private readonly nint[] _pointers;

    /// <summary>Holds the tensors; a null entry becomes a null pointer.</summary>
    internal HandleList(ReadOnlySpan<Tensor?> tensors)
    {
        _pointers = new nint[tensors.Length];
        for (var i = 0; i < tensors.Length; i++)
        {
            if (tensors[i] is not { } tensor)
            {
                continue;
            }

            var held = false;
            try
            {
                tensor.Handle.DangerousAddRef(ref held);
            }
            catch
            {
                Release(tensors[..i]);
                throw;
            }

            _pointers[i] = tensor.Handle.DangerousGetHandle();
        }

        _tensors = tensors;
    }

    internal Span<nint> Pointers => _pointers;

    public void Dispose() => Release(_tensors);

    private static void Release(ReadOnlySpan<Tensor?> tensors)
    {
        foreach (var tensor in tensors)
        {
            tensor?.Handle.DangerousRelease();
        }
    }
}

namespace Colony.Torch;

/// <summary>
/// Disposes the tensors that were made on its thread while it was the innermost scope. A scope belongs to the thread
/// that opened it: open and close it there, and not across an await.
/// </summary>
public sealed class DisposeScope : IDisposable
{
    [ThreadStatic]
    private static DisposeScope? s_current;

    private readonly Lock _lock = new();
    private readonly List<Tensor> _tensors = [];
    private readonly int _threadId = Environment.CurrentManagedThreadId;
    private bool _closed;

    internal DisposeScope()
    {
        OuterScope = s_current;
        s_current = this;
    }

    /// <summary>The scope around this one, on the same thread.</summary>
    public DisposeScope? OuterScope { get; }

    /// <summary>Tensors that will be disposed at the end.</summary>
    public int Count
    {
        get
        {
            lock (_lock)
            {
                return _tensors.Count;
            }
        }
    }

    /// <summary>The innermost scope of the thread.</summary>
    internal static DisposeScope? Current => s_current;

    /// <summary>Lets the tensor live on in the scope around this one, or without a scope where there is none.</summary>
    /// <exception cref="InvalidOperationException">The tensor belongs to another scope.</exception>
    public T MoveToOuter<T>(T tensor)
        where T : Tensor
    {
        Detach(tensor);
        OuterScope?.Add(tensor);
        return tensor;
    }

    /// <summary>Lets the tensor live on until it is disposed by hand.</summary>
    /// <exception cref="InvalidOperationException">The tensor belongs to another scope.</exception>
    public T Detach<T>(T tensor)
        where T : Tensor
    {
        if (tensor.Scope is { } scope)
        {
            if (scope != this)
            {
                throw new InvalidOperationException($"{tensor} belongs to another dispose scope than this one");
            }

            Remove(tensor);
        }

        return tensor;
    }

    /// <summary>Takes the tensor in, out of its scope where it has one.</summary>
    public T Attach<T>(T tensor)
        where T : Tensor
    {
        tensor.DetachFromDisposeScope();
        Add(tensor);
        return tensor;
    }

    /// <summary>Disposes the tensors of this scope, and closes scopes inside it that were left open.</summary>
    /// <exception cref="InvalidOperationException">The scope was opened on another thread.</exception>
    public void Dispose()
    {
        if (_closed)
        {
            return;
        }

        if (Environment.CurrentManagedThreadId != _threadId)
        {
            throw new InvalidOperationException(
                $"a dispose scope of thread {_threadId} cannot be closed on thread "
                + $"{Environment.CurrentManagedThreadId}");
        }

        while (s_current is { } inner && inner != this)
        {
            inner.Close();
        }

        Close();
    }

    internal void Add(Tensor tensor)
    {
        lock (_lock)
        {
            tensor.Scope = this;
            tensor.ScopeSlot = _tensors.Count;
            _tensors.Add(tensor);
        }
    }

    /// <summary>The last tensor takes the free slot: leaving costs the same however many tensors there are.</summary>
    private void Remove(Tensor tensor)
    {
        lock (_lock)
        {
            if (tensor.Scope != this)
            {
                return;
            }

            var last = _tensors[^1];
            _tensors[tensor.ScopeSlot] = last;
            last.ScopeSlot = tensor.ScopeSlot;
            _tensors.RemoveAt(_tensors.Count - 1);
            tensor.Scope = null;
        }
    }

    private void Close()
    {
        Tensor[] tensors;
        lock (_lock)
        {
            tensors = [.. _tensors];
            _tensors.Clear();
            foreach (var tensor in tensors)
            {
                tensor.Scope = null;
            }
        }

        foreach (var tensor in tensors)
        {
            tensor.Dispose();
        }

        _closed = true;
        s_current = OuterScope;
    }
}

namespace Colony.Storage;

/// <summary>
/// An object in a cache, kept from eviction until it is disposed: the open file holds a shared advisory lock, which
/// other processes on the folder see.
/// </summary>
public sealed class CachedObject : IDisposable
{
    private readonly FileStream _held;

    internal CachedObject(FileStream held) => _held = held;

    /// <summary>The file, whole and as its digest says. Only to be read.</summary>
    public string Path => _held.Name;

    internal FileStream File => _held;

    /// <inheritdoc/>
    public void Dispose() => _held.Dispose();
}

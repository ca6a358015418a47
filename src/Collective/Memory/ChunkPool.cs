namespace Colony.Collective;

/// <summary>
/// Lends unmanaged buffers of one size and keeps a few for the next borrower, so that a step of many chunks allocates
/// nothing. Thread-safe. Disposing frees what is kept; what is still lent is freed when it comes back.
/// </summary>
internal sealed class ChunkPool(int bufferBytes, int maxRetained) : IDisposable
{
    /// <summary>Buffers of the largest ordinary chunk that stay for reuse.</summary>
    public const int DefaultRetained = 16;

    private readonly Lock gate = new();
    private readonly Stack<UnmanagedBuffer> free = new();
    private bool disposed;

    public UnmanagedBuffer Rent(int length)
    {
        if (length <= bufferBytes)
        {
            lock (gate)
            {
                if (free.TryPop(out var kept))
                {
                    return kept;
                }
            }
        }

        return new UnmanagedBuffer(Math.Max(length, bufferBytes));
    }

    public void Return(UnmanagedBuffer buffer)
    {
        lock (gate)
        {
            // A buffer made for an oversized chunk is not worth keeping.
            if (!disposed && buffer.Length == bufferBytes && free.Count < maxRetained)
            {
                free.Push(buffer);
                return;
            }
        }

        buffer.Free();
    }

    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            while (free.TryPop(out var kept))
            {
                kept.Free();
            }
        }
    }
}

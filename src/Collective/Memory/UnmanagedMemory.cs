namespace Colony.Collective;

/// <summary>Counts this process's unmanaged buffers, for metrics and for tests that nothing leaks.
/// Thread-safe.</summary>
public static class UnmanagedMemory
{
    private static long buffers;
    private static long bytes;

    /// <summary>Buffers that are allocated and not freed, pooled ones included.</summary>
    public static long LiveBuffers => Interlocked.Read(ref buffers);

    /// <summary>Bytes in those buffers.</summary>
    public static long LiveBytes => Interlocked.Read(ref bytes);

    internal static void Allocated(int length)
    {
        Interlocked.Increment(ref buffers);
        Interlocked.Add(ref bytes, length);
    }

    internal static void Freed(int length)
    {
        Interlocked.Decrement(ref buffers);
        Interlocked.Add(ref bytes, -length);
    }
}

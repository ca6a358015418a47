namespace Colony.Collective;

/// <summary>A chunk in a borrowed unmanaged buffer. Whoever holds it disposes it, which gives the buffer
/// back.</summary>
public sealed class ReceivedChunk : IDisposable
{
    private readonly ChunkPool pool;
    private UnmanagedBuffer? buffer;

    private ReceivedChunk(ChunkHeader header, ChunkPool pool, UnmanagedBuffer buffer, int length)
    {
        Header = header;
        this.pool = pool;
        this.buffer = buffer;
        Length = length;
    }

    /// <summary>Which chunk it is.</summary>
    public ChunkHeader Header { get; }

    /// <summary>Bytes of the payload.</summary>
    public int Length { get; }

    /// <summary>The payload; valid until the chunk is disposed.</summary>
    /// <exception cref="ObjectDisposedException">The chunk was disposed.</exception>
    public ReadOnlySpan<byte> Payload
    {
        get
        {
            ObjectDisposedException.ThrowIf(buffer is null, this);
            return buffer.GetSpan()[..Length];
        }
    }

    /// <summary>Gives the buffer back.</summary>
    public void Dispose()
    {
        var returned = Interlocked.Exchange(ref buffer, null);
        if (returned is not null)
        {
            pool.Return(returned);
        }
    }

    /// <summary>Makes a chunk of the given size for the caller to fill.</summary>
    internal static ReceivedChunk Create(ChunkHeader header, ChunkPool pool, int length, out Span<byte> payload)
    {
        var chunk = new ReceivedChunk(header, pool, pool.Rent(length), length);
        payload = chunk.buffer!.GetSpan()[..length];
        return chunk;
    }
}

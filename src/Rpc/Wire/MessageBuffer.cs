using System.Buffers;

namespace Colony.Rpc;

/// <summary>
/// The head of one outgoing message with room for its frame prefix in front, in a rented array. Payloads do not come
/// here unless they are so small that sending them apart costs more than copying them.
/// </summary>
internal sealed class MessageBuffer : IBufferWriter<byte>, IDisposable
{
    /// <summary>Payloads up to this many bytes join the head, to travel in one HTTP/2 frame with it.</summary>
    public const int JoinLimit = 4096;
    private const int FirstCapacity = 1024;

    private byte[] _array = ArrayPool<byte>.Shared.Rent(FirstCapacity);
    private int _written = Frames.PrefixLength;

    /// <summary>
    /// Encodes a message. Afterwards <see cref="Framed"/> holds prefix and head; the result is the payload to send
    /// after it.
    /// </summary>
    /// <exception cref="RpcException">The message is longer than a frame can say, or cannot be encoded.</exception>
    public ReadOnlySequence<byte> Encode<T>(Marshaller<T> marshaller, T message)
    {
        _written = Frames.PrefixLength;
        var payload = marshaller.Write(message, this);
        var length = _written - Frames.PrefixLength + payload.Length;
        if (length > int.MaxValue)
        {
            throw new RpcException(
                StatusCode.ResourceExhausted, $"A message of {length} bytes is too long to be sent.");
        }

        Frames.WritePrefix(_array, (int)length);
        if (payload.Length > JoinLimit)
        {
            return payload;
        }

        payload.CopyTo(GetSpan((int)payload.Length));
        _written += (int)payload.Length;
        return ReadOnlySequence<byte>.Empty;
    }

    /// <summary>Prefix and head.</summary>
    public ReadOnlyMemory<byte> Framed => _array.AsMemory(0, _written);

    public void Advance(int count)
    {
        if ((uint)count > (uint)(_array.Length - _written))
        {
            throw new ArgumentOutOfRangeException(nameof(count), count, "Advanced beyond the buffer.");
        }

        _written += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _array.AsMemory(_written);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(Math.Max(sizeHint, 1));
        return _array.AsSpan(_written);
    }

    /// <summary>Gives the array back. Only after every write from it has ended well.</summary>
    public void Dispose()
    {
        var array = _array;
        _array = [];
        if (array.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(array);
        }
    }

    private void Reserve(int count)
    {
        if (_array.Length - _written >= count)
        {
            return;
        }

        var size = Math.Max(checked(_written + count), (int)Math.Min(_array.Length * 2L, Array.MaxLength));
        var larger = ArrayPool<byte>.Shared.Rent(size);
        _array.AsSpan(0, _written).CopyTo(larger);
        ArrayPool<byte>.Shared.Return(_array);
        _array = larger;
    }
}

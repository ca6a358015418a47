using System.Buffers;

namespace Colony.Rpc;

/// <summary>
/// Writes the head of a message and hands back what is to follow it. The payload is sent straight from the memory it is
/// in (which may be unmanaged) and must stay valid until the write of the message has ended.
/// </summary>
/// <returns>The payload, or <see cref="ReadOnlySequence{T}.Empty"/> when the head is the whole message.</returns>
public delegate ReadOnlySequence<byte> MessageWriter<in T>(T message, IBufferWriter<byte> head);

/// <summary>
/// Reads a message out of the buffers of the connection. The result may keep slices of <paramref name="message"/>: they
/// are valid until the next message of the stream is asked for, and for the one request of a call until its handler
/// returns. A client's single response (unary, client streaming) must keep none.
/// </summary>
public delegate T MessageReader<out T>(in ReadOnlySequence<byte> message);

/// <summary>How messages of one type become bytes and back. Safe for concurrent use if its two functions are.</summary>
/// <param name="write">Encodes.</param>
/// <param name="read">Decodes; whatever it throws ends the call with <see cref="StatusCode.Internal"/>.</param>
public sealed class Marshaller<T>(MessageWriter<T> write, MessageReader<T> read)
{
    internal ReadOnlySequence<byte> Write(T message, IBufferWriter<byte> head) => write(message, head);

    /// <exception cref="RpcException">The bytes are no such message.</exception>
    internal T Read(in ReadOnlySequence<byte> message)
    {
        try
        {
            return read(message);
        }
        catch (RpcException)
        {
            throw;
        }
        catch (Exception cause)
        {
            throw new RpcException(StatusCode.Internal,
                $"The {message.Length} bytes that arrived are no {typeof(T).Name}: {cause.Message}", inner: cause);
        }
    }
}

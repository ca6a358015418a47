using System.Buffers;

namespace Colony.Rpc;

/// <summary>
/// A message of which one <c>bytes</c> field is kept apart, because it is large and lies in other memory.
/// </summary>
/// <param name="Header">The message without that field.</param>
/// <param name="Payload">The bytes of the field. Received: a slice of the connection's buffers, valid until the next
/// message is asked for; copy it to where it belongs. Sent: must stay valid until the write has ended.</param>
public readonly record struct PayloadMessage<THeader>(THeader Header, ReadOnlySequence<byte> Payload)
{
    /// <summary>A message to send whose payload lies in one piece of memory.</summary>
    public PayloadMessage(THeader header, ReadOnlyMemory<byte> payload)
        : this(header, new ReadOnlySequence<byte>(payload))
    {
    }
}

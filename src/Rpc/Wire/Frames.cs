using System.Buffers;
using System.Buffers.Binary;

namespace Colony.Rpc;

/// <summary>
/// The frame around every message: one byte that says whether it is compressed, four that hold its length (big-endian).
/// </summary>
internal static class Frames
{
    public const int PrefixLength = 5;
    private const int LengthOffset = 1;
    private const byte NotCompressed = 0;
    private const byte Compressed = 1;

    /// <summary>Writes the prefix of a message of <paramref name="length"/> bytes.</summary>
    public static void WritePrefix(Span<byte> prefix, int length)
    {
        prefix[0] = NotCompressed;
        BinaryPrimitives.WriteUInt32BigEndian(prefix[LengthOffset..], (uint)length);
    }

    /// <summary>
    /// Takes one whole message off the front of <paramref name="buffer"/>, or says false when more bytes are needed.
    /// The length is checked as soon as the prefix is there, so nothing is gathered on the word of a peer that lies.
    /// </summary>
    /// <exception cref="RpcException">A compressed message, a broken flag, or more bytes than the limit.</exception>
    public static bool TryRead(ref ReadOnlySequence<byte> buffer, int limit, out ReadOnlySequence<byte> message)
    {
        message = default;
        if (buffer.Length < PrefixLength)
        {
            return false;
        }

        Span<byte> prefix = stackalloc byte[PrefixLength];
        buffer.Slice(0, PrefixLength).CopyTo(prefix);
        if (prefix[0] == Compressed)
        {
            throw new RpcException(StatusCode.Unimplemented,
                "A compressed message arrived; only the identity encoding is supported.");
        }

        if (prefix[0] != NotCompressed)
        {
            throw new RpcException(StatusCode.Internal, $"A message began with the flag {prefix[0]}, not 0 or 1.");
        }

        var length = BinaryPrimitives.ReadUInt32BigEndian(prefix[LengthOffset..]);
        if (length > (uint)limit)
        {
            throw new RpcException(StatusCode.ResourceExhausted,
                $"A message of {length} bytes arrived; the limit is {limit} bytes (MaxReceiveMessageBytes).");
        }

        if (buffer.Length < PrefixLength + length)
        {
            return false;
        }

        message = buffer.Slice(PrefixLength, length);
        buffer = buffer.Slice(message.End);
        return true;
    }
}

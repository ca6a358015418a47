using System.Buffers;
using Colony.Protos.V1;
using Google.Protobuf;

namespace Colony.Collective;

/// <summary>A chunk whose payload lies where it lies: in the sender's memory, or in the connection's buffers.</summary>
internal readonly record struct ChunkMessage(ChunkHeader Header, ReadOnlySequence<byte> Payload);

/// <summary>
/// Encodes and decodes <c>colony.v1.Chunk</c> without copying its payload or making an object for its header. On the
/// wire it is an ordinary protobuf message, equal byte for byte to what the generated class writes.
/// </summary>
/// <remarks>
/// Reading follows protobuf: fields in any order, the last of a repeated field counts, unknown fields are passed over,
/// too large numbers lose their upper bits. Groups, which proto3 cannot write, are refused.
/// </remarks>
internal static class ChunkCodec
{
    private const int MaxHeadBytes = 96;
    private const int MaxVarintShift = 63;

    public static ReadOnlySequence<byte> Write(ChunkMessage message, IBufferWriter<byte> head)
    {
        var header = message.Header;
        var span = head.GetSpan(MaxHeadBytes);
        var length = 0;
        WriteField(span, ref length, Chunk.GenerationFieldNumber, header.Generation);
        WriteField(span, ref length, Chunk.StepFieldNumber, ZigZag(header.Step));
        WriteField(span, ref length, Chunk.PhaseFieldNumber, (ulong)(long)header.Phase);
        WriteField(span, ref length, Chunk.SegmentFieldNumber, header.Segment);
        WriteField(span, ref length, Chunk.OffsetFieldNumber, header.Offset);
        WriteField(span, ref length, Chunk.TotalFieldNumber, header.Total);
        WriteField(span, ref length, Chunk.SenderFieldNumber, header.Sender);
        if (!message.Payload.IsEmpty)
        {
            WriteVarint(span, ref length, Tag(Chunk.PayloadFieldNumber, WireFormat.WireType.LengthDelimited));
            WriteVarint(span, ref length, (ulong)message.Payload.Length);
        }

        head.Advance(length);
        return message.Payload;
    }

    /// <exception cref="InvalidDataException">The bytes are no chunk.</exception>
    public static ChunkMessage Read(in ReadOnlySequence<byte> message)
    {
        var header = default(ChunkHeader);
        var payload = ReadOnlySequence<byte>.Empty;
        var reader = new SequenceReader<byte>(message);
        while (!reader.End)
        {
            var tag = (uint)ReadVarint(ref reader);
            var field = WireFormat.GetTagFieldNumber(tag);
            if (field == 0)
            {
                throw new InvalidDataException("a field has the number 0");
            }

            var type = WireFormat.GetTagWireType(tag);
            if (type == WireFormat.WireType.Varint)
            {
                header = With(header, field, ReadVarint(ref reader));
                continue;
            }

            var body = ReadBody(ref reader, type);
            if (field == Chunk.PayloadFieldNumber && type == WireFormat.WireType.LengthDelimited)
            {
                payload = body;
            }
        }

        return new ChunkMessage(header, payload);
    }

    private static ChunkHeader With(ChunkHeader header, int field, ulong value) => field switch
    {
        Chunk.GenerationFieldNumber => header with { Generation = value },
        Chunk.StepFieldNumber => header with { Step = (long)(value >> 1) ^ -(long)(value & 1) },
        Chunk.PhaseFieldNumber => header with { Phase = (Phase)(int)value },
        Chunk.SegmentFieldNumber => header with { Segment = (uint)value },
        Chunk.OffsetFieldNumber => header with { Offset = value },
        Chunk.TotalFieldNumber => header with { Total = value },
        Chunk.SenderFieldNumber => header with { Sender = (uint)value },
        _ => header,
    };

    private static ReadOnlySequence<byte> ReadBody(ref SequenceReader<byte> reader, WireFormat.WireType type)
    {
        ulong length = type switch
        {
            WireFormat.WireType.Fixed32 => sizeof(uint),
            WireFormat.WireType.Fixed64 => sizeof(ulong),
            WireFormat.WireType.LengthDelimited => ReadVarint(ref reader),
            _ => throw new InvalidDataException($"wire type {(int)type} is not accepted"),
        };
        if (length > (ulong)reader.Remaining)
        {
            throw new InvalidDataException($"a field of {length} bytes where {reader.Remaining} are left");
        }

        var body = reader.UnreadSequence.Slice(0, (long)length);
        reader.Advance((long)length);
        return body;
    }

    private static ulong ReadVarint(ref SequenceReader<byte> reader)
    {
        ulong value = 0;
        for (var shift = 0; shift <= MaxVarintShift; shift += 7)
        {
            if (!reader.TryRead(out var next))
            {
                throw new InvalidDataException("the message ends within a number");
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw new InvalidDataException("a number has more than ten bytes");
    }

    private static void WriteField(Span<byte> span, ref int length, int field, ulong value)
    {
        if (value != 0)
        {
            WriteVarint(span, ref length, Tag(field, WireFormat.WireType.Varint));
            WriteVarint(span, ref length, value);
        }
    }

    private static void WriteVarint(Span<byte> span, ref int length, ulong value)
    {
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
    }

    private static uint Tag(int field, WireFormat.WireType type) => WireFormat.MakeTag(field, type);

    private static ulong ZigZag(long value) => (ulong)((value << 1) ^ (value >> 63));
}

using System.Buffers;
using Google.Protobuf;
using Google.Protobuf.Reflection;

namespace Colony.Rpc;

/// <summary>
/// Walks the top level of a protobuf message to find one <c>bytes</c> field without decoding it. The other fields are
/// parsed by the generated code. Fields may come in any order; of a repeated payload the last one counts, as in
/// protobuf.
/// </summary>
internal sealed class PayloadCodec<THeader>
    where THeader : class, IMessage<THeader>, new()
{
    private readonly int _field;
    private readonly uint _tag;

    public PayloadCodec(int field)
    {
        var descriptor = new THeader().Descriptor;
        if (descriptor.FindFieldByNumber(field) is not { FieldType: FieldType.Bytes, IsRepeated: false })
        {
            throw new ArgumentException($"{descriptor.FullName} has no field {field} of type bytes.", nameof(field));
        }

        _field = field;
        _tag = WireFormat.MakeTag(field, WireFormat.WireType.LengthDelimited);
    }

    public ReadOnlySequence<byte> Write(PayloadMessage<THeader> message, IBufferWriter<byte> head)
    {
        message.Header.WriteTo(head);
        if (message.Payload.IsEmpty)
        {
            return ReadOnlySequence<byte>.Empty;
        }

        WriteVarint(head, _tag);
        WriteVarint(head, (ulong)message.Payload.Length);
        return message.Payload;
    }

    public PayloadMessage<THeader> Read(in ReadOnlySequence<byte> message)
    {
        var payload = ReadOnlySequence<byte>.Empty;
        var header = new THeader();
        var rest = message;
        var fieldsFrom = message.Start;
        while (!rest.IsEmpty)
        {
            var fieldStart = rest.Start;
            var tag = ReadVarint(ref rest);
            var field = tag >> 3;
            if (field == 0 || field > int.MaxValue >> 3)
            {
                throw new InvalidDataException($"a field cannot have the number {field}");
            }

            var body = TakeField(ref rest, (WireFormat.WireType)(tag & 7));
            if ((int)field == _field && (tag & 7) == (ulong)WireFormat.WireType.LengthDelimited)
            {
                payload = body;
                header.MergeFrom(message.Slice(fieldsFrom, fieldStart));
                fieldsFrom = rest.Start;
            }
        }

        header.MergeFrom(message.Slice(fieldsFrom));
        return new PayloadMessage<THeader>(header, payload);
    }

    private static ReadOnlySequence<byte> TakeField(ref ReadOnlySequence<byte> rest, WireFormat.WireType type)
    {
        const int Fixed32Length = 4;
        const int Fixed64Length = 8;
        switch (type)
        {
            case WireFormat.WireType.Varint:
                ReadVarint(ref rest);
                return ReadOnlySequence<byte>.Empty;
            case WireFormat.WireType.Fixed32:
                return Take(ref rest, Fixed32Length);
            case WireFormat.WireType.Fixed64:
                return Take(ref rest, Fixed64Length);
            case WireFormat.WireType.LengthDelimited:
                return Take(ref rest, ReadVarint(ref rest));
            default:
                throw new InvalidDataException($"wire type {type} is not accepted");
        }
    }

    private static ReadOnlySequence<byte> Take(ref ReadOnlySequence<byte> rest, ulong count)
    {
        if (count > (ulong)rest.Length)
        {
            throw new InvalidDataException($"a field of {count} bytes in a message with {rest.Length} bytes left");
        }

        var taken = rest.Slice(0, (long)count);
        rest = rest.Slice(taken.End);
        return taken;
    }

    private static ulong ReadVarint(ref ReadOnlySequence<byte> rest)
    {
        const int MaxBits = 64;
        var reader = new SequenceReader<byte>(rest);
        ulong value = 0;
        for (var shift = 0; shift < MaxBits; shift += 7)
        {
            if (!reader.TryRead(out var b))
            {
                throw new InvalidDataException("the message ends within a number");
            }

            value |= (ulong)(b & 0x7F) << shift;
            if (b < 0x80)
            {
                rest = reader.UnreadSequence;
                return value;
            }
        }

        throw new InvalidDataException("a number of more than ten bytes");
    }

    private static void WriteVarint(IBufferWriter<byte> head, ulong value)
    {
        const int MaxLength = 10;
        var span = head.GetSpan(MaxLength);
        var length = 0;
        while (value >= 0x80)
        {
            span[length++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[length++] = (byte)value;
        head.Advance(length);
    }
}

using System.Buffers;
using Colony.Protos.V1;
using Google.Protobuf;

namespace Colony.Collective.Tests;

public sealed class ChunkCodecTests
{
    [Fact]
    public void Bytes_equal_those_of_the_generated_message_in_both_directions()
    {
        var random = new Random(1);
        for (var round = 0; round < 2000; round++)
        {
            var chunk = AnyChunk(random);
            var bytes = chunk.ToByteArray();
            var message = Message(chunk);

            Assert.Equal(bytes, Write(message));
            AssertSame(chunk, ChunkCodec.Read(Split(bytes, random)));
            Assert.Equal(chunk, Chunk.Parser.ParseFrom(Write(message)));
        }
    }

    [Fact]
    public void Fields_in_any_order_repeated_and_unknown_are_read_as_protobuf_reads_them()
    {
        var random = new Random(2);
        for (var round = 0; round < 2000; round++)
        {
            var fields = Enumerable.Range(0, random.Next(0, 12)).Select(_ => AnyField(random)).ToArray();
            var bytes = fields.SelectMany(field => field).ToArray();
            AssertSame(Chunk.Parser.ParseFrom(bytes), ChunkCodec.Read(Split(bytes, random)));
        }
    }

    [Fact]
    public void Hostile_bytes_are_refused_or_read_alike_but_never_worse()
    {
        var random = new Random(3);
        var refused = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = AnyChunk(random).ToByteArray();
            for (var hit = random.Next(1, 4); hit > 0 && bytes.Length > 0; hit--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            bytes = bytes[..random.Next(bytes.Length + 1)];
            try
            {
                var read = ChunkCodec.Read(Split(bytes, random));
                AssertSame(Chunk.Parser.ParseFrom(bytes), read);
            }
            catch (InvalidDataException)
            {
                refused++;
            }
        }

        Assert.InRange(refused, 100, 19_900);
    }

    [Theory]
    [InlineData("7A FF FF FF FF 07")] // a payload of 2 GiB that is not there
    [InlineData("7A FF FF FF FF FF FF FF FF FF 01")] // of 2^64 - 1 bytes
    [InlineData("08 FF FF FF FF FF FF FF FF FF FF 01")] // a number of eleven bytes
    [InlineData("08 80")] // a number that does not end
    [InlineData("00 01")] // field 0
    [InlineData("0B 0C")] // a group
    [InlineData("0D 01 02 03")] // a 32-bit field of three bytes
    public void Malformed_message_is_refused(string hex)
    {
        var bytes = Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
        Assert.Throws<InvalidDataException>(() => ChunkCodec.Read(new ReadOnlySequence<byte>(bytes)));
    }

    private static Chunk AnyChunk(Random random) => new()
    {
        Generation = AnyNumber(random),
        Step = (long)AnyNumber(random),
        Phase = (Phase)(random.Next(6) == 0 ? random.Next(int.MinValue, int.MaxValue) : random.Next(6)),
        Segment = (uint)AnyNumber(random),
        Offset = AnyNumber(random),
        Total = AnyNumber(random),
        Sender = (uint)AnyNumber(random),
        Payload = ByteString.CopyFrom(AnyBytes(random)),
    };

    private static ulong AnyNumber(Random random) =>
        random.Next(4) == 0 ? 0 : (ulong)random.NextInt64(long.MinValue, long.MaxValue) >> random.Next(64);

    private static byte[] AnyBytes(Random random)
    {
        var bytes = new byte[random.Next(4) == 0 ? 0 : random.Next(300)];
        random.NextBytes(bytes);
        return bytes;
    }

    private static byte[] AnyField(Random random)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            var field = random.Next(5) == 0 ? random.Next(16, 1000) : random.Next(1, 16);
            switch (random.Next(4))
            {
                case 0:
                    output.WriteTag(field, WireFormat.WireType.LengthDelimited);
                    output.WriteBytes(ByteString.CopyFrom(AnyBytes(random)));
                    break;
                case 1:
                    output.WriteTag(field, WireFormat.WireType.Fixed32);
                    output.WriteFixed32((uint)random.Next());
                    break;
                case 2:
                    output.WriteTag(field, WireFormat.WireType.Fixed64);
                    output.WriteFixed64((ulong)random.NextInt64());
                    break;
                default:
                    output.WriteTag(field, WireFormat.WireType.Varint);
                    output.WriteUInt64(AnyNumber(random));
                    break;
            }
        }

        return stream.ToArray();
    }

    private static ChunkMessage Message(Chunk chunk) => new(
        new ChunkHeader(
            chunk.Generation, chunk.Step, chunk.Phase, chunk.Segment, chunk.Offset, chunk.Total, chunk.Sender),
        new ReadOnlySequence<byte>(chunk.Payload.Memory));

    private static byte[] Write(ChunkMessage message)
    {
        var head = new ArrayBufferWriter<byte>();
        var payload = ChunkCodec.Write(message, head);
        return [.. head.WrittenSpan, .. payload.ToArray()];
    }

    private static void AssertSame(Chunk expected, ChunkMessage actual)
    {
        var message = Message(expected);
        Assert.Equal(message.Header, actual.Header);
        Assert.Equal(message.Payload.ToArray(), actual.Payload.ToArray());
    }

    /// <summary>The bytes in pieces, as the buffers of a connection hold them.</summary>
    private static ReadOnlySequence<byte> Split(byte[] bytes, Random random)
    {
        var first = new Piece(ReadOnlyMemory<byte>.Empty, 0);
        var last = first;
        for (var start = 0; start < bytes.Length;)
        {
            var length = Math.Min(random.Next(1, 20), bytes.Length - start);
            last = last.Then(bytes.AsMemory(start, length));
            start += length;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }

    private sealed class Piece : ReadOnlySequenceSegment<byte>
    {
        public Piece(ReadOnlyMemory<byte> memory, long start)
        {
            Memory = memory;
            RunningIndex = start;
        }

        public Piece Then(ReadOnlyMemory<byte> memory)
        {
            var next = new Piece(memory, RunningIndex + Memory.Length);
            Next = next;
            return next;
        }
    }
}

using System.Buffers;
using Colony.Protos.V1;
using Google.Protobuf;

namespace Colony.Rpc.Tests;

public sealed class PayloadCodecTests
{
    private static readonly Marshaller<PayloadMessage<Chunk>> Chunks =
        Marshallers.WithPayload<Chunk>(Chunk.PayloadFieldNumber);

    [Fact]
    public void What_we_write_is_an_ordinary_message_and_the_other_way_round()
    {
        var random = new Random(21);
        for (var round = 0; round < 500; round++)
        {
            var header = RandomHeader(random);
            var bytes = Echo.Pattern(random.Next(0, 20_000), round);
            var ordinary = header.Clone();
            ordinary.Payload = ByteString.CopyFrom(bytes);

            Assert.Equal(ordinary, Chunk.Parser.ParseFrom(Write(header, bytes)));

            var read = Chunks.Read(Pieces.Of(ordinary.ToByteArray(), random));
            Assert.Equal(header, read.Header);
            Assert.Equal(bytes, read.Payload.ToArray());
        }
    }

    [Fact]
    public void The_payload_is_a_slice_of_what_arrived_not_a_copy()
    {
        var message = Write(new Chunk { Step = 4 }, Echo.Pattern(10_000));

        var read = Chunks.Read(new ReadOnlySequence<byte>(message));

        Assert.True(read.Payload.First.Span.Overlaps(message));
    }

    [Fact]
    public void Fields_may_come_in_any_order_and_the_last_payload_counts()
    {
        var message = new Chunk { Payload = ByteString.CopyFrom(1, 2) }.ToByteArray()
            .Concat(new Chunk { Generation = 9 }.ToByteArray())
            .Concat(new Chunk { Payload = ByteString.CopyFrom(3) }.ToByteArray())
            .Concat(new Chunk { Step = -5 }.ToByteArray())
            .ToArray();

        var read = Chunks.Read(new ReadOnlySequence<byte>(message));

        Assert.Equal(new Chunk { Generation = 9, Step = -5 }, read.Header);
        Assert.Equal([3], read.Payload.ToArray());
    }

    [Fact]
    public void Hostile_bytes_end_in_a_status_and_agree_with_protobuf_where_they_are_valid()
    {
        var random = new Random(33);
        var valid = 0;
        for (var round = 0; round < 20_000; round++)
        {
            var bytes = Write(RandomHeader(random), Echo.Pattern(random.Next(1, 30), round));
            for (var change = random.Next(0, 3); change > 0; change--)
            {
                bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            }

            bytes = bytes[..random.Next(bytes.Length + 1)];
            try
            {
                var read = Chunks.Read(Pieces.Of(bytes, random));
                var ordinary = Chunk.Parser.ParseFrom(bytes);
                Assert.Equal(ordinary.Payload.ToByteArray(), read.Payload.ToArray());
                valid++;
            }
            catch (RpcException failure)
            {
                Assert.Equal(StatusCode.Internal, failure.Code);
            }
        }

        Assert.InRange(valid, 1000, 19_999);
    }

    [Fact]
    public void Only_a_field_of_bytes_can_be_the_payload()
    {
        Assert.Throws<ArgumentException>(() => Marshallers.WithPayload<Chunk>(Chunk.StepFieldNumber));
        Assert.Throws<ArgumentException>(() => Marshallers.WithPayload<Chunk>(99));
    }

    [Fact]
    public void Methods_come_from_descriptors_with_their_types_checked()
    {
        var service = CollectiveReflection.Descriptor.Services[0];

        var method = RpcMethods.Find<Chunk, ChunkAck>(service, "Exchange");

        Assert.Equal("/colony.v1.Collective/Exchange", method.Path);
        Assert.Equal(MethodKind.Duplex, method.Kind);
        Assert.Throws<ArgumentException>(() => RpcMethods.Find<Chunk, Chunk>(service, "Exchange"));
        Assert.Throws<ArgumentException>(() => RpcMethods.Find<Chunk, ChunkAck>(service, "Nothing"));
    }

    private static Chunk RandomHeader(Random random) => new()
    {
        Generation = (ulong)random.NextInt64(),
        Step = random.NextInt64(-5, 1 << 30),
        Phase = (Phase)random.Next(0, 6),
        Segment = (uint)random.Next(),
        Sender = (uint)random.Next(0, 3),
    };

    private static byte[] Write(Chunk header, byte[] payload)
    {
        var head = new ArrayBufferWriter<byte>();
        var rest = Chunks.Write(new PayloadMessage<Chunk>(header, payload), head);
        return [.. head.WrittenSpan, .. rest.ToArray()];
    }
}

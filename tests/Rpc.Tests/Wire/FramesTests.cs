using System.Buffers;

namespace Colony.Rpc.Tests;

public sealed class FramesTests
{
    private const int Limit = 1 << 16;

    [Fact]
    public void Messages_come_back_whatever_the_pieces_they_arrive_in()
    {
        var random = new Random(11);
        for (var round = 0; round < 300; round++)
        {
            var messages = Enumerable.Range(0, random.Next(1, 5))
                .Select(i => Echo.Pattern(random.Next(0, 200), i))
                .ToArray();
            var stream = messages.SelectMany(Framed).ToArray();
            var got = new List<byte[]>();
            var arrived = 0;
            var consumed = 0;
            while (arrived < stream.Length)
            {
                arrived = Math.Min(stream.Length, arrived + random.Next(1, 60));
                var buffer = Pieces.Of(stream.AsMemory(consumed, arrived - consumed), random);
                while (Frames.TryRead(ref buffer, Limit, out var message))
                {
                    got.Add(message.ToArray());
                }

                consumed = arrived - (int)buffer.Length;
            }

            Assert.Equal(messages, got);
            Assert.Equal(stream.Length, consumed);
        }
    }

    [Fact]
    public void A_lying_length_is_refused_at_the_prefix()
    {
        var buffer = new ReadOnlySequence<byte>([0, 0xFF, 0xFF, 0xFF, 0xFF]);

        var failure = Assert.Throws<RpcException>(() => Frames.TryRead(ref buffer, Limit, out _));

        Assert.Equal(StatusCode.ResourceExhausted, failure.Code);
        Assert.Contains("4294967295", failure.Detail, StringComparison.Ordinal);
        Assert.Contains("65536", failure.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(1, StatusCode.Unimplemented)]
    [InlineData(2, StatusCode.Internal)]
    [InlineData(0x50, StatusCode.Internal)]
    public void Only_the_flag_zero_is_accepted(byte flag, StatusCode expected)
    {
        var buffer = new ReadOnlySequence<byte>([flag, 0, 0, 0, 1, 42]);

        Assert.Equal(expected, Assert.Throws<RpcException>(() => Frames.TryRead(ref buffer, Limit, out _)).Code);
    }

    [Fact]
    public void Random_bytes_never_do_more_than_fail_with_a_status()
    {
        var random = new Random(5);
        for (var round = 0; round < 5000; round++)
        {
            var bytes = Echo.Pattern(random.Next(0, 40), round);
            var buffer = Pieces.Of(bytes, random);
            try
            {
                while (Frames.TryRead(ref buffer, Limit, out var message))
                {
                    Assert.InRange(message.Length, 0, bytes.Length - Frames.PrefixLength);
                }
            }
            catch (RpcException failure)
            {
                Assert.True(
                    failure.Code is StatusCode.Unimplemented or StatusCode.Internal or StatusCode.ResourceExhausted);
            }
        }
    }

    [Fact]
    public void A_buffer_joins_small_payloads_and_leaves_large_ones_where_they_are()
    {
        using var buffer = new MessageBuffer();
        var small = new byte[MessageBuffer.JoinLimit];
        var large = new byte[MessageBuffer.JoinLimit + 1];

        Assert.True(buffer.Encode(Marshallers.Bytes, small).IsEmpty);
        Assert.Equal(Frames.PrefixLength + small.Length, buffer.Framed.Length);

        var payload = buffer.Encode(Marshallers.Bytes, large);
        Assert.True(payload.First.Span.Overlaps(large));
        Assert.Equal([0, 0, 0, 0x10, 1], buffer.Framed.ToArray());
    }

    private static byte[] Framed(byte[] message)
    {
        using var buffer = new MessageBuffer();
        Assert.True(buffer.Encode(Marshallers.Bytes, message).IsEmpty);
        return buffer.Framed.ToArray();
    }
}

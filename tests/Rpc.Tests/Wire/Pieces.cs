using System.Buffers;

namespace Colony.Rpc.Tests;

/// <summary>Bytes as a sequence of segments, as a connection delivers them.</summary>
internal sealed class Pieces : ReadOnlySequenceSegment<byte>
{
    private Pieces(ReadOnlyMemory<byte> memory, long before)
    {
        Memory = memory;
        RunningIndex = before;
    }

    /// <summary>Cut at random places, empty segments included.</summary>
    public static ReadOnlySequence<byte> Of(ReadOnlyMemory<byte> bytes, Random random)
    {
        var first = new Pieces(ReadOnlyMemory<byte>.Empty, 0);
        var last = first;
        for (var at = 0; at < bytes.Length;)
        {
            var length = random.Next(0, Math.Min(30, bytes.Length - at) + 1);
            var next = new Pieces(bytes.Slice(at, length), last.RunningIndex + last.Memory.Length);
            last.Next = next;
            last = next;
            at += length;
        }

        return new ReadOnlySequence<byte>(first, 0, last, last.Memory.Length);
    }
}

using System.Buffers.Binary;
using System.Numerics;

namespace Colony.Coordinator;

/// <summary>
/// Frames of a journal file: length, CRC-32C of length and payload, payload; little-endian. A write that was torn
/// leaves a last frame that is short or whose checksum is wrong, and everything before it is whole.
/// </summary>
internal static class JournalFrames
{
    /// <summary>Bytes before a payload.</summary>
    public const int HeaderBytes = 8;

    /// <summary>The largest payload; a length beyond it is no length.</summary>
    public const int MaxPayloadBytes = 64 << 20;

    /// <summary>One payload as a frame.</summary>
    public static byte[] Frame(ReadOnlySpan<byte> payload)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(payload.Length, MaxPayloadBytes, nameof(payload));
        byte[] frame = new byte[HeaderBytes + payload.Length];
        BinaryPrimitives.WriteInt32LittleEndian(frame, payload.Length);
        payload.CopyTo(frame.AsSpan(HeaderBytes));
        BinaryPrimitives.WriteUInt32LittleEndian(frame.AsSpan(4), Checksum(frame));
        return frame;
    }

    /// <summary>The payload of the frame at <paramref name="at"/>, or false when no whole frame is there.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, int at, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        ReadOnlySpan<byte> rest = bytes[at..];
        if (rest.Length < HeaderBytes)
        {
            return false;
        }

        int length = BinaryPrimitives.ReadInt32LittleEndian(rest);
        if (length is < 0 or > MaxPayloadBytes || length > rest.Length - HeaderBytes)
        {
            return false;
        }

        ReadOnlySpan<byte> frame = rest[..(HeaderBytes + length)];
        if (BinaryPrimitives.ReadUInt32LittleEndian(frame[4..]) != Checksum(frame))
        {
            return false;
        }

        payload = frame[HeaderBytes..];
        return true;
    }

    private static uint Checksum(ReadOnlySpan<byte> frame)
    {
        uint crc = Fold(uint.MaxValue, frame[..4]);
        return ~Fold(crc, frame[HeaderBytes..]);
    }

    private static uint Fold(uint crc, ReadOnlySpan<byte> bytes)
    {
        while (bytes.Length >= sizeof(ulong))
        {
            crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(bytes));
            bytes = bytes[sizeof(ulong)..];
        }

        foreach (byte b in bytes)
        {
            crc = BitOperations.Crc32C(crc, b);
        }

        return crc;
    }
}

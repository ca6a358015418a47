using System.Buffers.Binary;
using System.Text;

namespace Colony.Storage;

/// <summary>The bytes of a pickle, front to back; no length in it is believed.</summary>
internal ref struct PickleBytes(ReadOnlySpan<byte> bytes, string source)
{
    private static readonly UTF8Encoding Strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private readonly ReadOnlySpan<byte> _bytes = bytes;

    /// <summary>Where the next byte is.</summary>
    public int At { get; private set; }

    public byte Byte() => Take(1)[0];

    public ushort UInt16() => BinaryPrimitives.ReadUInt16LittleEndian(Take(sizeof(ushort)));

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Take(sizeof(int)));

    public uint UInt32() => BinaryPrimitives.ReadUInt32LittleEndian(Take(sizeof(uint)));

    public ulong UInt64() => BinaryPrimitives.ReadUInt64LittleEndian(Take(sizeof(ulong)));

    // Python writes this one number big-endian.
    public double Double() => BinaryPrimitives.ReadDoubleBigEndian(Take(sizeof(double)));

    /// <summary>A whole number of that many bytes; null when it needs more than 64 bits.</summary>
    public long? Long(int count)
    {
        var taken = Take(count);
        if (count > sizeof(long))
        {
            return null;
        }

        var value = count > 0 && (taken[^1] & 0x80) != 0 ? -1L : 0L;
        for (var i = count - 1; i >= 0; i--)
        {
            value = (value << 8) | taken[i];
        }

        return value;
    }

    public void Skip(ulong count) => Take(count);

    public string Text(ulong count) => Decode(Take(count));

    /// <summary>Text up to a line feed.</summary>
    public string Line()
    {
        var length = _bytes[At..].IndexOf((byte)'\n');
        if (length < 0)
        {
            throw new TorchFileException(source, $"its pickle ends within a name after byte {At}");
        }

        var text = Decode(Take((ulong)length));
        Take(1);
        return text;
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)(_bytes.Length - At))
        {
            throw new TorchFileException(
                source, $"its pickle has {_bytes.Length} bytes and asks for {count} more at byte {At}");
        }

        var taken = _bytes.Slice(At, (int)count);
        At += (int)count;
        return taken;
    }

    private ReadOnlySpan<byte> Take(int count) => Take((ulong)count);

    private readonly string Decode(ReadOnlySpan<byte> taken)
    {
        try
        {
            return Strict.GetString(taken);
        }
        catch (DecoderFallbackException e)
        {
            throw new TorchFileException(source, $"its pickle has text that is not UTF-8 before byte {At}", e);
        }
    }
}

using System.Buffers.Binary;
using System.Text;

namespace Colony.Storage;

/// <summary>Reads the records of a zip file's directory, one after the other, each checked against its local
/// header.</summary>
internal sealed class ZipDirectoryReader(MappedFile file, ReadOnlyMemory<byte> directory, long directoryOffset)
{
    private const int RecordBytes = 46;
    private const int LocalBytes = 30;
    private const uint RecordMark = 0x02014b50;
    private const uint LocalMark = 0x04034b50;
    private const ushort Encrypted = 1;
    private const ushort Extra64 = 1;

    private static readonly UTF8Encoding Strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    private int _at;

    /// <summary>The next entry and where its local header begins.</summary>
    public (ZipEntry Entry, long Begin) Next()
    {
        var record = Take(RecordBytes);
        if (BinaryPrimitives.ReadUInt32LittleEndian(record) != RecordMark)
        {
            throw Bad($"its directory is broken at byte {directoryOffset + _at - RecordBytes}");
        }

        var (flags, method) = (Short(record, 8), Short(record, 10));
        var (nameBytes, extraBytes, commentBytes) = (Short(record, 28), Short(record, 30), Short(record, 32));
        var rawName = Take(nameBytes);
        var name = Name(rawName);
        var (packed, length, begin) = Sizes(record, Take(extraBytes), name);
        Take(commentBytes);
        if (method != 0 || (flags & Encrypted) != 0 || packed != length)
        {
            throw Bad(
                $"its entry '{TorchFileException.Shown(name)}' is compressed or encrypted; PyTorch stores plainly");
        }

        if (begin < 0 || begin > directoryOffset - LocalBytes)
        {
            throw Bad($"its entry '{TorchFileException.Shown(name)}' begins outside of the file");
        }

        var local = file.Memory(begin, LocalBytes).Span;
        var offset = begin + LocalBytes + Short(local, 26) + Short(local, 28);
        if (BinaryPrimitives.ReadUInt32LittleEndian(local) != LocalMark || Short(local, 8) != method
            || offset > directoryOffset || length > directoryOffset - offset
            || !file.Memory(begin + LocalBytes, Short(local, 26)).Span.SequenceEqual(rawName))
        {
            throw Bad($"its entry '{TorchFileException.Shown(name)}' is not where the directory says");
        }

        var crc = BinaryPrimitives.ReadUInt32LittleEndian(record[16..]);
        return (new ZipEntry(name, offset, length, crc), begin);
    }

    /// <summary>Nothing may follow the last record.</summary>
    public void Done()
    {
        if (_at != directory.Length)
        {
            throw Bad($"its directory goes on for {directory.Length - _at} bytes after its last entry");
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        if (count > directory.Length - _at)
        {
            throw Bad("its directory ends within an entry");
        }

        var taken = directory.Span.Slice(_at, count);
        _at += count;
        return taken;
    }

    private string Name(ReadOnlySpan<byte> bytes)
    {
        string name;
        try
        {
            name = Strict.GetString(bytes);
        }
        catch (DecoderFallbackException e)
        {
            throw new TorchFileException(file.Path, "the name of an entry is not UTF-8", e);
        }

        var parts = name.TrimEnd('/').Split('/');
        return name.Length == 0 || name.Any(c => char.IsControl(c) || c is '\\' or ':')
            || parts.Any(part => part is "" or "." or "..")
            ? throw Bad($"its entry '{TorchFileException.Shown(name)}' leads out of its folder")
            : name;
    }

    private (long Packed, long Length, long Begin) Sizes(
        ReadOnlySpan<byte> record, ReadOnlySpan<byte> extra, string name)
    {
        ulong packed = BinaryPrimitives.ReadUInt32LittleEndian(record[20..]);
        ulong length = BinaryPrimitives.ReadUInt32LittleEndian(record[24..]);
        ulong begin = BinaryPrimitives.ReadUInt32LittleEndian(record[42..]);
        var wide = Wide(extra);
        length = Widened(length, ref wide, name);
        packed = Widened(packed, ref wide, name);
        begin = Widened(begin, ref wide, name);
        return packed > long.MaxValue || length > long.MaxValue || begin > long.MaxValue
            ? throw Bad($"its entry '{TorchFileException.Shown(name)}' claims more than 63 bits of size")
            : ((long)packed, (long)length, (long)begin);
    }

    private ulong Widened(ulong value, ref ReadOnlySpan<byte> wide, string name)
    {
        if (value != uint.MaxValue)
        {
            return value;
        }

        if (wide.Length < sizeof(ulong))
        {
            throw Bad($"its entry '{TorchFileException.Shown(name)}' lacks its 64-bit sizes");
        }

        var result = BinaryPrimitives.ReadUInt64LittleEndian(wide);
        wide = wide[sizeof(ulong)..];
        return result;
    }

    private static ReadOnlySpan<byte> Wide(ReadOnlySpan<byte> extra)
    {
        while (extra.Length >= 4)
        {
            var (id, size) = (Short(extra, 0), Short(extra, 2));
            if (size > extra.Length - 4)
            {
                break;
            }

            if (id == Extra64)
            {
                return extra.Slice(4, size);
            }

            extra = extra[(4 + size)..];
        }

        return [];
    }

    private static ushort Short(ReadOnlySpan<byte> bytes, int at) =>
        BinaryPrimitives.ReadUInt16LittleEndian(bytes[at..]);

    private TorchFileException Bad(string problem) => new(file.Path, problem);
}

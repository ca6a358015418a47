using System.Buffers.Binary;

namespace Colony.Storage;

/// <summary>A stored entry of a zip file.</summary>
/// <param name="Name">Its name, checked to be a plain relative path.</param>
/// <param name="Offset">Its first byte in the file.</param>
/// <param name="Length">Its bytes.</param>
/// <param name="Crc">Its checksum.</param>
internal sealed record ZipEntry(string Name, long Offset, long Length, uint Crc);

/// <summary>
/// The entries of a zip file (PKWARE APPNOTE 6.3, zip64 included), read strictly: nothing compressed or encrypted, no
/// name twice or with a way out of its folder, no two entries over the same bytes. So all entries together are no
/// larger than the file.
/// </summary>
internal static class ZipDirectory
{
    public const int MaxEntries = 200_000;

    private const int EndBytes = 22;
    private const int Locator64Bytes = 20;
    private const int End64Bytes = 56;
    private const uint EndMark = 0x06054b50;
    private const uint Locator64Mark = 0x07064b50;
    private const uint End64Mark = 0x06064b50;

    public static IReadOnlyList<ZipEntry> Read(MappedFile file)
    {
        var (count, offset, size) = End(file);
        if (count > MaxEntries || offset < 0 || size < 0 || offset > file.Length - size || size > int.MaxValue)
        {
            throw Bad(file, $"its directory claims {count} entries in {size} bytes from byte {offset}");
        }

        var directory = new ZipDirectoryReader(file, file.Memory(offset, (int)size), offset);
        var entries = new List<ZipEntry>();
        var spans = new List<(long Begin, long End, string Name)>();
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0L; i < count; i++)
        {
            var (entry, begin) = directory.Next();
            if (!names.Add(entry.Name))
            {
                throw Bad(file, $"its entry '{TorchFileException.Shown(entry.Name)}' is there twice");
            }

            spans.Add((begin, entry.Offset + entry.Length, entry.Name));
            entries.Add(entry);
        }

        directory.Done();
        CheckDisjoint(file, spans);
        return entries;
    }

    private static void CheckDisjoint(MappedFile file, List<(long Begin, long End, string Name)> spans)
    {
        spans.Sort();
        for (var i = 1; i < spans.Count; i++)
        {
            if (spans[i].Begin < spans[i - 1].End)
            {
                throw Bad(file, $"its entry '{TorchFileException.Shown(spans[i].Name)}' overlaps the one before it");
            }
        }
    }

    private static (long Count, long Offset, long Size) End(MappedFile file)
    {
        var tail = (int)Math.Min(file.Length, EndBytes + ushort.MaxValue);
        var bytes = file.Memory(file.Length - tail, tail).Span;
        for (var at = tail - EndBytes; at >= 0; at--)
        {
            var end = bytes[at..];
            if (BinaryPrimitives.ReadUInt32LittleEndian(end) != EndMark
                || BinaryPrimitives.ReadUInt16LittleEndian(end[20..]) != end.Length - EndBytes)
            {
                continue;
            }

            var here = file.Length - tail + at;
            if (End64(file, here) is { } large)
            {
                return large;
            }

            var (disk, total) = (
                BinaryPrimitives.ReadUInt16LittleEndian(end[8..]), BinaryPrimitives.ReadUInt16LittleEndian(end[10..]));
            var size = BinaryPrimitives.ReadUInt32LittleEndian(end[12..]);
            var offset = BinaryPrimitives.ReadUInt32LittleEndian(end[16..]);
            return disk == total && offset + (long)size <= here
                ? (total, offset, size)
                : throw Bad(file, "its end names a directory that is not in front of it");
        }

        throw Bad(file, "it has no end of a zip file, so it was cut; fetch it again");
    }

    private static (long Count, long Offset, long Size)? End64(MappedFile file, long end)
    {
        if (end < Locator64Bytes)
        {
            return null;
        }

        var locator = file.Memory(end - Locator64Bytes, Locator64Bytes).Span;
        if (BinaryPrimitives.ReadUInt32LittleEndian(locator) != Locator64Mark)
        {
            return null;
        }

        var at = BinaryPrimitives.ReadUInt64LittleEndian(locator[8..]);
        if (end - Locator64Bytes < End64Bytes || at > (ulong)(end - Locator64Bytes - End64Bytes))
        {
            throw Bad(file, "its 64-bit end is not where it says");
        }

        var record = file.Memory((long)at, End64Bytes).Span;
        if (BinaryPrimitives.ReadUInt32LittleEndian(record) != End64Mark)
        {
            throw Bad(file, "its 64-bit end is not where it says");
        }

        var (disk, total) = (
            BinaryPrimitives.ReadUInt64LittleEndian(record[24..]),
            BinaryPrimitives.ReadUInt64LittleEndian(record[32..]));
        var size = BinaryPrimitives.ReadUInt64LittleEndian(record[40..]);
        var offset = BinaryPrimitives.ReadUInt64LittleEndian(record[48..]);
        return disk == total && total <= MaxEntries && size <= at && offset <= at - size
            ? ((long)total, (long)offset, (long)size)
            : throw Bad(file, $"its 64-bit end claims {total} entries in {size} bytes from byte {offset}");
    }

    private static TorchFileException Bad(MappedFile file, string problem) => new(file.Path, problem);
}

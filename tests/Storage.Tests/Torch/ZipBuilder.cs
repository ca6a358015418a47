using System.Text;

namespace Colony.Storage.Tests;

/// <summary>Writes zip files entry by entry, right or wrong as a test wants them.</summary>
internal sealed class ZipBuilder
{
    private readonly MemoryStream _file = new();
    private readonly MemoryStream _directory = new();
    private int _count;

    /// <summary>What the end says there are; null: what there are.</summary>
    public ushort? Count { get; init; }

    public ZipBuilder Add(
        string name, byte[] bytes, ushort method = 0, uint? crc = null, uint? offset = null, uint? size = null)
    {
        var begin = offset ?? (uint)_file.Position;
        var sum = crc ?? Crc32.Of(bytes);
        var raw = Encoding.UTF8.GetBytes(name);
        if (offset is null)
        {
            Numbers(_file, 0x04034b50u, (ushort)20, (ushort)0, method, 0u, sum, (uint)bytes.Length, (uint)bytes.Length);
            Numbers(_file, (ushort)raw.Length, (ushort)0);
            _file.Write(raw);
            _file.Write(bytes);
        }

        Numbers(_directory, 0x02014b50u, (ushort)20, (ushort)20, (ushort)0, method, 0u, sum);
        Numbers(_directory, size ?? (uint)bytes.Length, size ?? (uint)bytes.Length, (ushort)raw.Length);
        Numbers(_directory, (ushort)0, (ushort)0, (ushort)0, (ushort)0, 0u, begin);
        _directory.Write(raw);
        _count++;
        return this;
    }

    public byte[] Build()
    {
        var start = (uint)_file.Position;
        _file.Write(_directory.ToArray());
        var count = Count ?? (ushort)_count;
        Numbers(_file, 0x06054b50u, (ushort)0, (ushort)0, count, count, (uint)_directory.Length, start, (ushort)0);
        return _file.ToArray();
    }

    private static void Numbers(MemoryStream stream, params object[] numbers)
    {
        foreach (var number in numbers)
        {
            stream.Write(number is uint wide ? BitConverter.GetBytes(wide) : BitConverter.GetBytes((ushort)number));
        }
    }
}

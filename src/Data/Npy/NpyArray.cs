using System.IO.Compression;

namespace Colony.Data;

/// <summary>A small array read whole into memory as float32: one sample's features out of an <c>.npy</c> or
/// <c>.npz</c>.</summary>
/// <param name="Shape">Sizes of the dimensions.</param>
/// <param name="Values">The values, C order, all finite.</param>
internal sealed record NpyArray(IReadOnlyList<long> Shape, float[] Values)
{
    /// <summary>The most that one member may unpack to. One sample is some hundred kilobytes; a zip bomb is
    /// not.</summary>
    public const int MaxBytes = 64 * 1024 * 1024;

    private const int ChunkBytes = 64 * 1024;

    /// <summary>Reads a whole array; a name ending in <c>.npz</c> is a zip with the array under <paramref
    /// name="key"/>.</summary>
    public static NpyArray Read(string path, string key = "feat")
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read);
            return path.EndsWith(".npz", StringComparison.OrdinalIgnoreCase)
                ? ReadMember(file, path, key)
                : Parse(ReadBounded(file, path), path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.CannotRead(path, error);
        }
    }

    private static NpyArray ReadMember(Stream file, string path, string key)
    {
        var member = key + ".npy";
        try
        {
            using var zip = new ZipArchive(file, ZipArchiveMode.Read);
            var entry = zip.GetEntry(member)
                ?? throw DataException.In(path, $"has no array '{key}'; save it with numpy.savez(file, {key}=...)");
            using var content = entry.Open();
            return Parse(ReadBounded(content, $"{path}({member})"), $"{path}({member})");
        }
        catch (InvalidDataException error)
        {
            throw DataException.In(path, $"is not a readable .npz (zip): {error.Message}", error);
        }
    }

    /// <summary>Grows with what really arrives, so that a lying length allocates nothing.</summary>
    private static ReadOnlySpan<byte> ReadBounded(Stream stream, string name)
    {
        var buffer = new byte[ChunkBytes];
        var length = 0;
        while (true)
        {
            var read = stream.Read(buffer, length, buffer.Length - length);
            if (read == 0)
            {
                return buffer.AsSpan(0, length);
            }

            length += read;
            if (length > MaxBytes)
            {
                throw DataException.In(name, $"unpacks to more than {MaxBytes} bytes, which no single sample does");
            }

            if (length == buffer.Length)
            {
                Array.Resize(ref buffer, buffer.Length * 2);
            }
        }
    }

    private static NpyArray Parse(ReadOnlySpan<byte> bytes, string name)
    {
        var header = NpyHeader.Parse(bytes[..Math.Min(bytes.Length, NpyHeader.MaxPrefixBytes)], name);
        header.CheckLength(bytes.Length, name);
        var values = new float[header.Count];
        NpyConvert.ToSingle(bytes[header.DataOffset..], header.Type, values);
        var bad = NpyConvert.IndexOfNonFinite(values);
        if (bad >= 0)
        {
            throw DataException.In(name, $"holds {values[bad]} at value {bad}; extract the features again");
        }

        return new NpyArray(header.Shape, values);
    }
}

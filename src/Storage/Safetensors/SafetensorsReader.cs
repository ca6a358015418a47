namespace Colony.Storage;

/// <summary>
/// A safetensors file mapped into memory: opening reads the header alone, tensors come in by the pages that are
/// touched. The file must not be cut while it is open; files that are replaced by renaming, as the stores do, are
/// safe. May be read by several threads; memory taken from it ends with <see cref="Dispose"/>.
/// </summary>
public sealed class SafetensorsReader : IDisposable
{
    private readonly MappedFile _file;
    private readonly Dictionary<string, ReadOnlyMemory<byte>> _tensors = new(StringComparer.Ordinal);

    private SafetensorsReader(MappedFile file, SafetensorsHeader header)
    {
        (_file, Header) = (file, header);
        foreach (var entry in header.Entries.Where(e => e.Bytes <= int.MaxValue))
        {
            _tensors.Add(entry.Name, file.Memory(header.DataOffset + entry.Begin, (int)entry.Bytes));
        }
    }

    /// <summary>The file.</summary>
    public string Path => _file.Path;

    /// <summary>What is in it.</summary>
    public SafetensorsHeader Header { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="SafetensorsException">The file breaks the format, or is cut.</exception>
    /// <exception cref="StorageException">The file cannot be read.</exception>
    public static SafetensorsReader Open(string path) => Open(MappedFile.Open(path));

    /// <summary>Opens a cached file. The mapping stays when the object is let go, its place in the cache may
    /// not.</summary>
    /// <exception cref="SafetensorsException">The file breaks the format.</exception>
    /// <exception cref="StorageException">The file cannot be mapped.</exception>
    public static SafetensorsReader Open(CachedObject cached)
    {
        ArgumentNullException.ThrowIfNull(cached);
        return Open(MappedFile.Of(cached.File));
    }

    private static SafetensorsReader Open(MappedFile file)
    {
        try
        {
            return new SafetensorsReader(file, ReadHeader(file));
        }
        catch
        {
            file.Dispose();
            throw;
        }
    }

    /// <summary>A tensor's bytes, in the mapped file: no copy. Valid until the reader is disposed.</summary>
    /// <exception cref="SafetensorsException">There is no such tensor, or it has more than 2 GiB.</exception>
    public ReadOnlyMemory<byte> Bytes(string name) => _tensors.TryGetValue(name, out var bytes)
        ? bytes
        : throw new StorageException(Header.TryGet(name, out var entry)
            ? $"tensor '{name}' in '{Path}' has {entry.Bytes} bytes, more than memory can be addressed by at once: "
              + "read it by pieces."
            : $"there is no tensor '{name}' in '{Path}', which has {Header.Entries.Count}: check the name.");

    /// <summary>Tells the system that a piece of a tensor will be read next; returns at once, promises
    /// nothing.</summary>
    /// <param name="entry">The tensor, from <see cref="Header"/>.</param>
    /// <param name="offset">Its first byte.</param>
    /// <param name="length">Bytes.</param>
    public void Expect(SafetensorsEntry entry, long offset, long length)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, entry.Bytes - length);
        _file.Expect(Header.DataOffset + entry.Begin + offset, length);
    }

    /// <summary>Brings the whole file from the disk into memory, from front to back, and waits for it; promises
    /// nothing. The token ends it early without an exception.</summary>
    public void Fetch(CancellationToken cancellationToken) => _file.Fetch(cancellationToken);

    /// <summary>Copies a piece of a tensor of any size.</summary>
    /// <param name="entry">The tensor, from <see cref="Header"/>.</param>
    /// <param name="offset">Its first byte to copy.</param>
    /// <param name="destination">Where to; filled whole.</param>
    public void Read(SafetensorsEntry entry, long offset, Span<byte> destination)
    {
        ArgumentNullException.ThrowIfNull(entry);
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        if (offset > entry.Bytes - destination.Length)
        {
            throw new ArgumentException(
                $"{destination.Length} bytes from byte {offset} are not in '{entry.Name}' of {entry.Bytes} bytes.",
                nameof(destination));
        }

        _file.Read(Header.DataOffset + entry.Begin + offset, destination);
    }

    /// <inheritdoc/>
    public void Dispose() => _file.Dispose();

    private static SafetensorsHeader ReadHeader(MappedFile file)
    {
        const int Prefix = SafetensorsHeader.LengthBytes;
        var prefix = file.Memory(0, (int)Math.Min(Prefix, file.Length)).Span;
        var size = SafetensorsHeader.CheckLength(prefix, file.Path, file.Length);
        return SafetensorsHeaderParser.Parse(
            file.Memory(Prefix, size).Span, file.Path, file.Length - Prefix - size);
    }
}

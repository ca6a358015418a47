using System.IO.MemoryMappedFiles;
using Microsoft.Win32.SafeHandles;

namespace Colony.Storage;

/// <summary>
/// A safetensors file mapped into memory: opening reads the header alone, tensors come in by the pages that are
/// touched. The file must not be cut while it is open; files that are replaced by renaming, as the stores do, are
/// safe. May be read by several threads; memory taken from it ends with <see cref="Dispose"/>.
/// </summary>
public sealed class SafetensorsReader : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;
    private readonly Dictionary<string, MappedBytes> _tensors = new(StringComparer.Ordinal);

    private SafetensorsReader(
        string path, SafetensorsHeader header, MemoryMappedFile file, MemoryMappedViewAccessor view)
    {
        (Path, Header, _file, _view) = (path, header, file, view);
        foreach (var entry in header.Entries.Where(e => e.Bytes <= int.MaxValue))
        {
            _tensors.Add(
                entry.Name,
                new MappedBytes(view.SafeMemoryMappedViewHandle, header.DataOffset + entry.Begin, (int)entry.Bytes));
        }
    }

    /// <summary>The file.</summary>
    public string Path { get; }

    /// <summary>What is in it.</summary>
    public SafetensorsHeader Header { get; }

    /// <summary>Opens a file.</summary>
    /// <exception cref="SafetensorsException">The file breaks the format, or is cut.</exception>
    /// <exception cref="StorageException">The file cannot be read.</exception>
    public static SafetensorsReader Open(string path)
    {
        try
        {
            using var handle = File.OpenHandle(path);
            var length = RandomAccess.GetLength(handle);
            var header = ReadHeader(handle, path, length);
            var file = MemoryMappedFile.CreateFromFile(
                path, FileMode.Open, mapName: null, 0, MemoryMappedFileAccess.Read);
            try
            {
                return new SafetensorsReader(
                    path, header, file, file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read));
            }
            catch
            {
                file.Dispose();
                throw;
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new StorageException($"there is no file '{path}': check the path.", e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.Explain(e, "read", path);
        }
    }

    /// <summary>A tensor's bytes, in the mapped file: no copy. Valid until the reader is disposed.</summary>
    /// <exception cref="SafetensorsException">There is no such tensor, or it has more than 2 GiB.</exception>
    public ReadOnlyMemory<byte> Bytes(string name) => _tensors.TryGetValue(name, out var bytes)
        ? bytes.Memory
        : throw new StorageException(Header.TryGet(name, out var entry)
            ? $"tensor '{name}' in '{Path}' has {entry.Bytes} bytes, more than memory can be addressed by at once: "
              + "read it by pieces."
            : $"there is no tensor '{name}' in '{Path}', which has {Header.Entries.Count}: check the name.");

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

        _view.SafeMemoryMappedViewHandle.ReadSpan((ulong)(Header.DataOffset + entry.Begin + offset), destination);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }

    private static SafetensorsHeader ReadHeader(SafeFileHandle handle, string path, long length)
    {
        Span<byte> prefix = stackalloc byte[SafetensorsHeader.LengthBytes];
        var read = RandomAccess.Read(handle, prefix, 0);
        var size = SafetensorsHeader.CheckLength(prefix[..read], path, length);
        var json = new byte[size];
        for (var filled = 0; filled < size;)
        {
            var count = RandomAccess.Read(handle, json.AsSpan(filled), SafetensorsHeader.LengthBytes + filled);
            filled += count > 0 ? count : throw new SafetensorsException(path, "it was cut while it was read");
        }

        return SafetensorsHeaderParser.Parse(json, path, length - SafetensorsHeader.LengthBytes - size);
    }
}

using System.IO.MemoryMappedFiles;

namespace Colony.Storage;

/// <summary>A whole file mapped for reading; memory taken from it ends with it.</summary>
internal sealed class MappedFile : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    private MappedFile(string path, long length, MemoryMappedFile file, MemoryMappedViewAccessor view) =>
        (Path, Length, _file, _view) = (path, length, file, view);

    public string Path { get; }

    public long Length { get; }

    /// <exception cref="StorageException">The file is not there, empty, or cannot be read.</exception>
    public static MappedFile Open(string path)
    {
        try
        {
            var length = new FileInfo(path).Length;
            if (length == 0)
            {
                throw new StorageException($"'{path}' is empty: fetch it again.");
            }

            var file = MemoryMappedFile.CreateFromFile(
                path, FileMode.Open, mapName: null, 0, MemoryMappedFileAccess.Read);
            try
            {
                return new MappedFile(
                    path, length, file, file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read));
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

    /// <summary>A piece as memory, without a copy; the caller has checked that it is in the file.</summary>
    public ReadOnlyMemory<byte> Memory(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return length == 0
            ? ReadOnlyMemory<byte>.Empty
            : new MappedBytes(_view.SafeMemoryMappedViewHandle, offset, length).Memory;
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}

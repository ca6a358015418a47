using System.IO.MemoryMappedFiles;

namespace Colony.Storage;

/// <summary>
/// A whole file mapped for reading; memory taken from it ends with it. The file itself is closed again, because a
/// mapping outlives its descriptor and a data set may have more files than a process has descriptors. The file must not
/// be cut while it is mapped; one that is replaced by renaming or deleted stays as it was.
/// </summary>
internal sealed class MappedFile : IDisposable
{
    // Between two pieces somebody who wants to stop is heard.
    private const long FetchBytes = 4 << 20;

    private readonly MemoryMappedViewAccessor? _view;

    private MappedFile(string path, long length, MemoryMappedViewAccessor? view) =>
        (Path, Length, _view) = (path, length, view);

    public string Path { get; }

    /// <summary>Bytes of the file when it was opened; 0 for an empty one, which maps nothing.</summary>
    public long Length { get; }

    /// <exception cref="StorageException">The file is not there or cannot be read.</exception>
    public static MappedFile Open(string path)
    {
        try
        {
            using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0);
            return Map(stream, path);
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

    /// <summary>Maps a file that is open, and leaves it open.</summary>
    /// <exception cref="StorageException">It cannot be mapped.</exception>
    public static MappedFile Of(FileStream stream)
    {
        try
        {
            return Map(stream, stream.Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.Explain(e, "read", stream.Name);
        }
    }

    /// <summary>A piece as memory, without a copy; the caller has checked that it is in the file.</summary>
    public ReadOnlyMemory<byte> Memory(long offset, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        return length == 0
            ? ReadOnlyMemory<byte>.Empty
            : new MappedBytes(_view!.SafeMemoryMappedViewHandle, offset, length).Memory;
    }

    /// <summary>Copies a piece; the caller has checked that it is in the file.</summary>
    public void Read(long offset, Span<byte> destination)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - destination.Length);
        if (destination.Length > 0)
        {
            _view!.SafeMemoryMappedViewHandle.ReadSpan((ulong)offset, destination);
        }
    }

    /// <summary>Tells the system that a piece will be read next, so that it comes from the disk at once and not page
    /// by page; returns at once, promises nothing.</summary>
    public void Expect(long offset, long length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(offset);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(offset, Length - length);
        if (length > 0 && OperatingSystem.IsLinux())
        {
            PageAdvice.WillNeed(_view!.SafeMemoryMappedViewHandle, offset, length);
        }
    }

    /// <summary>Brings the whole file from the disk into memory, from front to back, and waits for it; promises
    /// nothing. The token ends it early without an exception.</summary>
    public void Fetch(CancellationToken cancellationToken)
    {
        Expect(0, Length);
        for (var at = 0L; OperatingSystem.IsLinux() && at < Length; at += FetchBytes)
        {
            if (cancellationToken.IsCancellationRequested)
            {
                return;
            }

            PageAdvice.Populate(_view!.SafeMemoryMappedViewHandle, at, Math.Min(FetchBytes, Length - at));
        }
    }

    public void Dispose() => _view?.Dispose();

    private static MappedFile Map(FileStream stream, string path)
    {
        var length = stream.Length;
        if (length == 0)
        {
            return new MappedFile(path, 0, null);
        }

        using var file = MemoryMappedFile.CreateFromFile(
            stream, mapName: null, 0, MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: true);
        return new MappedFile(path, length, file.CreateViewAccessor(0, length, MemoryMappedFileAccess.Read));
    }
}

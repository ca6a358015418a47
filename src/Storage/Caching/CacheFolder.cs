using System.Globalization;

namespace Colony.Storage;

/// <summary>
/// The files of a cache and the room in it. The folder is the only state, so that processes can share it: names are
/// digests, times of writing are times of last use, locks on the files say who is in use, and a lock file makes
/// counting and reserving one act. All locks are advisory and end with their process.
/// </summary>
internal sealed class CacheFolder(string folder, long maxBytes, TimeProvider time)
{
    private const string LockName = ".lock";
    private const string TemporaryPrefix = ".tmp-";
    private const int LinuxWouldBlock = 11;
    private const int MacWouldBlock = 35;
    private const int SharingViolation = unchecked((int)0x80070020);

    public string Folder => folder;

    public string PathOf(string sha256) => System.IO.Path.Combine(folder, sha256);

    /// <summary>Makes the folder, or says why not.</summary>
    public void Create()
    {
        try
        {
            Directory.CreateDirectory(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.Explain(e, "make the cache folder", folder);
        }
    }

    /// <summary>Opens an object and keeps it from eviction; null when it is not there, or just going.</summary>
    public FileStream? Hold(string sha256)
    {
        FileStream? held = null;
        try
        {
            // FileShare.Read takes a shared lock; what is written or evicted at this moment is locked exclusively.
            held = new FileStream(
                PathOf(sha256), FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete, bufferSize: 0);
            File.SetLastWriteTimeUtc(held.SafeFileHandle, time.GetUtcNow().UtcDateTime);
            return held;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            held?.Dispose();
            return e is UnauthorizedAccessException ? throw FileErrors.Explain(e, "read", PathOf(sha256)) : null;
        }
    }

    /// <summary>
    /// Makes room by evicting what was used longest ago and takes it by a temporary file of the full length, locked by
    /// this process. Null when there is no room now: the rest is in use, or another process is reserving.
    /// </summary>
    public FileStream? Reserve(long bytes)
    {
        try
        {
            using var alone = Alone(System.IO.Path.Combine(folder, LockName), FileMode.OpenOrCreate);
            return alone is null ? null : ReserveAlone(bytes);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.Explain(e, "write", folder);
        }
    }

    /// <summary>
    /// Gives a reserved file its name. It is seen from here on. What another process brought meanwhile is not replaced:
    /// somebody may hold it, and who holds a file must be who keeps its name from eviction.
    /// </summary>
    public void Keep(FileStream reserved, string sha256)
    {
        try
        {
            reserved.Flush(flushToDisk: true);
            File.SetLastWriteTimeUtc(reserved.SafeFileHandle, time.GetUtcNow().UtcDateTime);
            File.Move(reserved.Name, PathOf(sha256), overwrite: false);
        }
        catch (IOException) when (File.Exists(PathOf(sha256)))
        {
            Drop(reserved.Name);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.Explain(e, "write", PathOf(sha256));
        }
    }

    /// <summary>Removes a file that was found to be damaged, or is not wanted after all.</summary>
    public static void Drop(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It stays until it is evicted; what led here is what the user has to hear of.
        }
    }

    private FileStream? ReserveAlone(long bytes)
    {
        var files = new List<FileInfo>();
        foreach (var file in new DirectoryInfo(folder).EnumerateFiles())
        {
            var abandoned = file.Name.StartsWith(TemporaryPrefix, StringComparison.Ordinal) && TryEvict(file);
            if (!abandoned && file.Exists && file.Name != LockName)
            {
                files.Add(file);
            }
        }

        var used = files.Sum(f => f.Length);
        foreach (var file in files
            .Where(f => ObjectDigest.IsSha256(f.Name)).OrderBy(f => f.LastWriteTimeUtc).ThenBy(
                f => f.Name, StringComparer.Ordinal))
        {
            if (used + bytes <= maxBytes)
            {
                break;
            }

            used -= TryEvict(file) ? file.Length : 0;
        }

        return used + bytes <= maxBytes ? MakeTemporary(bytes) : null;
    }

    private FileStream MakeTemporary(long bytes)
    {
        var name = string.Create(CultureInfo.InvariantCulture, $"{TemporaryPrefix}{Guid.NewGuid():N}");
        var file = new FileStream(
            System.IO.Path.Combine(folder, name), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None,
            bufferSize: 0, FileOptions.Asynchronous);
        try
        {
            file.SetLength(bytes);
            return file;
        }
        catch
        {
            file.Dispose();
            Drop(file.Name);
            throw;
        }
    }

    /// <summary>Deletes a file that nobody holds.</summary>
    private static bool TryEvict(FileInfo file)
    {
        using var alone = Alone(file.FullName, FileMode.Open);
        if (alone is null)
        {
            return false;
        }

        File.Delete(file.FullName);
        return true;
    }

    private static FileStream? Alone(string path, FileMode mode)
    {
        try
        {
            return new FileStream(path, mode, FileAccess.ReadWrite, FileShare.None, bufferSize: 0);
        }
        catch (IOException e) when (e is FileNotFoundException || IsHeld(e))
        {
            return null;
        }
    }

    // flock(2) on Unix, whose errno .NET passes on; a sharing violation on Windows.
    private static bool IsHeld(IOException e) =>
        e.HResult is (LinuxWouldBlock or MacWouldBlock or SharingViolation);
}

using System.Runtime.CompilerServices;

namespace Colony.Storage;

/// <summary>
/// A store in a directory. A put writes a temporary file beside its target, makes it durable, renames it over the
/// target and makes the directory durable: after a power cut there is the old object or the new one.
/// </summary>
internal sealed class DirectoryStore : IObjectStore
{
    private const int BufferBytes = 1 << 20;

    /// <summary>
    /// A put may find its folder gone because a delete just emptied it; it makes the folder again this often.
    /// </summary>
    private const int MaxFolderAttempts = 16;

    private readonly string _root;

    public DirectoryStore(string root)
    {
        ArgumentException.ThrowIfNullOrEmpty(root);
        _root = Path.GetFullPath(root);
    }

    public string Location => _root;

    public async Task PutAsync(string key, Func<Stream, CancellationToken, Task> write, CancellationToken ct)
    {
        var target = PathOf(key);
        var folder = Path.GetDirectoryName(target)!;
        var temporary = Path.Combine(folder, ObjectKey.TemporaryPrefix + Guid.NewGuid().ToString("N"));
        try
        {
            await WriteTemporaryAsync(folder, temporary, write, ct).ConfigureAwait(false);
            if (Directory.Exists(target))
            {
                throw new StorageException(
                    $"cannot write '{target}': it is a folder; move it away or choose another directory.");
            }

            File.Move(temporary, target, overwrite: true);
            DurableFolder.Flush(folder);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.Explain(e, "write", target);
        }
        finally
        {
            DeleteQuietly(temporary);
        }
    }

    public Task<Stream> OpenReadAsync(string key, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var path = PathOf(key);
        try
        {
            return Task.FromResult<Stream>(new FileStream(path, new FileStreamOptions
            {
                Mode = FileMode.Open,
                Access = FileAccess.Read,
                Share = FileShare.ReadWrite | FileShare.Delete,
                Options = FileOptions.Asynchronous | FileOptions.SequentialScan,
                BufferSize = 0,
            }));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            throw new ObjectNotFoundException(key, Location, e);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.Explain(e, "read", path);
        }
    }

    public Task<StoredObject?> FindAsync(string key, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        var file = new FileInfo(PathOf(key));
        return Task.FromResult(file.Exists ? new StoredObject(key, file.Length) : null);
    }

    public async IAsyncEnumerable<StoredObject> ListAsync(
        string prefix, [EnumeratorCancellation] CancellationToken ct)
    {
        foreach (var found in Files(prefix, temporary: false, ct))
        {
            ct.ThrowIfCancellationRequested();
            yield return found;
        }

        await Task.CompletedTask.ConfigureAwait(false);
    }

    public Task DeleteAsync(string key, CancellationToken ct)
    {
        ct.ThrowIfCancellationRequested();
        Delete(PathOf(key));
        return Task.CompletedTask;
    }

    public Task DeleteLeftoversAsync(string prefix, CancellationToken ct)
    {
        foreach (var leftover in Files(prefix, temporary: true, ct))
        {
            Delete(Path.Combine(_root, leftover.Key));
        }

        return Task.CompletedTask;
    }

    public void Dispose()
    {
        // Holds nothing between calls.
    }

    private static async Task WriteTemporaryAsync(
        string folder, string temporary, Func<Stream, CancellationToken, Task> write, CancellationToken ct)
    {
        var file = OpenTemporary(folder, temporary);
        await using (file.ConfigureAwait(false))
        {
            await write(file, ct).ConfigureAwait(false);
            ct.ThrowIfCancellationRequested();
            file.Flush(flushToDisk: true);
        }
    }

    private static FileStream OpenTemporary(string folder, string temporary)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                DurableFolder.Create(folder);
                const FileOptions Options = FileOptions.Asynchronous;
                return new FileStream(
                    temporary, FileMode.CreateNew, FileAccess.Write, FileShare.None, BufferBytes, Options);
            }
            catch (Exception e) when (attempt < MaxFolderAttempts && IsFolderRace(e, folder))
            {
                // Another thread has made the folder, or removed the one it emptied, between two of these lines.
            }
        }
    }

    // Making a folder that appears and goes again at that moment fails with "already exists".
    private static bool IsFolderRace(Exception e, string folder) =>
        e is FileNotFoundException or DirectoryNotFoundException || (e is IOException && !File.Exists(folder));

    private static void DeleteQuietly(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // The put's own failure is what the user has to hear of; the leftover is invisible and swept later.
        }
    }

    private string PathOf(string key) => Path.Combine(_root, ObjectKey.Check(key));

    private void Delete(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (DirectoryNotFoundException)
        {
            return;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.Explain(e, "delete", path);
        }

        RemoveEmptyFolders(Path.GetDirectoryName(path)!);
    }

    /// <summary>A store has no folders, only keys: a folder goes with its last object.</summary>
    private void RemoveEmptyFolders(string folder)
    {
        while (folder.Length > _root.Length)
        {
            try
            {
                Directory.Delete(folder, recursive: false);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                return; // not empty, or gone already
            }

            folder = Path.GetDirectoryName(folder)!;
        }
    }

    private List<StoredObject> Files(string prefix, bool temporary, CancellationToken ct)
    {
        ObjectKey.CheckPrefix(prefix);
        var start = Path.Combine(_root, prefix[..(prefix.LastIndexOf('/') + 1)]);
        var found = new List<StoredObject>();
        if (!Directory.Exists(start))
        {
            return found;
        }

        try
        {
            foreach (var file in new DirectoryInfo(start).EnumerateFiles("*", Everything))
            {
                ct.ThrowIfCancellationRequested();
                var key = Path.GetRelativePath(_root, file.FullName).Replace('\\', '/');
                var isTemporary = file.Name.StartsWith(ObjectKey.TemporaryPrefix, StringComparison.Ordinal);
                if (isTemporary == temporary && key.StartsWith(prefix, StringComparison.Ordinal) && file.Exists)
                {
                    found.Add(new StoredObject(key, file.Length));
                }
            }
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return found; // deleted while we looked: a listing is of what stays
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.Explain(e, "list", start);
        }

        return found;
    }

    private static EnumerationOptions Everything { get; } = new()
    {
        RecurseSubdirectories = true,
        IgnoreInaccessible = false,
        AttributesToSkip = FileAttributes.None,
        ReturnSpecialDirectories = false,
    };
}

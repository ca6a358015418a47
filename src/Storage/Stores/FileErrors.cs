namespace Colony.Storage;

/// <summary>Turns a file system's exception into one line with a cure.</summary>
internal static class FileErrors
{
    // On Unix an IOException's HResult is the errno.
    private const int NoSpace = 28; // ENOSPC
    private const int ReadOnlyFileSystem = 30; // EROFS
    private const int QuotaExceeded = 122; // EDQUOT
    private const int InputOutput = 5; // EIO
    private const int TimedOut = 110; // ETIMEDOUT, of a network's file system
    private const int Stale = 116; // ESTALE, likewise

    public static StorageException Explain(Exception e, string verb, string path) => new(
        $"cannot {verb} '{path}': {Reason(e, verb, path)}", e)
    {
        MayPass = e is IOException { HResult: InputOutput or TimedOut or Stale },
    };

    private static string Reason(Exception e, string verb, string path) => e switch
    {
        UnauthorizedAccessException when Directory.Exists(path) => "it is a folder; move it away.",
        _ when IsReadOnly(e) => "the file system is read-only; choose another directory.",
        UnauthorizedAccessException => "permission denied; give this user the right to "
            + $"{verb} there (ls -ld '{Path.GetDirectoryName(path)}'), or choose another directory.",
        { HResult: NoSpace } => "the disk is full; free space, or choose another directory.",
        { HResult: QuotaExceeded } => "the disk quota is used up; free space, or choose another directory.",
        IOException when Existing(path) is { } file => $"'{file}' is a file, not a folder; choose another directory.",
        _ => OneLine(e.Message) + "; check the path and the disk.",
    };

    private static bool IsReadOnly(Exception e) =>
        e.HResult == ReadOnlyFileSystem || e.InnerException?.HResult == ReadOnlyFileSystem;

    /// <summary>The nearest parent that is a file where a folder is needed, or null.</summary>
    private static string? Existing(string path)
    {
        for (var parent = Path.GetDirectoryName(path); parent is not null; parent = Path.GetDirectoryName(parent))
        {
            if (File.Exists(parent))
            {
                return parent;
            }
        }

        return null;
    }

    internal static string OneLine(string text) => text.ReplaceLineEndings(" ").TrimEnd(' ', '.');
}

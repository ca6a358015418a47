namespace Colony.Storage;

/// <summary>
/// An expected failure of storage. The message is one line for the user: what failed, where, and what to do.
/// </summary>
public class StorageException : Exception
{
    /// <summary>A failure told in one line.</summary>
    public StorageException(string message)
        : base(message)
    {
    }

    /// <summary>A failure told in one line, and what caused it.</summary>
    public StorageException(string message, Exception? cause)
        : base(message, cause)
    {
    }

    /// <summary>
    /// Whether the same may succeed a little later, with nothing changed: a server or a disk that is away, busy or
    /// silent, but not a name, a key or a permission that is wrong.
    /// </summary>
    public bool MayPass { get; init; }

    /// <summary>Whether a failure is, or was caused by, one of storage that <see cref="MayPass"/>.</summary>
    public static bool MayPassIn(Exception? failure)
    {
        while (failure is not null and not StorageException)
        {
            failure = failure.InnerException;
        }

        return failure is StorageException { MayPass: true };
    }
}

/// <summary>An object that was asked for by key is not in the store.</summary>
public sealed class ObjectNotFoundException : StorageException
{
    /// <summary>Names the key and the store.</summary>
    public ObjectNotFoundException(string key, string location, Exception? cause = null)
        : base($"there is no '{key}' in {location}: check the path, or whether it has been deleted.", cause) =>
        Key = key;

    /// <summary>The key that was asked for.</summary>
    public string Key { get; }
}

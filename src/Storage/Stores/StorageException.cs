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

namespace Colony.Storage;

/// <summary>
/// A checkpoint cannot be committed, or is not whole. One line: which file, what is wrong, what to do.
/// </summary>
public sealed class CheckpointException : StorageException
{
    /// <summary>A failure told in one line.</summary>
    public CheckpointException(string message, Exception? cause = null)
        : base(message, cause)
    {
    }

    internal static CheckpointException Hash(IObjectStore store, string key, string expected, string found) => new(
        $"'{key}' in {store.Location} is damaged: its SHA-256 should be {expected} and is {found}; resume from an "
        + "older checkpoint, or copy the file again from where it was written.");

    internal static CheckpointException Size(IObjectStore store, string key, long expected, long? found) => new(
        found is { } bytes
            ? $"'{key}' in {store.Location} has {bytes} bytes instead of {expected}: it was cut or replaced; resume "
              + "from an older checkpoint, or write it again."
            : $"'{key}' of {expected} bytes is not in {store.Location}: resume from an older checkpoint, or write it "
              + "again.");
}

namespace Colony.Storage;

/// <summary>
/// A flat map from keys to immutable byte strings: a directory or a bucket. A key is segments joined by '/'
/// (see <see cref="ObjectKey"/>). A put is atomic: a reader sees the old object, or the whole new one, never a part.
/// Expected failures are <see cref="StorageException"/>s with one line for the user. Safe for use by several threads.
/// </summary>
public interface IObjectStore : IDisposable
{
    /// <summary>
    /// Where the store is, in the user's words, for messages: a directory or <c>s3://bucket/prefix</c>.
    /// </summary>
    string Location { get; }

    /// <summary>
    /// Stores what <paramref name="write"/> writes. The object appears when the write has returned and the bytes are
    /// durable; when it throws or is cancelled, nothing appears and an older object under the key stays.
    /// </summary>
    /// <param name="key">The object's key.</param>
    /// <param name="write">Writes the content, front to back, into the stream it is given.</param>
    /// <param name="ct">Abandons the put.</param>
    Task PutAsync(string key, Func<Stream, CancellationToken, Task> write, CancellationToken ct);

    /// <summary>Opens an object for reading from its first byte. The caller disposes the stream.</summary>
    /// <exception cref="ObjectNotFoundException">There is no such object.</exception>
    Task<Stream> OpenReadAsync(string key, CancellationToken ct);

    /// <summary>The object's key and size, or null when there is none.</summary>
    Task<StoredObject?> FindAsync(string key, CancellationToken ct);

    /// <summary>
    /// All objects whose key begins with <paramref name="prefix"/> (any text; empty for all), in no certain order.
    /// </summary>
    IAsyncEnumerable<StoredObject> ListAsync(string prefix, CancellationToken ct);

    /// <summary>Deletes an object; deleting what is not there succeeds.</summary>
    Task DeleteAsync(string key, CancellationToken ct);

    /// <summary>
    /// Removes what interrupted puts left under a prefix that ends with '/' (temporary files, unfinished multipart
    /// uploads). Only to be called when nobody is writing there.
    /// </summary>
    Task DeleteLeftoversAsync(string prefix, CancellationToken ct);
}

/// <summary>An object in a store.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Bytes">Its size in bytes.</param>
public sealed record StoredObject(string Key, long Bytes);

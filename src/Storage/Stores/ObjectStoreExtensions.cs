namespace Colony.Storage;

/// <summary>What every store can do by way of <see cref="IObjectStore"/>'s few operations.</summary>
public static class ObjectStoreExtensions
{
    /// <summary>Stores the bytes given.</summary>
    public static Task PutAsync(
        this IObjectStore store, string key, ReadOnlyMemory<byte> content, CancellationToken ct) =>
        store.PutAsync(key, (stream, token) => stream.WriteAsync(content, token).AsTask(), ct);

    /// <summary>Stores what can be read from a stream, from where it stands to its end.</summary>
    public static Task PutAsync(this IObjectStore store, string key, Stream content, CancellationToken ct) =>
        store.PutAsync(key, (stream, token) => content.CopyToAsync(stream, token), ct);

    /// <summary>Whether there is such an object.</summary>
    public static async Task<bool> ExistsAsync(this IObjectStore store, string key, CancellationToken ct) =>
        await store.FindAsync(key, ct).ConfigureAwait(false) is not null;

    /// <summary>The whole of a small object.</summary>
    /// <param name="store">The store.</param>
    /// <param name="key">The object's key.</param>
    /// <param name="maximum">The most bytes to take; a longer object is refused.</param>
    /// <param name="ct">Abandons the read.</param>
    /// <exception cref="StorageException">The object is missing, or longer than <paramref name="maximum"/>.</exception>
    public static async Task<byte[]> ReadAllAsync(
        this IObjectStore store, string key, int maximum, CancellationToken ct)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(maximum);
        var stream = await store.OpenReadAsync(key, ct).ConfigureAwait(false);
        await using (stream.ConfigureAwait(false))
        {
            // Grows with what arrives, so that a store's claim of a size costs nothing.
            using var content = new MemoryStream();
            var buffer = new byte[16 * 1024];
            int read;
            while ((read = await stream.ReadAsync(buffer, ct).ConfigureAwait(false)) > 0)
            {
                if (content.Length + read > maximum)
                {
                    throw new StorageException(
                        $"'{key}' in {store.Location} is longer than the {maximum} bytes such an object may have: "
                        + "it is not what its name says; move it away.");
                }

                content.Write(buffer, 0, read);
            }

            return content.ToArray();
        }
    }
}

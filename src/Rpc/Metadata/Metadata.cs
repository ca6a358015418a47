using System.Collections;

namespace Colony.Rpc;

/// <summary>
/// Pairs that travel before the first message (headers) or after the last one (trailers). Keys may repeat and keep
/// their order. Not safe for concurrent writing.
/// </summary>
public sealed class Metadata : IEnumerable<MetadataEntry>
{
    internal const string BinarySuffix = "-bin";
    private readonly List<MetadataEntry> _entries = [];

    /// <summary>How many pairs there are.</summary>
    public int Count => _entries.Count;

    /// <summary>Adds a text pair.</summary>
    /// <param name="key">Letters, digits, <c>_ . -</c>; stored in lower case; not ending in <c>-bin</c>, not beginning
    /// with <c>grpc-</c>.</param>
    /// <param name="value">Printable ASCII.</param>
    /// <exception cref="ArgumentException">Key or value break these rules.</exception>
    public void Add(string key, string value)
    {
        ArgumentNullException.ThrowIfNull(value);
        key = MetadataCodec.CheckKey(key);
        if (key.EndsWith(BinarySuffix, StringComparison.Ordinal))
        {
            throw new ArgumentException($"The metadata key '{key}' ends in -bin, so its value must be bytes.");
        }

        if (value.AsSpan().ContainsAnyExceptInRange(' ', '~'))
        {
            throw new ArgumentException($"The value of the metadata key '{key}' is not printable ASCII.");
        }

        _entries.Add(new MetadataEntry(key, value, default));
    }

    /// <summary>Adds a binary pair. The bytes are not copied until they are sent.</summary>
    /// <param name="key">As for text, but ending in <c>-bin</c>.</param>
    /// <param name="value">Any bytes.</param>
    /// <exception cref="ArgumentException">The key breaks the rules.</exception>
    public void Add(string key, ReadOnlyMemory<byte> value)
    {
        key = MetadataCodec.CheckKey(key);
        if (!key.EndsWith(BinarySuffix, StringComparison.Ordinal))
        {
            throw new ArgumentException($"The metadata key '{key}' has bytes as its value, so it must end in -bin.");
        }

        _entries.Add(new MetadataEntry(key, null, value));
    }

    /// <summary>The last text value of a key, or null.</summary>
    public string? GetText(string key) => Last(key) is { IsBinary: false } entry ? entry.Text : null;

    /// <summary>The last binary value of a key, or null.</summary>
    public ReadOnlyMemory<byte>? GetBytes(string key) => Last(key) is { IsBinary: true } entry ? entry.Bytes : null;

    /// <inheritdoc/>
    public IEnumerator<MetadataEntry> GetEnumerator() => _entries.GetEnumerator();

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>Adds what a peer sent, which need not obey our rules for keys.</summary>
    internal void AddReceived(MetadataEntry entry) => _entries.Add(entry);

    private MetadataEntry? Last(string key)
    {
        for (var i = _entries.Count - 1; i >= 0; i--)
        {
            if (string.Equals(_entries[i].Key, key, StringComparison.OrdinalIgnoreCase))
            {
                return _entries[i];
            }
        }

        return null;
    }
}

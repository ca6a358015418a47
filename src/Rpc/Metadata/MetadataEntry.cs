namespace Colony.Rpc;

/// <summary>One pair of metadata: text, or bytes when the key ends in <c>-bin</c>.</summary>
public readonly record struct MetadataEntry
{
    internal MetadataEntry(string key, string? text, ReadOnlyMemory<byte> bytes)
    {
        Key = key;
        Text = text;
        Bytes = bytes;
    }

    /// <summary>The key, in lower case.</summary>
    public string Key { get; }

    /// <summary>The value of a text entry, else null.</summary>
    public string? Text { get; }

    /// <summary>The value of a binary entry, else empty.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>Whether the value is bytes.</summary>
    public bool IsBinary => Text is null;
}

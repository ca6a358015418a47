using System.Buffers;
using System.Buffers.Text;

namespace Colony.Rpc;

/// <summary>Metadata to and from HTTP header fields: text as it is, bytes in base64.</summary>
internal static class MetadataCodec
{
    private static readonly SearchValues<char> KeyCharacters =
        SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_.-");

    /// <summary>Fields of the protocol and of HTTP, which are not metadata of the application.</summary>
    private static readonly HashSet<string> Reserved = new(StringComparer.OrdinalIgnoreCase)
    {
        "content-type", "content-length", "te", "host", "trailer", "date", "server", "transfer-encoding", "connection",
    };

    /// <summary>The key in lower case, if an application may send it.</summary>
    public static string CheckKey(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        var lower = key.ToLowerInvariant();
        if (lower.Length == 0 || lower.AsSpan().ContainsAnyExcept(KeyCharacters))
        {
            throw new ArgumentException($"The metadata key '{key}' has other characters than letters, digits, _ . -");
        }

        if (lower.StartsWith("grpc-", StringComparison.Ordinal) || Reserved.Contains(lower))
        {
            throw new ArgumentException($"The metadata key '{key}' is reserved.");
        }

        return lower;
    }

    /// <summary>The value as it travels. Unpadded base64, as the protocol prefers.</summary>
    public static string Encode(in MetadataEntry entry) =>
        entry.Text ?? Convert.ToBase64String(entry.Bytes.Span).TrimEnd('=');

    /// <summary>
    /// Adds the application's metadata out of one received field. A field of several binary values is split at its
    /// commas; a value that is not base64 is dropped, because a peer's mistake there must not end the call.
    /// </summary>
    public static void Decode(string key, string? value, Metadata into)
    {
        if (value is null || key.Length == 0 || key[0] == ':' || Reserved.Contains(key)
            || key.StartsWith("grpc-", StringComparison.OrdinalIgnoreCase))
        {
            return;
        }

        var lower = key.ToLowerInvariant();
        if (!lower.EndsWith(Metadata.BinarySuffix, StringComparison.Ordinal))
        {
            into.AddReceived(new MetadataEntry(lower, value, default));
            return;
        }

        foreach (var part in value.Split(',', StringSplitOptions.TrimEntries))
        {
            if (TryDecodeBase64(part, out var bytes))
            {
                into.AddReceived(new MetadataEntry(lower, null, bytes));
            }
        }
    }

    /// <summary>Base64 with or without padding.</summary>
    public static bool TryDecodeBase64(string text, out byte[] bytes)
    {
        bytes = [];
        var remainder = text.Length % 4;
        var padded = remainder == 0 ? text : text + new string('=', 4 - remainder);
        if (remainder == 1 || !Base64.IsValid(padded.AsSpan(), out var length))
        {
            return false;
        }

        bytes = new byte[length];
        return Convert.TryFromBase64String(padded, bytes, out var written) && written == length;
    }
}

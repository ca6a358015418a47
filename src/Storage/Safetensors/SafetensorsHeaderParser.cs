using System.Text.Json;

namespace Colony.Storage;

/// <summary>
/// Reads a header's JSON, taking nothing on its word: names once, known types, shapes whose product fits, offsets that
/// follow one another from 0 to the end of the file.
/// </summary>
internal static class SafetensorsHeaderParser
{
    private const string MetadataName = "__metadata__";
    private const int MaxDimensions = 64;
    private static readonly JsonReaderOptions Strict = new() { MaxDepth = 4 };

    /// <param name="json">The header's bytes.</param>
    /// <param name="source">What to call the file in messages.</param>
    /// <param name="dataBytes">Bytes after the header, or null where nobody knows yet.</param>
    public static SafetensorsHeader Parse(ReadOnlySpan<byte> json, string source, long? dataBytes)
    {
        if (json.Length == 0 || json[0] != (byte)'{')
        {
            throw new SafetensorsException(source, "its header does not begin with '{'");
        }

        try
        {
            var reader = new Utf8JsonReader(json, Strict);
            return Parse(ref reader, source, dataBytes, json.Length);
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException or FormatException)
        {
            // InvalidOperationException: a string that is not UTF-8, or a value of another kind than asked for.
            throw new SafetensorsException(source, $"its header is not well-formed "
                + $"({FileErrors.OneLine(e.Message)})", e);
        }
    }

    private static SafetensorsHeader Parse(ref Utf8JsonReader reader, string source, long? dataBytes, int headerBytes)
    {
        var entries = new Dictionary<string, SafetensorsEntry>(StringComparer.Ordinal);
        Dictionary<string, string>? metadata = null;
        reader.Read();
        while (NextProperty(ref reader, out var name))
        {
            if (name == MetadataName)
            {
                metadata = metadata is null
                    ? ReadMetadata(ref reader, source)
                    : throw new SafetensorsException(source, $"its header has {MetadataName} twice");
            }
            else if (!entries.TryAdd(name, ReadEntry(ref reader, name, source)))
            {
                throw new SafetensorsException(source, $"its header has the tensor '{Shown(name)}' twice");
            }
        }

        // The format pads with spaces; anything else after the object is an error the reader finds here.
        if (reader.Read())
        {
            throw new SafetensorsException(source, "its header goes on after its end");
        }

        var ordered = entries.Values.OrderBy(e => e.Begin).ThenBy(e => e.End).ToArray();
        CheckOffsets(ordered, source, dataBytes);
        return new SafetensorsHeader(
            ordered, metadata ?? [], SafetensorsHeader.LengthBytes + (long)headerBytes);
    }

    private static SafetensorsEntry ReadEntry(ref Utf8JsonReader reader, string name, string source)
    {
        string? type = null;
        long[]? shape = null, offsets = null;
        Expect(ref reader, JsonTokenType.StartObject, source, name);
        while (NextProperty(ref reader, out var property))
        {
            var twice = property switch
            {
                "dtype" => type is not null,
                "shape" => shape is not null,
                "data_offsets" => offsets is not null,
                _ => throw new SafetensorsException(source, $"tensor '{Shown(name)}' has an unknown field "
                    + $"'{Shown(property)}'"),
            };
            if (twice)
            {
                throw new SafetensorsException(source, $"tensor '{Shown(name)}' has '{property}' twice");
            }

            reader.Read();
            switch (property)
            {
                case "dtype":
                    type = reader.GetString();
                    break;
                case "shape":
                    shape = ReadSizes(ref reader, name, source);
                    break;
                default:
                    offsets = ReadSizes(ref reader, name, source);
                    break;
            }
        }

        return Check(name, type, shape, offsets, source);
    }

    private static SafetensorsEntry Check(string name, string? type, long[]? shape, long[]? offsets, string source)
    {
        if (!SafetensorsTypes.TryParse(type, out var known))
        {
            throw new SafetensorsException(source, $"tensor '{Shown(name)}' has the type '{Shown(type ?? "")}', "
                + "which Colony does not read");
        }

        if (shape is null || offsets is not [var begin, var end] || begin > end)
        {
            throw new SafetensorsException(source, $"tensor '{Shown(name)}' lacks a shape or two growing offsets");
        }

        return ByteCount(known, shape) == end - begin
            ? new SafetensorsEntry(name, known, shape, begin, end)
            : throw new SafetensorsException(
                source, $"tensor '{Shown(name)}' of {known} [{string.Join(", ", shape)}] does not fit its "
                    + $"{end - begin} bytes");
    }

    /// <summary>Bytes of a tensor; -1 when that is more than 63 bits.</summary>
    internal static long ByteCount(SafetensorsType type, IReadOnlyList<long> shape)
    {
        // A zero anywhere makes the tensor empty, whatever the others multiply to.
        if (shape.Contains(0))
        {
            return 0;
        }

        Int128 bytes = type.Size();
        foreach (var size in shape)
        {
            bytes *= size;
            if (bytes > long.MaxValue)
            {
                return -1;
            }
        }

        return (long)bytes;
    }

    private static long[] ReadSizes(ref Utf8JsonReader reader, string name, string source)
    {
        var sizes = new List<long>();
        if (reader.TokenType != JsonTokenType.StartArray)
        {
            throw new SafetensorsException(source, $"tensor '{Shown(name)}' has sizes that are not a list");
        }

        while (reader.Read() && reader.TokenType != JsonTokenType.EndArray)
        {
            if (reader.TokenType != JsonTokenType.Number || !reader.TryGetInt64(out var size) || size < 0
                || sizes.Count == MaxDimensions)
            {
                throw new SafetensorsException(
                    source, $"tensor '{Shown(name)}' has a size that is not a whole number from 0, or more than "
                        + $"{MaxDimensions}");
            }

            sizes.Add(size);
        }

        return [.. sizes];
    }

    private static Dictionary<string, string> ReadMetadata(ref Utf8JsonReader reader, string source)
    {
        var metadata = new Dictionary<string, string>(StringComparer.Ordinal);
        Expect(ref reader, JsonTokenType.StartObject, source, MetadataName);
        while (NextProperty(ref reader, out var name))
        {
            Expect(ref reader, JsonTokenType.String, source, MetadataName);
            if (!metadata.TryAdd(name, reader.GetString()!))
            {
                throw new SafetensorsException(source, $"its metadata has '{Shown(name)}' twice");
            }
        }

        return metadata;
    }

    private static void CheckOffsets(SafetensorsEntry[] ordered, string source, long? dataBytes)
    {
        var expected = 0L;
        foreach (var entry in ordered)
        {
            if (entry.Begin != expected)
            {
                var what = entry.Begin < expected ? "overlaps the one before it" : "leaves a gap before it";
                throw new SafetensorsException(source, $"tensor '{Shown(entry.Name)}' {what} at byte {entry.Begin}");
            }

            expected = entry.End;
        }

        if (dataBytes is { } bytes && bytes != expected)
        {
            throw new SafetensorsException(source, $"its tensors have {expected} bytes but {bytes} follow the header");
        }
    }

    private static bool NextProperty(ref Utf8JsonReader reader, out string name)
    {
        reader.Read();
        var found = reader.TokenType == JsonTokenType.PropertyName;
        name = found ? reader.GetString()! : "";
        return found;
    }

    private static void Expect(ref Utf8JsonReader reader, JsonTokenType kind, string source, string name)
    {
        if (!reader.Read() || reader.TokenType != kind)
        {
            throw new SafetensorsException(source, $"'{Shown(name)}' in its header is not a {kind}");
        }
    }

    /// <summary>A name from the file, short enough for a line.</summary>
    private static string Shown(string name) =>
        new([.. name.Take(80).Select(c => char.IsControl(c) ? '?' : c)]);
}

using System.Text.Json;

namespace Colony.Data;

/// <summary>Reads fields of JSON that somebody else wrote; what is missing or of another kind is named with its
/// place.</summary>
internal static class JsonFields
{
    public static long Whole(JsonElement entry, string name, string place)
        => entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetInt64(out var number)
            ? number
            : throw DataException.In(place, $"'{name}' is missing or no whole number");

    /// <summary>A text with something in it, without white space around it.</summary>
    public static string Text(JsonElement entry, string name, string place)
        => entry.TryGetProperty(name, out var value) && TextOf(value) is { } text
            ? text
            : throw DataException.In(place, $"'{name}' is missing or no text");

    /// <summary>The text of a value, or null where it is none or has nothing in it.</summary>
    public static string? TextOf(JsonElement value)
    {
        if (value.ValueKind != JsonValueKind.String)
        {
            return null;
        }

        try
        {
            return value.GetString() is { } text && !string.IsNullOrWhiteSpace(text) ? text.Trim() : null;
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair, or bytes that are not UTF-8.
            return null;
        }
    }

    /// <summary>A width or height in pixels; 0 where it is not given.</summary>
    public static float Size(JsonElement entry, string name)
        => entry.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number
            && value.TryGetSingle(out var size)
            ? size
            : 0;

    /// <summary>The objects of a list, each with its place.</summary>
    /// <param name="parent">An object, or whatever else a file has in its place.</param>
    /// <param name="name">The list's name.</param>
    /// <param name="place">The parent's place.</param>
    /// <param name="meaning">What the file should be, for the error.</param>
    public static IEnumerable<(JsonElement Entry, string Place)> Objects(
        JsonElement parent, string name, string place, string meaning)
    {
        if (parent.ValueKind != JsonValueKind.Object
            || !parent.TryGetProperty(name, out var list) || list.ValueKind != JsonValueKind.Array)
        {
            throw DataException.In(place, $"has no list '{name}'; {meaning}");
        }

        var at = 0;
        foreach (var entry in list.EnumerateArray())
        {
            var here = $"{place}: {name}[{at++}]";
            yield return entry.ValueKind == JsonValueKind.Object
                ? (entry, here)
                : throw DataException.In(here, $"is not an object; {meaning}");
        }
    }
}

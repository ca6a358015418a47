using System.Text;

namespace Colony.Storage;

/// <summary>
/// The rule for keys: segments joined by '/', none empty, "." or "..", no backslash, no control character, nothing
/// that a store uses for its own unfinished files. So a key can never lead out of a store's directory or prefix.
/// </summary>
public static class ObjectKey
{
    /// <summary>
    /// The longest key in UTF-8 bytes. S3 allows 1024 with the prefix; a quarter of it is left for that.
    /// </summary>
    public const int MaxBytes = 768;

    /// <summary>The longest segment in UTF-8 bytes; file systems allow 255.</summary>
    public const int MaxSegmentBytes = 200;

    /// <summary>Segments that begin so are unfinished files of <see cref="DirectoryStore"/>.</summary>
    internal const string TemporaryPrefix = ".tmp-";

    /// <summary>Returns the key, or throws.</summary>
    /// <exception cref="ArgumentException">The key breaks the rule; the message says how.</exception>
    public static string Check(string key)
    {
        ArgumentNullException.ThrowIfNull(key);
        return Problem(key) is { } problem
            ? throw new ArgumentException($"The key '{key}' {problem}.", nameof(key))
            : key;
    }

    /// <summary>What is wrong with a key, or null.</summary>
    public static string? Problem(string key)
    {
        if (Encoding.UTF8.GetByteCount(key) > MaxBytes)
        {
            return $"has more than {MaxBytes} bytes";
        }

        foreach (var segment in key.Split('/'))
        {
            if (SegmentProblem(segment) is { } problem)
            {
                return problem;
            }
        }

        return null;
    }

    /// <summary>Returns a prefix to list by, or throws: a key, or the beginning of one, or nothing.</summary>
    internal static string CheckPrefix(string prefix)
    {
        ArgumentNullException.ThrowIfNull(prefix);

        // Completing the last segment with a letter makes every legal prefix a legal key.
        return Problem(prefix + "a") is { } problem
            ? throw new ArgumentException($"The prefix '{prefix}' {problem}.", nameof(prefix))
            : prefix;
    }

    private static string? SegmentProblem(string segment)
    {
        if (segment.Length == 0)
        {
            return "has an empty segment";
        }

        if (segment is "." or "..")
        {
            return $"has the segment '{segment}'";
        }

        if (segment.StartsWith(TemporaryPrefix, StringComparison.Ordinal))
        {
            return $"has a segment that begins with '{TemporaryPrefix}'";
        }

        if (Encoding.UTF8.GetByteCount(segment) > MaxSegmentBytes)
        {
            return $"has a segment of more than {MaxSegmentBytes} bytes";
        }

        return segment.Any(c => c == '\\' || char.IsControl(c)) ? "has a backslash or a control character" : null;
    }
}

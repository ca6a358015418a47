using System.Text;

namespace Colony.Data;

/// <summary>Lines of a UTF-8 text file, as the features' neighbours (captions, ids, words) are.</summary>
internal static class TextFile
{
    private static readonly UTF8Encoding Strict =
        new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>All lines without their ends; a last line end does not start another line. None may be
    /// empty.</summary>
    public static string[] ReadLines(string path)
    {
        string text;
        try
        {
            text = Strict.GetString(File.ReadAllBytes(path));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.CannotRead(path, error);
        }
        catch (DecoderFallbackException error)
        {
            throw DataException.In(path, $"is not UTF-8 text (byte {error.Index}); convert it with iconv", error);
        }

        var lines = text.TrimStart('\uFEFF').Split('\n');
        if (lines[^1].Length == 0)
        {
            lines = lines[..^1];
        }

        for (var i = 0; i < lines.Length; i++)
        {
            lines[i] = lines[i].TrimEnd('\r');
            if (string.IsNullOrWhiteSpace(lines[i]))
            {
                throw DataException.In(path, $"line {i + 1} is empty; every line stands for one row");
            }
        }

        return lines;
    }
}

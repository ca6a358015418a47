using System.Text.Json;

namespace Colony.Data;

/// <summary>Opens JSON files of other people's making.</summary>
internal static class JsonFile
{
    /// <summary>The largest file that is read; Karpathy's of COCO has 144 million bytes.</summary>
    public const long MaxBytes = 1L << 30;

    private const int MaxDepth = 16;

    public static JsonDocument Open(string path)
    {
        try
        {
            using var stream = File.OpenRead(path);
            if (stream.Length > MaxBytes)
            {
                throw DataException.In(
                    path, $"has {stream.Length} bytes, and JSON of more than {MaxBytes} is refused; split the file");
            }

            return JsonDocument.Parse(stream, new JsonDocumentOptions { MaxDepth = MaxDepth });
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw FileErrors.CannotRead(path, error);
        }
        catch (JsonException error)
        {
            throw DataException.In(
                path, $"line {error.LineNumber + 1} is not JSON ({error.Message}); write the file again", error);
        }
    }
}

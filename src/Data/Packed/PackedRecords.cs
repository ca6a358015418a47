using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Colony.Data;

/// <summary>
/// What is small of a split, read whole when it is opened: of each image its name, its regions, its captions and, where
/// the text side is features, the tokens of each. One JSON object a line.
/// </summary>
internal sealed class PackedRecords
{
    private const int MaxDepth = 4;
    private static readonly JsonWriterOptions Written = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    private readonly List<string> _ids = [];
    private readonly List<string> _captions = [];
    private readonly List<int> _regions = [];
    private readonly List<int> _tokens = [];

    public int Images => _ids.Count;

    public IReadOnlyList<string> Ids => _ids;

    /// <summary>Image-major.</summary>
    public IReadOnlyList<string> Captions => _captions;

    /// <summary>Regions of each image.</summary>
    public IReadOnlyList<int> Regions => _regions;

    /// <summary>Tokens of each caption; none where the pack has no token features.</summary>
    public IReadOnlyList<int> Tokens => _tokens;

    /// <summary>Appends an image.</summary>
    public static void Append(
        IBufferWriter<byte> output, string id, int regions, IReadOnlyList<string> captions, IReadOnlyList<int> tokens)
    {
        using (var json = new Utf8JsonWriter(output, Written))
        {
            json.WriteStartObject();
            json.WriteString("id", id);
            json.WriteNumber("regions", regions);
            json.WriteStartArray("captions");
            foreach (var caption in captions)
            {
                json.WriteStringValue(caption);
            }

            json.WriteEndArray();
            if (tokens.Count > 0)
            {
                json.WriteStartArray("tokens");
                foreach (var count in tokens)
                {
                    json.WriteNumberValue(count);
                }

                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        output.Write("\n"u8);
    }

    /// <summary>Reads the lines of a split.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="place">What to call it in messages.</param>
    /// <param name="split">What the index says of the split.</param>
    /// <param name="index">What it says of the pack.</param>
    public static PackedRecords Read(ReadOnlyMemory<byte> bytes, string place, PackedSplitEntry split, PackIndex index)
    {
        var records = new PackedRecords();
        for (var line = 1; bytes.Length > 0; line++)
        {
            var end = bytes.Span.IndexOf((byte)'\n');
            var one = end < 0 ? bytes : bytes[..end];
            bytes = end < 0 ? default : bytes[(end + 1)..];
            try
            {
                using var document = JsonDocument.Parse(one, new JsonDocumentOptions { MaxDepth = MaxDepth });
                records.Add(document.RootElement, index);
            }
            catch (Exception error) when (error is JsonException or InvalidOperationException or KeyNotFoundException
                or FormatException)
            {
                throw DataException.In(
                    place, $"line {line} is no image of a pack ({error.Message}); pack the data again", error);
            }
        }

        return records.Images == split.Images
            ? records
            : throw DataException.In(
                place, $"has {records.Images} lines, and the index {split.Images} images; pack the data again");
    }

    private void Add(JsonElement image, PackIndex index)
    {
        _ids.Add(image.GetProperty("id").GetString() ?? throw new FormatException("the id is null"));
        _regions.Add(Count(image.GetProperty("regions")));
        var before = _captions.Count;
        foreach (var caption in image.GetProperty("captions").EnumerateArray())
        {
            _captions.Add(caption.GetString() ?? throw new FormatException("a caption is null"));
        }

        if (index.WordDim > 0)
        {
            foreach (var count in image.GetProperty("tokens").EnumerateArray())
            {
                _tokens.Add(Count(count));
            }
        }

        if (_captions.Count - before != index.CaptionsPerImage
            || (index.WordDim > 0 && _tokens.Count != _captions.Count))
        {
            throw new FormatException($"{index.CaptionsPerImage} captions are needed");
        }
    }

    // A shard's bytes bound the rows there can be; the sum is held against its tensors when it is opened.
    private static int Count(JsonElement value)
        => value.TryGetInt32(out var count) && count is >= 1 and <= PackIndex.MaxDim
            ? count
            : throw new FormatException($"a count is {EncodedCaptions.Shown(value.GetRawText())}");
}

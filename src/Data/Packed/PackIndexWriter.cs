using System.Buffers;
using System.Text.Encodings.Web;
using System.Text.Json;
using Colony.Storage;

namespace Colony.Data;

/// <summary>Writes an index: the same pack gives the same bytes.</summary>
internal static class PackIndexWriter
{
    /// <summary>What the index says of itself.</summary>
    public const string Format = "colony-pack";

    public static ReadOnlyMemory<byte> Write(PackIndex index)
    {
        var buffer = new ArrayBufferWriter<byte>();
        var options = new JsonWriterOptions { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        using (var json = new Utf8JsonWriter(buffer, options))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteNumber("version", PackIndex.Version);
            json.WriteString("type", TypeName(index.Type));
            json.WriteNumber("captions_per_image", index.CaptionsPerImage);
            json.WriteNumber("feature_dim", index.FeatureDim);
            json.WriteNumber("box_columns", index.BoxColumns);
            json.WriteBoolean("image_sizes", index.HasSizes);
            json.WriteNumber("word_dim", index.WordDim);
            json.WriteStartObject("splits");
            foreach (var (name, split) in index.Splits.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                WriteSplit(json, name, split);
            }

            json.WriteEndObject();
            json.WriteStartObject("text_files");
            foreach (var (part, file) in index.TextFiles.OrderBy(pair => pair.Key, StringComparer.Ordinal))
            {
                json.WriteStartObject(part);
                json.WriteString("name", file.Name);
                WriteObject(json, file.Object);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    public static string TypeName(SafetensorsType type) => type == SafetensorsType.F16 ? "float16" : "float32";

    private static void WriteSplit(Utf8JsonWriter json, string name, PackedSplitEntry split)
    {
        json.WriteStartObject(name);
        json.WriteNumber("images", split.Images);
        json.WriteStartObject("captions");
        WriteObject(json, split.Captions);
        json.WriteEndObject();
        json.WriteStartArray("shards");
        foreach (var shard in split.Shards)
        {
            json.WriteStartObject();
            WriteObject(json, shard.Object);
            json.WriteNumber("images", shard.Images);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static void WriteObject(Utf8JsonWriter json, ObjectDigest what)
    {
        json.WriteString("file", what.Key);
        json.WriteNumber("bytes", what.Bytes);
        json.WriteString("sha256", what.Sha256);
    }
}

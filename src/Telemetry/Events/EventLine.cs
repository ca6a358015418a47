using System.Buffers;
using System.Collections;
using System.Globalization;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace Colony.Telemetry;

/// <summary>Writes one event as one line of JSON. Takes any value and never fails over one.</summary>
internal static class EventLine
{
    /// <summary>Longest text in a field; what is longer is cut.</summary>
    public const int MaxTextLength = 8192;

    /// <summary>Most items shown of a list, and most fields of an event.</summary>
    public const int MaxItems = 256;

    private const string TimeFormat = "yyyy-MM-ddTHH:mm:ss.fffZ";

    private static readonly JsonWriterOptions Plain = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static byte[] Write(
        DateTimeOffset time, string source, string kind, ReadOnlySpan<KeyValuePair<string, object?>> fields)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer, Plain))
        {
            json.WriteStartObject();
            json.WriteString("time", time.UtcDateTime.ToString(TimeFormat, CultureInfo.InvariantCulture));
            json.WriteString("event", Cut(kind));
            json.WriteString("source", Cut(source));
            for (var i = 0; i < Math.Min(fields.Length, MaxItems); i++)
            {
                // The event's own three fields come first and stay unique.
                var name = fields[i].Key is "time" or "event" or "source" ? fields[i].Key + "_field" : fields[i].Key;
                json.WritePropertyName(Cut(name));
                WriteValue(json, fields[i].Value);
            }

            json.WriteEndObject();
        }

        buffer.Write("\n"u8);
        return buffer.WrittenSpan.ToArray();
    }

    private static void WriteValue(Utf8JsonWriter json, object? value)
    {
        switch (value)
        {
            case null:
                json.WriteNullValue();
                break;
            case string text:
                json.WriteStringValue(Cut(text));
                break;
            case bool flag:
                json.WriteBooleanValue(flag);
                break;
            case byte or sbyte or short or ushort or int or uint or long:
                json.WriteNumberValue(Convert.ToInt64(value, CultureInfo.InvariantCulture));
                break;
            case ulong number:
                json.WriteNumberValue(number);
                break;
            case float or double or decimal:
                WriteNumber(json, Convert.ToDouble(value, CultureInfo.InvariantCulture));
                break;
            case TimeSpan span:
                json.WriteNumberValue(span.TotalSeconds);
                break;
            case DateTimeOffset time:
                json.WriteStringValue(time.UtcDateTime.ToString("O", CultureInfo.InvariantCulture));
                break;
            case IReadOnlyDictionary<string, object?> fields:
                WriteFields(json, fields);
                break;
            case IEnumerable items:
                WriteItems(json, items);
                break;
            default:
                json.WriteStringValue(Cut(Convert.ToString(value, CultureInfo.InvariantCulture) ?? ""));
                break;
        }
    }

    private static void WriteNumber(Utf8JsonWriter json, double number)
    {
        // JSON has no infinities; their names are better than a lost event.
        if (double.IsFinite(number))
        {
            json.WriteNumberValue(number);
        }
        else
        {
            json.WriteStringValue(Numbers.Write(number));
        }
    }

    private static void WriteFields(Utf8JsonWriter json, IReadOnlyDictionary<string, object?> fields)
    {
        json.WriteStartObject();
        foreach ((string name, object? value) in fields.Take(MaxItems))
        {
            json.WritePropertyName(Cut(name));
            WriteValue(json, value is IEnumerable and not string ? value.ToString() : value);
        }

        json.WriteEndObject();
    }

    private static void WriteItems(Utf8JsonWriter json, IEnumerable items)
    {
        json.WriteStartArray();
        foreach (var item in items.Cast<object?>().Take(MaxItems))
        {
            // Lists of plain values; anything deeper as its text, so that a cycle ends here.
            WriteValue(json, item is IEnumerable and not string ? item.ToString() : item);
        }

        json.WriteEndArray();
    }

    private static string Cut(string text)
    {
        if (text.Length <= MaxTextLength)
        {
            return text;
        }

        // Half of a surrogate pair could not be written.
        return text[..(char.IsHighSurrogate(text[MaxTextLength - 1]) ? MaxTextLength - 1 : MaxTextLength)];
    }
}

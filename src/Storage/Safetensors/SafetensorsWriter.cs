using System.Buffers;
using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text.Json;

namespace Colony.Storage;

/// <summary>The order of tensors in a file.</summary>
public enum TensorOrder
{
    /// <summary>
    /// Widest element type first, then by name: the reference writer's order. The same tensors give the same file
    /// whatever order they came in, and each begins at a multiple of its element size.
    /// </summary>
    Sorted,

    /// <summary>As given.</summary>
    Given,
}

/// <summary>What has been written.</summary>
/// <param name="Bytes">Bytes of the file.</param>
/// <param name="Sha256">SHA-256 of the file, 64 lower-case hexadecimal digits, as <c>sha256sum</c> prints it.</param>
public sealed record WrittenFile(long Bytes, string Sha256);

/// <summary>Writes safetensors files, straight from the tensors' memory, hashing on the way.</summary>
public static class SafetensorsWriter
{
    private const int Alignment = 8;

    /// <summary>Bytes hashed and written at a time, so that the second finds them in the cache.</summary>
    private const int ChunkBytes = 1 << 20;

    /// <summary>Writes a file to a stream.</summary>
    /// <param name="stream">Where to; it is not closed.</param>
    /// <param name="tensors">The tensors; names differ, bytes fit types and shapes.</param>
    /// <param name="metadata">The file's metadata, or null.</param>
    /// <param name="order">The tensors' order in the file.</param>
    /// <param name="ct">Abandons the write; the stream then has part of a file.</param>
    /// <exception cref="ArgumentException">A tensor's bytes do not fit its shape, or a name is there twice.</exception>
    public static async Task<WrittenFile> WriteAsync(
        Stream stream,
        IReadOnlyList<TensorData> tensors,
        IReadOnlyDictionary<string, string>? metadata,
        TensorOrder order,
        CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(tensors);
        var ordered = order == TensorOrder.Given ? tensors : Sorted(tensors);
        Check(ordered);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var header = Header(ordered, metadata);
        var written = await WriteAsync(stream, header, hash, ct).ConfigureAwait(false);
        foreach (var tensor in ordered)
        {
            written += await WriteAsync(stream, tensor.Bytes, hash, ct).ConfigureAwait(false);
        }

        return new WrittenFile(written, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    /// <summary>
    /// The SHA-256 of the file that these tensors make, sorted and without metadata: a name for a set of weights that
    /// does not depend on the order they are listed in, and that anyone can check with <c>sha256sum</c> on such a
    /// file.
    /// </summary>
    public static async Task<string> HashAsync(IReadOnlyList<TensorData> tensors, CancellationToken ct) =>
        (await WriteAsync(Stream.Null, tensors, metadata: null, TensorOrder.Sorted, ct).ConfigureAwait(false)).Sha256;

    private static TensorData[] Sorted(IReadOnlyList<TensorData> tensors) =>
        [.. tensors.OrderByDescending(t => t.Type.Size()).ThenBy(t => t.Name, StringComparer.Ordinal)];

    private static void Check(IReadOnlyList<TensorData> tensors)
    {
        var names = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in tensors)
        {
            if (tensor.Name.Length == 0 || tensor.Name == "__metadata__")
            {
                throw new ArgumentException($"A tensor cannot be named '{tensor.Name}'.", nameof(tensors));
            }

            if (!names.Add(tensor.Name))
            {
                throw new ArgumentException($"The tensor '{tensor.Name}' is there twice.", nameof(tensors));
            }

            if (tensor.Shape.Any(size => size < 0)
                || SafetensorsHeaderParser.ByteCount(tensor.Type, tensor.Shape) != tensor.Bytes.Length)
            {
                throw new ArgumentException(
                    $"The tensor '{tensor.Name}' of {tensor.Type} [{string.Join(", ", tensor.Shape)}] does not fit its "
                    + $"{tensor.Bytes.Length} bytes.",
                    nameof(tensors));
            }
        }
    }

    private static byte[] Header(IReadOnlyList<TensorData> tensors, IReadOnlyDictionary<string, string>? metadata)
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            WriteMetadata(json, metadata);
            var offset = 0L;
            foreach (var tensor in tensors)
            {
                WriteEntry(json, tensor, offset);
                offset += tensor.Bytes.Length;
            }

            json.WriteEndObject();
        }

        var padded = (buffer.WrittenCount + Alignment - 1) / Alignment * Alignment;
        if (padded > SafetensorsHeader.MaxBytes)
        {
            throw new ArgumentException(
                $"{tensors.Count} tensors make a header of {padded} bytes, more than the "
                + $"{SafetensorsHeader.MaxBytes} allowed.",
                nameof(tensors));
        }

        var header = new byte[SafetensorsHeader.LengthBytes + padded];
        BinaryPrimitives.WriteUInt64LittleEndian(header, (ulong)padded);
        header.AsSpan(SafetensorsHeader.LengthBytes).Fill((byte)' ');
        buffer.WrittenSpan.CopyTo(header.AsSpan(SafetensorsHeader.LengthBytes));
        return header;
    }

    private static void WriteMetadata(Utf8JsonWriter json, IReadOnlyDictionary<string, string>? metadata)
    {
        if (metadata is null or { Count: 0 })
        {
            return;
        }

        json.WriteStartObject("__metadata__");
        foreach (var (name, value) in metadata.OrderBy(pair => pair.Key, StringComparer.Ordinal))
        {
            json.WriteString(name, value);
        }

        json.WriteEndObject();
    }

    private static void WriteEntry(Utf8JsonWriter json, TensorData tensor, long offset)
    {
        json.WriteStartObject(tensor.Name);
        json.WriteString("dtype", tensor.Type.Name());
        json.WriteStartArray("shape");
        foreach (var size in tensor.Shape)
        {
            json.WriteNumberValue(size);
        }

        json.WriteEndArray();
        json.WriteStartArray("data_offsets");
        json.WriteNumberValue(offset);
        json.WriteNumberValue(offset + tensor.Bytes.Length);
        json.WriteEndArray();
        json.WriteEndObject();
    }

    private static async Task<long> WriteAsync(
        Stream stream, ReadOnlyMemory<byte> bytes, IncrementalHash hash, CancellationToken ct)
    {
        for (var rest = bytes; rest.Length > 0;)
        {
            var chunk = rest[..Math.Min(rest.Length, ChunkBytes)];
            hash.AppendData(chunk.Span);
            await stream.WriteAsync(chunk, ct).ConfigureAwait(false);
            rest = rest[chunk.Length..];
        }

        return bytes.Length;
    }
}

using System.Buffers.Binary;
using System.Collections.Frozen;
using System.Diagnostics.CodeAnalysis;

namespace Colony.Storage;

/// <summary>
/// The header of a safetensors file (huggingface/safetensors, "Format"): 8 bytes little-endian length N, N bytes of
/// JSON that map names to type, shape and offsets, then the tensors without gap or overlap to the end of the file.
/// An instance has been checked for all of that.
/// </summary>
public sealed class SafetensorsHeader
{
    /// <summary>The longest header taken, in bytes; the reference implementation's limit.</summary>
    public const int MaxBytes = 100_000_000;

    /// <summary>Bytes of the length in front of the header.</summary>
    internal const int LengthBytes = 8;

    private const int ReadStep = 64 * 1024;

    private readonly FrozenDictionary<string, SafetensorsEntry> _byName;

    internal SafetensorsHeader(
        IReadOnlyList<SafetensorsEntry> entries, IReadOnlyDictionary<string, string> metadata, long dataOffset)
    {
        Entries = entries;
        Metadata = metadata;
        DataOffset = dataOffset;
        _byName = entries.ToFrozenDictionary(e => e.Name, StringComparer.Ordinal);
    }

    /// <summary>The tensors in the order of their bytes.</summary>
    public IReadOnlyList<SafetensorsEntry> Entries { get; }

    /// <summary>The file's <c>__metadata__</c>; empty when it has none.</summary>
    public IReadOnlyDictionary<string, string> Metadata { get; }

    /// <summary>Where the tensors begin in the file.</summary>
    public long DataOffset { get; }

    /// <summary>Bytes of all tensors together.</summary>
    public long DataBytes => Entries.Count == 0 ? 0 : Entries[^1].End;

    /// <summary>Finds a tensor by name.</summary>
    public bool TryGet(string name, [MaybeNullWhen(false)] out SafetensorsEntry entry) =>
        _byName.TryGetValue(name, out entry);

    /// <summary>Reads a header from the beginning of a stream and leaves the stream at the first tensor.</summary>
    /// <param name="stream">The file's bytes.</param>
    /// <param name="source">What to call the file in messages.</param>
    /// <param name="fileBytes">
    /// The file's size where it is known, to check the header against; null for a stream of unknown length.
    /// </param>
    /// <param name="ct">Abandons the read.</param>
    /// <exception cref="SafetensorsException">The header is cut, too long, or breaks the format.</exception>
    public static async Task<SafetensorsHeader> ReadAsync(
        Stream stream, string source, long? fileBytes, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var prefix = new byte[LengthBytes];
        var read = await stream.ReadAtLeastAsync(prefix, LengthBytes, throwOnEndOfStream: false, ct)
            .ConfigureAwait(false);
        var length = CheckLength(prefix.AsSpan(0, read), source, fileBytes);

        // The buffer grows with the bytes that arrive: a length alone allocates nothing.
        var json = new byte[Math.Min(length, ReadStep)];
        for (var filled = 0; filled < length;)
        {
            if (filled == json.Length)
            {
                Array.Resize(ref json, (int)Math.Min(length, json.Length * 2L));
            }

            var count = await stream.ReadAsync(json.AsMemory(filled), ct).ConfigureAwait(false);
            filled += count > 0
                ? count
                : throw new SafetensorsException(source, $"it ends in the header, after {LengthBytes + filled} bytes");
        }

        return SafetensorsHeaderParser.Parse(json, source, fileBytes - LengthBytes - length);
    }

    /// <summary>Checks the 8 bytes in front of a header.</summary>
    internal static int CheckLength(ReadOnlySpan<byte> prefix, string source, long? fileBytes)
    {
        if (prefix.Length < LengthBytes)
        {
            throw new SafetensorsException(source, $"it has {prefix.Length} bytes, fewer than the {LengthBytes} of a "
                + "length");
        }

        var length = BinaryPrimitives.ReadUInt64LittleEndian(prefix);
        if (length > MaxBytes)
        {
            throw new SafetensorsException(source, $"its header claims {length} bytes, more than the {MaxBytes} "
                + "allowed");
        }

        return fileBytes is { } whole && length > (ulong)(whole - LengthBytes)
            ? throw new SafetensorsException(source, $"its header claims {length} bytes of a file of {whole}")
            : (int)length;
    }
}

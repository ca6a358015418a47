using System.Buffers;
using System.Security.Cryptography;

namespace Colony.Storage;

/// <summary>Where the bytes of a tensor are to go while a file streams by.</summary>
/// <param name="entry">The tensor that comes next.</param>
/// <returns>Memory of exactly the tensor's bytes, or null to let it pass.</returns>
public delegate Memory<byte>? TensorDestination(SafetensorsEntry entry);

/// <summary>Reads a safetensors file from a stream, once, front to back, hashing every byte.</summary>
public static class SafetensorsStream
{
    private const int ChunkBytes = 1 << 20;

    /// <summary>
    /// Reads a whole file into the memory that <paramref name="destination"/> names. What has been read can be trusted
    /// only when the hash that comes back is the one expected.
    /// </summary>
    /// <param name="stream">The file's bytes; read to the end, not closed.</param>
    /// <param name="source">What to call the file in messages.</param>
    /// <param name="fileBytes">The file's size where it is known, or null.</param>
    /// <param name="destination">Where each tensor goes.</param>
    /// <param name="ct">Abandons the read.</param>
    /// <exception cref="SafetensorsException">The file breaks the format, is cut, or goes on after its end.</exception>
    public static async Task<WrittenFile> ReadAsync(
        Stream stream, string source, long? fileBytes, TensorDestination destination, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(stream);
        ArgumentNullException.ThrowIfNull(destination);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var hashed = new HashingReader(stream, hash);
        var header = await SafetensorsHeader.ReadAsync(hashed, source, fileBytes, ct).ConfigureAwait(false);
        var scratch = ArrayPool<byte>.Shared.Rent(ChunkBytes);
        try
        {
            foreach (var entry in header.Entries)
            {
                await ReadAsync(hashed, entry, destination(entry), scratch, source, ct).ConfigureAwait(false);
            }

            if (await hashed.ReadAsync(scratch, ct).ConfigureAwait(false) > 0)
            {
                throw new SafetensorsException(source, $"it goes on after byte {header.DataOffset + header.DataBytes}");
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }

        return new WrittenFile(header.DataOffset + header.DataBytes, Convert.ToHexStringLower(hash.GetHashAndReset()));
    }

    private static async Task ReadAsync(
        HashingReader stream,
        SafetensorsEntry entry,
        Memory<byte>? destination,
        Memory<byte> scratch,
        string source,
        CancellationToken ct)
    {
        if (destination is { } given && given.Length != entry.Bytes)
        {
            throw new ArgumentException(
                $"The tensor '{entry.Name}' has {entry.Bytes} bytes, the memory for it "
                + $"{given.Length}.", nameof(destination));
        }

        for (var done = 0L; done < entry.Bytes;)
        {
            var want = (int)Math.Min(ChunkBytes, entry.Bytes - done);
            var chunk = destination is { } memory ? memory.Slice((int)done, want) : scratch[..want];
            var read = await stream.ReadAsync(chunk, ct).ConfigureAwait(false);
            done += read > 0
                ? read
                : throw new SafetensorsException(source, $"it ends in tensor '{entry.Name}', after {done} of "
                    + $"{entry.Bytes} bytes");
        }
    }
}

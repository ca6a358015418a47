using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Colony.Torch;

namespace Colony.Worker;

/// <summary>
/// What one slice contributes to the global batch: its sample ids and its rows of every gathered tensor.
/// </summary>
/// <param name="Rank">The logical rank.</param>
/// <param name="Samples">One id a row.</param>
/// <param name="Rows">One tensor for each name, [rows, ...] float32, contiguous on the CPU.</param>
internal sealed record SliceRows(int Rank, long[] Samples, Tensor[] Rows);

/// <summary>
/// The form in which slices travel in the gather: for each slice its rank, its row count, the width of each tensor, the
/// ids, then the rows. Little-endian. It describes itself, so a member without slices need not know the widths.
/// </summary>
internal static class GatheredRows
{
    /// <summary>Tensors that an objective may ask for.</summary>
    private const int MaxTensors = 64;

    public static byte[] Pack(IReadOnlyList<SliceRows> slices)
    {
        int size = slices.Sum(s => (sizeof(int) * (3 + s.Rows.Length)) + (sizeof(long) * s.Samples.Length)
            + s.Rows.Sum(r => checked((int)(r.numel() * sizeof(float)))));
        byte[] bytes = new byte[size];
        Span<byte> rest = bytes;
        foreach (SliceRows slice in slices)
        {
            Put(ref rest, slice.Rank);
            Put(ref rest, slice.Samples.Length);
            Put(ref rest, slice.Rows.Length);
            foreach (Tensor rows in slice.Rows)
            {
                Put(ref rest, slice.Samples.Length == 0 ? 0 : checked((int)(rows.numel() / slice.Samples.Length)));
            }

            Copy(ref rest, MemoryMarshal.AsBytes(slice.Samples.AsSpan()));
            foreach (Tensor rows in slice.Rows)
            {
                Copy(ref rest, rows.bytes().Span);
            }
        }

        return bytes;
    }

    /// <summary>Reads the slices of one member.</summary>
    /// <exception cref="InvalidDataException">The bytes are not what <see cref="Pack"/> writes.</exception>
    public static void Unpack(ReadOnlySpan<byte> bytes, int tensors, List<GatheredSlice> into)
    {
        while (bytes.Length > 0)
        {
            int rank = Take(ref bytes), rows = Take(ref bytes), count = Take(ref bytes);
            if (count != tensors || count > MaxTensors || rows < 0 || rank < 0)
            {
                throw new InvalidDataException($"slice {rank} came with {rows} rows of {count} tensors, not {tensors}");
            }

            int[] widths = new int[count];
            for (int i = 0; i < count; i++)
            {
                widths[i] = Take(ref bytes);
            }

            long need = (long)rows * (sizeof(long) + (widths.Sum(w => (long)w) * sizeof(float)));
            if (need > bytes.Length || widths.Any(w => w < 0))
            {
                throw new InvalidDataException($"slice {rank} announces {need} bytes and {bytes.Length} follow");
            }

            long[] samples = MemoryMarshal.Cast<byte, long>(bytes[..(rows * sizeof(long))]).ToArray();
            bytes = bytes[(rows * sizeof(long))..];
            float[][] values = new float[count][];
            for (int i = 0; i < count; i++)
            {
                int length = rows * widths[i];
                values[i] = MemoryMarshal.Cast<byte, float>(bytes[..(length * sizeof(float))]).ToArray();
                bytes = bytes[(length * sizeof(float))..];
            }

            into.Add(new GatheredSlice(rank, samples, widths, values));
        }
    }

    private static void Put(ref Span<byte> rest, int value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(rest, value);
        rest = rest[sizeof(int)..];
    }

    private static void Copy(ref Span<byte> rest, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(rest);
        rest = rest[bytes.Length..];
    }

    private static int Take(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(int))
        {
            throw new InvalidDataException($"a slice's header is cut after {bytes.Length} bytes");
        }

        int value = BinaryPrimitives.ReadInt32LittleEndian(bytes);
        bytes = bytes[sizeof(int)..];
        return value;
    }
}

/// <summary>A slice as it came: rows of each tensor, row-major.</summary>
internal sealed record GatheredSlice(int Rank, long[] Samples, int[] Widths, float[][] Values);

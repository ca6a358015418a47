using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Colony.Torch;

namespace Colony.Worker;

/// <summary>
/// What one slice contributes to the global batch: its sample ids, its rows of every gathered tensor, its own loss, and
/// what its forward pass made of the model's buffers.
/// </summary>
/// <param name="Rank">The logical rank.</param>
/// <param name="Samples">One id a row.</param>
/// <param name="Rows">One tensor for each name, [rows, ...] float32, contiguous on the CPU; owned.</param>
/// <param name="Buffers">The buffers, empty where there are none or no rows.</param>
/// <param name="Extra">The slice's own loss; 0 where it has none.</param>
internal sealed record SliceRows(int Rank, long[] Samples, Tensor[] Rows, byte[] Buffers, double Extra = 0)
    : IDisposable
{
    public void Dispose()
    {
        foreach (Tensor rows in Rows)
        {
            rows.Dispose();
        }
    }
}

/// <summary>A slice as it came: the shape of a row of each tensor, and the rows, row-major.</summary>
internal sealed record GatheredSlice(
    int Rank, long[] Samples, int[][] Shapes, float[][] Values, byte[] Buffers, double Extra);

/// <summary>The digest of a member's state at the newest step at which one was due; step -1 for none.</summary>
internal readonly record struct DueDigest(long Step, ulong Digest)
{
    public static DueDigest None { get; } = new(-1, 0);
}

/// <summary>
/// The form in which members' slices travel in the gather. First the member's newest digest: its step and its value.
/// Then for each slice its rank, its row count, the number of tensors, the bytes of its buffers, its own loss, the
/// shape of each tensor's row, the ids, the rows, the buffers. Little-endian. It describes itself, so a member without
/// slices need not know the shapes.
/// </summary>
internal static class GatheredRows
{
    /// <summary>Tensors that an objective may ask for.</summary>
    private const int MaxTensors = 64;

    /// <summary>Dimensions of a row of a tensor.</summary>
    private const int MaxDimensions = 4;

    private const int SliceNumbers = 4;

    public static byte[] Pack(DueDigest digest, IReadOnlyList<SliceRows> slices)
    {
        int size = checked((2 * sizeof(long)) + slices.Sum(s => (sizeof(int) * SliceNumbers) + sizeof(double)
            + s.Rows.Sum(r => sizeof(int) * Math.Max(1, r.dim()))
            + (sizeof(long) * s.Samples.Length) + s.Buffers.Length
            + s.Rows.Sum(r => checked((int)(r.numel() * sizeof(float))))));
        byte[] bytes = new byte[size];
        Span<byte> rest = bytes;
        BinaryPrimitives.WriteInt64LittleEndian(rest, digest.Step);
        BinaryPrimitives.WriteUInt64LittleEndian(rest[sizeof(long)..], digest.Digest);
        rest = rest[(2 * sizeof(long))..];
        foreach (SliceRows slice in slices)
        {
            Put(ref rest, slice.Rank);
            Put(ref rest, slice.Samples.Length);
            Put(ref rest, slice.Rows.Length);
            Put(ref rest, slice.Buffers.Length);
            BinaryPrimitives.WriteDoubleLittleEndian(rest, slice.Extra);
            rest = rest[sizeof(double)..];
            foreach (Tensor rows in slice.Rows)
            {
                long[] shape = rows.shape;
                Put(ref rest, shape.Length - 1);
                foreach (long dimension in shape.AsSpan(1))
                {
                    Put(ref rest, checked((int)dimension));
                }
            }

            Copy(ref rest, MemoryMarshal.AsBytes(slice.Samples.AsSpan()));
            foreach (Tensor rows in slice.Rows)
            {
                using IMemoryOwner<byte> owner = rows.byteOwner();
                Copy(ref rest, owner.Memory.Span);
            }

            Copy(ref rest, slice.Buffers);
        }

        return bytes;
    }

    /// <summary>Reads the slices of one member.</summary>
    /// <param name="bytes">What the member sent.</param>
    /// <param name="tensors">Tensors that the objective asks for.</param>
    /// <param name="bufferBytes">Bytes of the model's buffers.</param>
    /// <param name="into">Takes the slices.</param>
    /// <returns>The member's newest digest.</returns>
    /// <exception cref="InvalidDataException">The bytes are not what <see cref="Pack"/> writes.</exception>
    public static DueDigest Unpack(ReadOnlySpan<byte> bytes, int tensors, int bufferBytes, List<GatheredSlice> into)
    {
        if (bytes.Length < 2 * sizeof(long))
        {
            throw new InvalidDataException($"a member sent {bytes.Length} bytes, not even a digest");
        }

        var digest = new DueDigest(
            BinaryPrimitives.ReadInt64LittleEndian(bytes),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[sizeof(long)..]));
        bytes = bytes[(2 * sizeof(long))..];
        while (bytes.Length > 0)
        {
            into.Add(TakeSlice(ref bytes, tensors, bufferBytes));
        }

        return digest;
    }

    private static GatheredSlice TakeSlice(ref ReadOnlySpan<byte> bytes, int tensors, int bufferBytes)
    {
        int rank = Take(ref bytes), rows = Take(ref bytes), count = Take(ref bytes), buffers = Take(ref bytes);
        if (rank < 0 || rows < 0 || (rows > 0 && count != tensors) || count is < 0 or > MaxTensors
            || buffers != (rows > 0 ? bufferBytes : 0))
        {
            throw new InvalidDataException(
                $"slice {rank} came with {rows} rows of {count} tensors, not {tensors}, and {buffers} bytes of "
                + $"buffers, not {bufferBytes}");
        }

        double extra = TakeDouble(ref bytes);
        int[][] shapes = new int[count][];
        Int128 need = ((Int128)rows * sizeof(long)) + buffers;
        for (int i = 0; i < count; i++)
        {
            shapes[i] = TakeShape(ref bytes, rank);
            need += rows * Width(shapes[i]) * sizeof(float);
        }

        if (need > bytes.Length)
        {
            throw new InvalidDataException($"slice {rank} announces {need} bytes and {bytes.Length} follow");
        }

        long[] samples = MemoryMarshal.Cast<byte, long>(bytes[..(rows * sizeof(long))]).ToArray();
        bytes = bytes[(rows * sizeof(long))..];
        float[][] values = new float[count][];
        for (int i = 0; i < count; i++)
        {
            int length = rows * (int)Width(shapes[i]);
            values[i] = MemoryMarshal.Cast<byte, float>(bytes[..(length * sizeof(float))]).ToArray();
            bytes = bytes[(length * sizeof(float))..];
        }

        byte[] after = bytes[..buffers].ToArray();
        bytes = bytes[buffers..];
        return new GatheredSlice(rank, samples, shapes, values, after, extra);
    }

    private static int[] TakeShape(ref ReadOnlySpan<byte> bytes, int rank)
    {
        int dimensions = Take(ref bytes);
        if (dimensions is < 0 or > MaxDimensions)
        {
            throw new InvalidDataException($"slice {rank} came with rows of {dimensions} dimensions");
        }

        int[] shape = new int[dimensions];
        for (int i = 0; i < dimensions; i++)
        {
            shape[i] = Take(ref bytes);
            if (shape[i] < 0)
            {
                throw new InvalidDataException($"slice {rank} came with rows of size {shape[i]}");
            }
        }

        return shape;
    }

    /// <summary>Values in a row; bounded by four 31-bit sizes, so it cannot overflow.</summary>
    private static Int128 Width(int[] shape) => shape.Aggregate(Int128.One, (width, size) => width * size);

    private static double TakeDouble(ref ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < sizeof(double))
        {
            throw new InvalidDataException($"a slice's header is cut after {bytes.Length} bytes");
        }

        double value = BinaryPrimitives.ReadDoubleLittleEndian(bytes);
        bytes = bytes[sizeof(double)..];
        return value;
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

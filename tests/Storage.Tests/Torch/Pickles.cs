using System.Buffers.Binary;
using System.Text;

namespace Colony.Storage.Tests;

/// <summary>Pickles written opcode by opcode.</summary>
internal static class Pickles
{
    public static byte[] Start => [0x80, 2];

    /// <summary>A dictionary with one tensor 'w' of float32.</summary>
    public static byte[] OneTensor(
        long offset, long[] sizes, long[] strides, int elements, string key = "0", string type = "FloatStorage") =>
    [
        .. Start, (byte)'}', .. Text("w"), .. Tensor(offset, sizes, strides, elements, key, type), (byte)'s', (byte)'.',
    ];

    public static byte[] Tensor(
        long offset, long[] sizes, long[] strides, int elements, string key = "0", string type = "FloatStorage") =>
    [
        .. Global("torch._utils", "_rebuild_tensor_v2"), (byte)'(', (byte)'(', .. Text("storage"),
        .. Global("torch", type), .. Text(key), .. Text("cpu"), .. Whole(elements), (byte)'t', (byte)'Q',
        .. Whole(offset), .. Tuple(sizes), .. Tuple(strides), 0x89, .. Global("collections", "OrderedDict"),
        (byte)')', (byte)'R', (byte)'t', (byte)'R',
    ];

    public static byte[] Global(string module, string name) =>
        [(byte)'c', .. Encoding.UTF8.GetBytes($"{module}\n{name}\n")];

    public static byte[] Text(string text)
    {
        var raw = Encoding.UTF8.GetBytes(text);
        return [(byte)'X', .. BitConverter.GetBytes((uint)raw.Length), .. raw];
    }

    public static byte[] Whole(long value)
    {
        var bytes = new byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, value);
        return [0x8A, sizeof(long), .. bytes];
    }

    private static byte[] Tuple(long[] values) => [(byte)'(', .. values.SelectMany(Whole), (byte)'t'];
}

using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;

namespace Colony.Storage.Tests;

/// <summary>Tensors to write.</summary>
internal static class Tensors
{
    public static TensorData[] OfEveryType() =>
    [
        new("weight", SafetensorsType.F32, [2, 3], Bytes<float>(1, -2, 3.5f, 0, 5, 6)),
        new("weight.exp_avg", SafetensorsType.F64, [2], Bytes(0.25, 8)),
        new("half", SafetensorsType.F16, [3], Bytes((Half)1, (Half)2, (Half)(-0.5))),
        new("brain", SafetensorsType.BF16, [1], Bytes<ushort>(0x3f80)),
        new("step", SafetensorsType.I64, [], Bytes(120L)),
        new("ids", SafetensorsType.I32, [1, 1, 2], Bytes(-7, 9)),
        new("short", SafetensorsType.I16, [3], Bytes<short>(1, -1, 5)),
        new("byte", SafetensorsType.U8, [5], Bytes<byte>(1, 2, 3, 4, 250)),
        new("flag", SafetensorsType.BOOL, [3], Bytes<byte>(1, 0, 1)),
        new("empty", SafetensorsType.F32, [0, 7], Array.Empty<byte>()),
    ];

    /// <summary>The sum of a tensor's elements as the foreign script counts them (bfloat16 by its bits).</summary>
    public static double Sum(TensorData t)
    {
        var bytes = t.Bytes.Span;
        return t.Type switch
        {
            SafetensorsType.F64 => MemoryMarshal.Cast<byte, double>(bytes).ToArray().Sum(),
            SafetensorsType.F32 => MemoryMarshal.Cast<byte, float>(bytes).ToArray().Sum(x => (double)x),
            SafetensorsType.F16 => MemoryMarshal.Cast<byte, Half>(bytes).ToArray().Sum(x => (double)x),
            SafetensorsType.BF16 => MemoryMarshal.Cast<byte, ushort>(bytes).ToArray().Sum(x => (double)x),
            SafetensorsType.I64 => MemoryMarshal.Cast<byte, long>(bytes).ToArray().Sum(),
            SafetensorsType.I32 => MemoryMarshal.Cast<byte, int>(bytes).ToArray().Sum(),
            SafetensorsType.I16 => MemoryMarshal.Cast<byte, short>(bytes).ToArray().Sum(x => x),
            _ => bytes.ToArray().Sum(x => x),
        };
    }

    public static Arbitrary<TensorData[]> Arbitrary()
    {
        var tensor =
            from type in Gen.Elements(Enum.GetValues<SafetensorsType>())
            from shape in Gen.ArrayOf(Gen.Choose(0, 4).Select(n => (long)n), 3)
            from name in Gen.ArrayOf(Gen.Elements('a', 'ß', '"', '\\', '.', '\u0001', '語', '0'), 6)
            from seed in Gen.Choose(0, int.MaxValue)
            select Random(new string(name), type, shape, seed);
        return Arb.From(Gen.Choose(0, 6).SelectMany(n => Gen.ArrayOf(tensor, n))
            .Select(all => all.DistinctBy(t => t.Name).ToArray()));
    }

    public static TensorData Random(string name, SafetensorsType type, long[] shape, int seed)
    {
        var bytes = new byte[shape.Aggregate((long)type.Size(), (a, b) => a * b)];
        new Random(seed).NextBytes(bytes);
        return new TensorData(name, type, shape, bytes);
    }

    private static byte[] Bytes<T>(params ReadOnlySpan<T> values)
        where T : unmanaged => MemoryMarshal.AsBytes(values).ToArray();
}

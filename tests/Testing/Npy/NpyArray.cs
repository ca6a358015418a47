using System.Buffers.Binary;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using System.Text.RegularExpressions;

namespace Colony.Testing.Npy;

/// <summary>
/// One array of numpy's <c>.npy</c> format (versions 1 to 3): little-endian float32, float64 or int64, or bool, in C
/// order. Everything else is refused with a sentence, and no more is read than the header promises and the stream
/// holds.
/// </summary>
public sealed partial class NpyArray
{
    private const int MaximumHeader = 1 << 16;
    private const int MaximumRank = 8;
    private const long MaximumElements = 1L << 28;
    private const int PatternTimeoutMilliseconds = 1000;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    private readonly byte[] bytes;

    private NpyArray(string name, Type type, long[] shape, byte[] bytes)
    {
        (Name, ElementType, Shape, this.bytes) = (name, type, shape, bytes);
    }

    public string Name { get; }

    /// <summary>float, double, long or bool.</summary>
    public Type ElementType { get; }

    public IReadOnlyList<long> Shape { get; }

    /// <summary>The elements in C order; the type must be the array's own.</summary>
    public ReadOnlySpan<T> Values<T>()
        where T : unmanaged
    {
        if (typeof(T) != ElementType)
        {
            throw new InvalidOperationException($"{Name} holds {ElementType.Name}, not {typeof(T).Name}.");
        }

        return MemoryMarshal.Cast<byte, T>(bytes);
    }

    /// <summary>The elements as doubles, whatever their type; bools are 0 and 1.</summary>
    public double[] ToDoubles()
    {
        if (ElementType == typeof(float))
        {
            return Array.ConvertAll(Values<float>().ToArray(), value => (double)value);
        }

        if (ElementType == typeof(long))
        {
            return Array.ConvertAll(Values<long>().ToArray(), value => (double)value);
        }

        return ElementType == typeof(double)
            ? Values<double>().ToArray()
            : Array.ConvertAll(Values<bool>().ToArray(), value => value ? 1.0 : 0.0);
    }

    /// <summary>The only element as a double; an array of more is an error.</summary>
    public double Scalar()
    {
        var values = ToDoubles();
        return values.Length == 1
            ? values[0]
            : throw new InvalidDataException($"{Name} has {values.Length} elements where one is expected.");
    }

    public static NpyArray Read(string name, Stream stream)
    {
        ArgumentNullException.ThrowIfNull(stream);
        var (type, shape) = ParseHeader(name, ReadHeader(name, stream));
        long count = 1;
        foreach (var length in shape)
        {
            count = length == 0 ? 0 : checked(count * length);
            Require(count <= MaximumElements, name, $"holds more than {MaximumElements} elements");
        }

        var size = checked((int)(count * SizeOf(type)));
        var bytes = ReadExactly(name, stream, size);
        Require(stream.ReadByte() < 0, name, "has bytes behind its last element");
        return new NpyArray(name, type, shape, bytes);
    }

    private static string ReadHeader(string name, Stream stream)
    {
        var start = ReadExactly(name, stream, 8);
        Require(start.AsSpan(0, 6).SequenceEqual(Magic), name, "does not begin with numpy's magic bytes");
        Require(start[6] is >= 1 and <= 3, name, $"has format version {start[6]}, which is unknown");
        var length = start[6] == 1
            ? BinaryPrimitives.ReadUInt16LittleEndian(ReadExactly(name, stream, 2))
            : BinaryPrimitives.ReadUInt32LittleEndian(ReadExactly(name, stream, 4));
        Require(length <= MaximumHeader, name, $"has a header of {length} bytes, more than {MaximumHeader}");
        return Encoding.UTF8.GetString(ReadExactly(name, stream, (int)length));
    }

    private static (Type Type, long[] Shape) ParseHeader(string name, string header)
    {
        var match = HeaderPattern().Match(header);
        Require(match.Success, name, $"has a header that is not understood: {header.Trim()}");
        Require(match.Groups["order"].ValueSpan is "False", name, "is in Fortran order");
        var type = match.Groups["descr"].Value switch
        {
            "<f4" => typeof(float),
            "<f8" => typeof(double),
            "<i8" => typeof(long),
            "|b1" => typeof(bool),
            var other => throw new InvalidDataException($"{name} has elements of type '{other}', which is not read."),
        };
        var parts = match.Groups["shape"].Value.Split(
            ',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        Require(parts.Length <= MaximumRank, name, $"has {parts.Length} dimensions, more than {MaximumRank}");
        return (type, Array.ConvertAll(
            parts, part => long.Parse(part, NumberStyles.None, CultureInfo.InvariantCulture)));
    }

    private static byte[] ReadExactly(string name, Stream stream, int size)
    {
        const int FirstPiece = 1 << 16;
        var bytes = new byte[Math.Min(size, FirstPiece)];
        var at = 0;
        while (at < size)
        {
            if (at == bytes.Length)
            {
                Array.Resize(ref bytes, (int)Math.Min(size, 2L * bytes.Length));
            }

            var read = stream.Read(bytes, at, bytes.Length - at);
            Require(read > 0, name, $"ends after {at} of {size} bytes");
            at += read;
        }

        return bytes;
    }

    private static int SizeOf(Type type) => type == typeof(bool) ? 1 : type == typeof(float) ? 4 : 8;

    private static void Require(bool condition, string name, string fault)
    {
        if (!condition)
        {
            throw new InvalidDataException($"{name} {fault}.");
        }
    }

    [GeneratedRegex(
        @"^\{'descr': '(?<descr>[^']{1,8})', 'fortran_order': (?<order>True|False), " +
        @"'shape': \((?<shape>(\d{1,18}(, \d{1,18})*,?)?)\),? ?\}[ ]*\n$",
        RegexOptions.ExplicitCapture | RegexOptions.CultureInvariant,
        PatternTimeoutMilliseconds)]
    private static partial Regex HeaderPattern();
}

using System.Runtime.InteropServices;
using System.Text;

namespace Colony.Data;

/// <summary>Writes an <c>.npy</c> file (version 1.0, as NumPy writes it) row by row, as float16 or float32.</summary>
internal sealed class NpyWriter : IDisposable
{
    private const int Alignment = 64;

    private readonly Stream _stream;
    private readonly NpyType _type;
    private readonly long _expected;
    private byte[] _row = [];
    private long _written;

    public NpyWriter(Stream stream, NpyType type, params ReadOnlySpan<long> shape)
    {
        if (type is not (NpyType.Float16 or NpyType.Float32))
        {
            throw new ArgumentOutOfRangeException(nameof(type), type, "Only float16 and float32 are written.");
        }

        _stream = stream;
        _type = type;
        _expected = 1;
        var sizes = new StringBuilder();
        foreach (var size in shape)
        {
            ArgumentOutOfRangeException.ThrowIfNegative(size);
            _expected = checked(_expected * size);
            sizes.Append(size).Append(", ");
        }

        // One size keeps its comma, as Python wants; more lose the last.
        var tuple = shape.Length == 1 ? sizes.ToString().TrimEnd() : sizes.ToString().TrimEnd(',', ' ');
        var text = $"{{'descr': '{type.Descr()}', 'fortran_order': False, 'shape': ({tuple}), }}";
        var length = text.Length + 1;
        var padded = ((10 + length + Alignment - 1) / Alignment * Alignment) - 10;
        stream.Write([0x93, .. "NUMPY"u8, 1, 0, (byte)padded, (byte)(padded >> 8)]);
        stream.Write(Encoding.ASCII.GetBytes(text.PadRight(padded - 1) + "\n"));
    }

    public static NpyWriter Create(string path, NpyType type, params ReadOnlySpan<long> shape)
        => new(new FileStream(path, FileMode.Create, FileAccess.Write), type, shape);

    public void Write(ReadOnlySpan<float> values)
    {
        if (_written + values.Length > _expected)
        {
            throw new InvalidOperationException($"{_written + values.Length} values for a shape of {_expected}.");
        }

        _written += values.Length;
        if (_type == NpyType.Float32)
        {
            _stream.Write(MemoryMarshal.AsBytes(values));
            return;
        }

        if (_row.Length < values.Length * 2)
        {
            _row = new byte[values.Length * 2];
        }

        var halves = MemoryMarshal.Cast<byte, Half>(_row.AsSpan(0, values.Length * 2));
        for (var i = 0; i < values.Length; i++)
        {
            halves[i] = (Half)values[i];
        }

        _stream.Write(_row, 0, values.Length * 2);
    }

    /// <summary>Says that all is written, and checks it. Not part of Dispose, which must not hide an earlier
    /// error.</summary>
    public void Complete()
    {
        if (_written != _expected)
        {
            throw new InvalidOperationException($"{_written} values were written for a shape of {_expected}.");
        }
    }

    public void Dispose() => _stream.Dispose();
}

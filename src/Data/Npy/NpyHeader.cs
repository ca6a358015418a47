using System.Buffers.Binary;
using System.Globalization;

namespace Colony.Data;

/// <summary>
/// What the front of an <c>.npy</c> file says (NumPy Enhancement Proposal 1; versions 1.0, 2.0 and 3.0), checked
/// against the bytes that are really there before anyone allocates or maps on its word.
/// </summary>
/// <param name="Type">The element type.</param>
/// <param name="Shape">Sizes of the dimensions, C order.</param>
/// <param name="DataOffset">Bytes in front of the first element.</param>
/// <param name="Count">Elements in all.</param>
internal sealed record NpyHeader(NpyType Type, IReadOnlyList<long> Shape, int DataOffset, long Count)
{
    /// <summary>NumPy itself writes some 128 bytes and warns beyond 10,000.</summary>
    public const int MaxHeaderBytes = 64 * 1024;

    /// <summary>Bytes from the front of a file that hold any header that is accepted.</summary>
    public const int MaxPrefixBytes = MaxHeaderBytes + 12;

    private const int MaxDimensions = 8;

    private static ReadOnlySpan<byte> Magic => [0x93, (byte)'N', (byte)'U', (byte)'M', (byte)'P', (byte)'Y'];

    /// <summary>Rows: the size of the first dimension (1 for a scalar).</summary>
    public long Rows => Shape.Count == 0 ? 1 : Shape[0];

    public string ShapeText => "(" + string.Join(", ", Shape) + ")";

    public long DataBytes => Count * Type.Size();

    /// <summary>Reads a header from the front of a file.</summary>
    /// <param name="front">The first bytes, at least <see cref="MaxPrefixBytes"/> unless the file is shorter.</param>
    /// <param name="file">What to call the file in errors.</param>
    public static NpyHeader Parse(ReadOnlySpan<byte> front, string file)
    {
        if (front.Length < 10 || !front.StartsWith(Magic))
        {
            throw DataException.In(
                file, "not an .npy file (its first bytes are not \\x93NUMPY); write it with numpy.save");
        }

        var major = front[6];
        if (major is < 1 or > 3 || front[7] != 0)
        {
            throw DataException.In(file, $".npy version {major}.{front[7]} is not known (1.0, 2.0 and 3.0 are)");
        }

        var lengthBytes = major == 1 ? 2 : 4;
        if (front.Length < 8 + lengthBytes)
        {
            throw DataException.In(file, "cut short inside the .npy header; copy it again");
        }

        var length = major == 1
            ? BinaryPrimitives.ReadUInt16LittleEndian(front[8..])
            : BinaryPrimitives.ReadUInt32LittleEndian(front[8..]);
        var start = 8 + lengthBytes;
        if (length > MaxHeaderBytes)
        {
            throw DataException.In(
                file, $"claims an .npy header of {length} bytes; more than {MaxHeaderBytes} is refused");
        }

        if (front.Length - start < length)
        {
            throw DataException.In(
                file,
                $"cut short: the .npy header should have {length} bytes and {front.Length - start} are there; "
                + "copy it again");
        }

        var dictionary = new NpyDictionary(front.Slice(start, (int)length), start, file).Read();
        return FromDictionary(dictionary, start + (int)length, file);
    }

    /// <summary>Refuses a file whose size is not exactly what its header says.</summary>
    public void CheckLength(long fileBytes, string file)
    {
        var expected = DataOffset + DataBytes;
        if (fileBytes != expected)
        {
            var what = fileBytes < expected ? "cut short" : "longer than its header says";
            throw DataException.In(
                file,
                $"{what}: shape {ShapeText} of {Type.Descr()} takes {expected} bytes with the header, and the file has "
                + $"{fileBytes}; write or copy it again");
        }
    }

    private static NpyHeader FromDictionary(NpyDictionary.Content content, int offset, string file)
    {
        if (content.FortranOrder)
        {
            throw DataException.In(file, "is in Fortran order; save numpy.ascontiguousarray of it");
        }

        if (!NpyTypes.TryParse(content.Descr, out var type))
        {
            throw DataException.In(file, $"has elements of type '{content.Descr}'; save it as {NpyTypes.Known}");
        }

        if (content.Shape.Count > MaxDimensions)
        {
            throw DataException.In(file, $"has {content.Shape.Count} dimensions; {MaxDimensions} at most are read");
        }

        long count = 1;
        foreach (var size in content.Shape)
        {
            // A zero size does not excuse an absurd neighbour: bound the product over the other sizes too.
            if (size != 0 && count > long.MaxValue / 16 / size)
            {
                var shape = string.Join(", ", content.Shape.Select(s => s.ToString(CultureInfo.InvariantCulture)));
                throw DataException.In(file, $"claims the shape ({shape}), which no file can hold; write it again");
            }

            count *= size == 0 ? 1 : size;
        }

        return new NpyHeader(type, content.Shape, offset, content.Shape.Contains(0) ? 0 : count);
    }
}

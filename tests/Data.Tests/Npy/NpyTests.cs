using System.IO.Compression;
using System.Text;

namespace Colony.Data.Tests;

public sealed class NpyTests : IDisposable
{
    private const string Good = "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }";

    private readonly TempFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Every_half_converts_as_the_runtime_converts_it()
    {
        var source = Enumerable.Range(0, 65536).Select(i => (ushort)i).ToArray();
        var converted = new float[source.Length];
        NpyConvert.HalfToSingle(source, converted);
        for (var i = 0; i < source.Length; i++)
        {
            var expected = (float)BitConverter.UInt16BitsToHalf((ushort)i);
            Assert.True(
                float.IsNaN(expected)
                    ? float.IsNaN(converted[i])
                    : BitConverter.SingleToUInt32Bits(expected) == BitConverter.SingleToUInt32Bits(converted[i]),
                $"half {i:x4}");
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void All_versions_are_read(byte version)
    {
        var path = _folder.Write("a.npy", Bytes(version, Good, Floats(1, 2, 3, 4, 5, 6)));
        using var file = NpyFile.Open(path);
        var row = new float[3];
        file.ReadRow(1, row);
        Assert.Equal([4f, 5f, 6f], row);
    }

    [Theory]
    [InlineData("<f8", "000000000000F0BF", -1f)]
    [InlineData("<i8", "FEFFFFFFFFFFFFFF", -2f)]
    [InlineData("<i4", "07000000", 7f)]
    [InlineData("|u1", "FF", 255f)]
    [InlineData("|b1", "01", 1f)]
    [InlineData("<f2", "003C", 1f)]
    public void All_types_are_read(string descr, string hex, float expected)
    {
        var header = $"{{'descr': '{descr}', 'fortran_order': False, 'shape': (1,), }}";
        using var file = NpyFile.Open(_folder.Write("a.npy", Bytes(1, header, Convert.FromHexString(hex))));
        var row = new float[1];
        file.ReadRow(0, row);
        Assert.Equal(expected, row[0]);
    }

    [Fact]
    public void Writer_and_reader_agree()
    {
        float[] values = [1.5f, -2, 0.25f, 1024, 6e-8f, -0f];
        foreach (var type in new[] { NpyType.Float16, NpyType.Float32 })
        {
            using var file = NpyFile.Open(_folder.WriteNpy($"{type}.npy", type, [3, 2], values));
            var row = new float[2];
            for (var r = 0; r < 3; r++)
            {
                file.ReadRow(r, row);
                Assert.Equal(
                    values.Skip(r * 2).Take(2).Select(v => type == NpyType.Float16 ? (float)(Half)v : v), row);
            }
        }
    }

    [Theory]
    [InlineData("{'descr': '<f4', 'fortran_order': True, 'shape': (2, 3), }", "Fortran")]
    [InlineData("{'descr': '|O', 'fortran_order': False, 'shape': (2, 3), }", "'|O'")]
    [InlineData("{'descr': '>f4', 'fortran_order': False, 'shape': (2, 3), }", "'>f4'")]
    [InlineData("{'descr': [('a', '<f4')], 'fortran_order': False, 'shape': (2, 3), }", "structured")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 4), }", "cut short")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 2), }", "longer than")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (4294967296, 4294967296), }", "no file can hold")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (0, 9223372036854775807), }", "no file can hold")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (99999999999999999999, 1), }",
        "larger than any file")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (-2, 3), }", "byte")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (6), }", "comma")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (1,1,1,1,1,1,1,2,3), }", "dimensions")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, }", "'shape' is missing")]
    [InlineData("{'fortran_order': False, 'shape': (2, 3), }", "'descr' is missing")]
    [InlineData("{'descr': '<f4', 'shape': (2, 3), }", "'fortran_order' is missing")]
    [InlineData("{'descr': '<f4', 'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }", "twice")]
    [InlineData("{'descr': '<f4', 'fortran_order': 0, 'shape': (2, 3), }", "True or False")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), } + 1", "behind")]
    [InlineData("{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3", "expected")]
    [InlineData("{'descr': '<f4", "string does not end")]
    [InlineData("__import__('os')", "'{' was expected")]
    [InlineData("", "'{' was expected")]
    public void Hostile_headers_are_refused_by_name(string header, string expected)
    {
        var path = _folder.Write("hostile.npy", Bytes(1, header, Floats(1, 2, 3, 4, 5, 6)));
        var error = Assert.Throws<DataException>(() => NpyFile.Open(path));
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
        Assert.Contains(expected, error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', error.Message);
    }

    [Fact]
    public void A_header_that_claims_gigabytes_allocates_nothing()
    {
        byte[] bytes = [0x93, .. "NUMPY"u8, 2, 0, 0xFF, 0xFF, 0xFF, 0x7F, .. new byte[20]];
        var path = _folder.Write("big.npy", bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<DataException>(() => NpyFile.Open(path));
        Assert.True(GC.GetAllocatedBytesForCurrentThread() - before < 200_000);
    }

    [Fact]
    public void Every_prefix_of_a_good_file_is_refused()
    {
        var whole = Bytes(1, Good, Floats(1, 2, 3, 4, 5, 6));
        for (var length = 0; length < whole.Length; length++)
        {
            var path = _folder.Write("cut.npy", whole.AsSpan(0, length));
            Assert.Throws<DataException>(() => NpyFile.Open(path));
        }
    }

    [Fact]
    public void Damaged_bytes_give_a_sentence_or_a_file_and_nothing_else()
    {
        var whole = Bytes(1, Good, Floats(1, 2, 3, 4, 5, 6));
        var random = CounterRandom.Keyed(11);
        for (var round = 0; round < 3000; round++)
        {
            var bytes = whole.ToArray();
            for (var hits = random.Below(4) + 1; hits > 0; hits--)
            {
                bytes[random.Below(80)] = (byte)random.Next();
            }

            try
            {
                var header = NpyHeader.Parse(bytes, "x");
                header.CheckLength(bytes.Length, "x");
                Assert.Equal(bytes.Length, header.DataOffset + header.DataBytes);
            }
            catch (DataException error)
            {
                Assert.StartsWith("x: ", error.Message, StringComparison.Ordinal);
            }
        }
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    [InlineData(float.NegativeInfinity)]
    public void A_row_that_is_not_finite_is_named(float bad)
    {
        var values = new float[4 * 100];
        values[(2 * 100) + 77] = bad;
        foreach (var type in new[] { NpyType.Float16, NpyType.Float32 })
        {
            using var file = NpyFile.Open(_folder.WriteNpy($"nan{type}.npy", type, [4, 100], values));
            var row = new float[100];
            file.ReadRow(1, row);
            var error = Assert.Throws<DataException>(() => file.ReadRow(2, row));
            Assert.Contains("row 2", error.Message, StringComparison.Ordinal);
            Assert.Contains("value 77", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Missing_files_and_folders_are_one_sentence()
    {
        Assert.Contains("no such file",
            Assert.Throws<DataException>(() => NpyFile.Open(_folder.File("none.npy"))).Message,
            StringComparison.Ordinal);
        Assert.Throws<DataException>(() => NpyFile.Open(_folder.Path));
        Assert.Throws<DataException>(() => NpyArray.Read(_folder.File("none.npz")));
        Assert.Throws<DataException>(() => TextFile.ReadLines(_folder.File("none.txt")));
    }

    [Fact]
    public void Reading_after_closing_is_an_exception_and_not_a_crash()
    {
        var file = NpyFile.Open(_folder.Write("a.npy", Bytes(1, Good, Floats(1, 2, 3, 4, 5, 6))));
        file.Dispose();
        Assert.ThrowsAny<ObjectDisposedException>(() => file.ReadRow(0, new float[3]));
    }

    [Theory]
    [InlineData(CompressionLevel.NoCompression)]
    [InlineData(CompressionLevel.Optimal)]
    public void A_zip_of_arrays_is_read_by_key(CompressionLevel level)
    {
        var path = Zip("a.npz", level, ("feat.npy", Bytes(1, Good, Floats(1, 2, 3, 4, 5, 6))), ("x.npy", [1]));
        var array = NpyArray.Read(path);
        Assert.Equal([2, 3], array.Shape);
        Assert.Equal([1f, 2, 3, 4, 5, 6], array.Values);
    }

    [Fact]
    public void Broken_zips_are_one_sentence()
    {
        var other = Zip("other.npz", CompressionLevel.Optimal, ("bbox.npy", Bytes(1, Good, Floats(1, 2, 3, 4, 5, 6))));
        Assert.Contains("no array 'feat'", Assert.Throws<DataException>(() => NpyArray.Read(other)).Message,
            StringComparison.Ordinal);
        var noZip = _folder.Write("no.npz", "this is no zip"u8);
        Assert.Throws<DataException>(() => NpyArray.Read(noZip));
        var good = File.ReadAllBytes(
            Zip("g.npz", CompressionLevel.Optimal, ("feat.npy", Bytes(1, Good, new byte[24]))));
        for (var length = 0; length < good.Length; length += 3)
        {
            var cut = _folder.Write("cut.npz", good.AsSpan(0, length));
            Assert.Throws<DataException>(() => NpyArray.Read(cut));
        }
    }

    [Fact]
    public void A_zip_bomb_stops_at_the_limit()
    {
        var path = _folder.File("bomb.npz");
        using (var zip = ZipFile.Open(path, ZipArchiveMode.Create))
        using (var entry = zip.CreateEntry("feat.npy", CompressionLevel.Fastest).Open())
        {
            var zeros = new byte[1 << 20];
            for (var i = 0; i <= NpyArray.MaxBytes >> 20; i++)
            {
                entry.Write(zeros);
            }
        }

        Assert.Contains(
            "more than", Assert.Throws<DataException>(() => NpyArray.Read(path)).Message, StringComparison.Ordinal);
    }

    private static byte[] Floats(params float[] values)
        => System.Runtime.InteropServices.MemoryMarshal.AsBytes(values.AsSpan()).ToArray();

    internal static byte[] Bytes(byte version, string header, byte[] data)
    {
        var text = Encoding.ASCII.GetBytes(header + "\n");
        byte[] length = version == 1
            ? BitConverter.GetBytes((ushort)text.Length)
            : BitConverter.GetBytes((uint)text.Length);
        return [0x93, .. "NUMPY"u8, version, 0, .. length, .. text, .. data];
    }

    private string Zip(string name, CompressionLevel level, params (string Name, byte[] Bytes)[] members)
    {
        var path = _folder.File(name);
        using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
        foreach (var member in members)
        {
            using var entry = zip.CreateEntry(member.Name, level).Open();
            entry.Write(member.Bytes);
        }

        return path;
    }
}

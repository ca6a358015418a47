using System.IO.Compression;
using System.Text;
using Colony.Testing.Npy;

namespace Colony.Model.Tests;

public sealed class NpzFileTests
{
    [Fact]
    public void Arrays_of_every_type_are_read_with_their_shapes()
    {
        Assert.Equal([1.5, -2.0], Read(Npy("<f4", "(2,)", Bytes(1.5f, -2f))).ToDoubles());
        Assert.Equal(3.25, Read(Npy("<f8", "()", BitConverter.GetBytes(3.25))).Scalar());
        var whole = Read(Npy("<i8", "(1, 2)", [.. BitConverter.GetBytes(7L), .. BitConverter.GetBytes(-1L)]));
        Assert.Equal([7.0, -1.0], whole.ToDoubles());
        Assert.Equal([1L, 2L], whole.Shape);
        Assert.Equal([1.0, 0.0], Read(Npy("|b1", "(2,)", [1, 0])).ToDoubles());
        Assert.Empty(Read(Npy("<f4", "(3, 0)", [])).ToDoubles());
    }

    [Theory]
    [InlineData("<f4", "(2,)", 7, "ends after 7 of 8 bytes")]
    [InlineData("<f4", "(2,)", 9, "behind its last element")]
    [InlineData("<f4", "(1000000, 1000000)", 8, "more than")]
    [InlineData("<f4", "(200000000,)", 8, "ends after 8 of 800000000 bytes")]
    [InlineData("<f4", "(99999999999999999999,)", 8, "not understood")]
    [InlineData("<f4", "(1, 1, 1, 1, 1, 1, 1, 1, 1)", 4, "9 dimensions")]
    [InlineData("|O", "(1,)", 8, "'|O'")]
    [InlineData(">f4", "(2,)", 8, "'>f4'")]
    [InlineData("<f4", "(-1,)", 8, "not understood")]
    public void Broken_arrays_are_refused_by_what_is_wrong(string type, string shape, int size, string part)
    {
        var error = Assert.Throws<InvalidDataException>(() => Read(Npy(type, shape, new byte[size])));
        Assert.Contains(part, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fortran_order_and_foreign_bytes_are_refused()
    {
        var header = "{'descr': '<f4', 'fortran_order': True, 'shape': (1,), }\n";
        Assert.Throws<InvalidDataException>(() => Read(Packed(1, header, new byte[4])));
        Assert.Throws<InvalidDataException>(() => Read(Packed(9, header, new byte[4])));
        Assert.Throws<InvalidDataException>(() => Read(Encoding.ASCII.GetBytes("PK and so on, no array")));
        Assert.Throws<InvalidDataException>(() => Read([]));
    }

    [Fact]
    public void Zips_with_anything_but_arrays_or_with_one_name_twice_are_refused()
    {
        var good = Npy("<f4", "(1,)", Bytes(4f));
        using (var folder = new Folder())
        {
            var file = NpzFile.Read(folder.Zip(("a/b.npy", good), ("c.npy", good)));
            Assert.Equal(["a/b", "c"], file.Names);
            Assert.Equal(["b"], file.Under("a/").Select(pair => pair.Name));
            Assert.Equal(4.0, file["c"].Scalar());
            Assert.Throws<KeyNotFoundException>(() => file["d"]);
            Assert.Throws<InvalidDataException>(() => NpzFile.Read(folder.Zip(("a.txt", good))));
            Assert.Throws<InvalidDataException>(() => NpzFile.Read(folder.Zip(("a.npy", good), ("a.npy", good))));
        }
    }

    private static NpyArray Read(byte[] bytes)
    {
        using var stream = new MemoryStream(bytes);
        return NpyArray.Read("array", stream);
    }

    private static byte[] Bytes(params float[] values) => [.. values.SelectMany(BitConverter.GetBytes)];

    private static byte[] Npy(string type, string shape, byte[] data) =>
        Packed(1, $"{{'descr': '{type}', 'fortran_order': False, 'shape': {shape}, }}   \n", data);

    private static byte[] Packed(byte version, string header, byte[] data) =>
        [0x93, .. "NUMPY"u8, version, 0, .. BitConverter.GetBytes((ushort)header.Length),
            .. Encoding.ASCII.GetBytes(header), .. data];

    private sealed class Folder : IDisposable
    {
        private readonly DirectoryInfo directory = Directory.CreateTempSubdirectory("colony-npz");
        private int count;

        public string Zip(params (string Name, byte[] Bytes)[] entries)
        {
            var path = Path.Combine(directory.FullName, $"{count++}.npz");
            using var zip = ZipFile.Open(path, ZipArchiveMode.Create);
            foreach (var (name, bytes) in entries)
            {
                using var stream = zip.CreateEntry(name).Open();
                stream.Write(bytes);
            }

            return path;
        }

        public void Dispose() => directory.Delete(recursive: true);
    }
}

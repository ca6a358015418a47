using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;
using Colony.Testing;
using FsCheck;
using FsCheck.Fluent;

namespace Colony.Storage.Tests;

public sealed class SafetensorsTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_file_reads_back_as_it_was_written_mapped_and_streamed()
    {
        var tensors = Tensors.OfEveryType();
        var path = _folder["a.safetensors"];
        var written = await WriteFile(path, tensors, TensorOrder.Sorted);

        var bytes = await File.ReadAllBytesAsync(path, Ct);
        Assert.Equal(bytes.Length, written.Bytes);
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(bytes)), written.Sha256);

        using var reader = SafetensorsReader.Open(path);
        Assert.Equal(0, reader.Header.DataOffset % 8);
        Assert.Equal("test", reader.Header.Metadata["by"]);
        foreach (var tensor in tensors)
        {
            Assert.True(reader.Header.TryGet(tensor.Name, out var entry));
            Assert.Equal(tensor.Type, entry.Type);
            Assert.Equal(tensor.Shape, entry.Shape);
            reader.Expect(entry, 0, entry.Bytes);
            Assert.Throws<ArgumentOutOfRangeException>(() => reader.Expect(entry, 1, entry.Bytes));
            Assert.Equal(tensor.Bytes.ToArray(), reader.Bytes(tensor.Name).ToArray());
            Assert.Equal(0, (reader.Header.DataOffset + entry.Begin) % tensor.Type.Size());
        }

        var (hash, streamed) = await Stream(bytes);
        Assert.Equal(written, hash);
        Assert.All(tensors, t => Assert.Equal(t.Bytes.ToArray(), streamed[t.Name]));
    }

    [Fact]
    public async Task Sorted_files_do_not_depend_on_the_order_given_and_given_ones_do()
    {
        var tensors = Tensors.OfEveryType();
        var reversed = tensors.Reverse().ToArray();
        Assert.Equal(
            await SafetensorsWriter.HashAsync(tensors, Ct), await SafetensorsWriter.HashAsync(reversed, Ct));
        var given = await WriteFile(_folder["a"], tensors, TensorOrder.Given);
        var other = await WriteFile(_folder["b"], reversed, TensorOrder.Given);
        Assert.NotEqual(given.Sha256, other.Sha256);
        using var reader = SafetensorsReader.Open(_folder["b"]);
        Assert.Equal(reversed.Select(t => t.Name), reader.Header.Entries.Select(e => e.Name));
    }

    [Fact]
    public void Any_tensors_come_back() => Check.One(Config.QuickThrowOnFailure, Prop.ForAll(
        Tensors.Arbitrary(),
        tensors =>
        {
            var memory = new MemoryStream();
            var write = SafetensorsWriter.WriteAsync(memory, tensors, null, TensorOrder.Sorted, CancellationToken.None);
            Assert.True(write.IsCompletedSuccessfully); // a memory stream never waits
            File.WriteAllBytes(_folder["any"], memory.ToArray());
            using var reader = SafetensorsReader.Open(_folder["any"]);
            return reader.Header.Entries.Count == tensors.Length && tensors.All(
                t => reader.Bytes(t.Name).Span.SequenceEqual(t.Bytes.Span)
                    && reader.Header.TryGet(t.Name, out var e) && e.Shape.SequenceEqual(t.Shape) && e.Type == t.Type);
        }));

    [Fact]
    public async Task A_file_cut_anywhere_or_continued_is_refused_mapped_and_streamed()
    {
        var path = _folder["a.safetensors"];
        await WriteFile(path, Tensors.OfEveryType(), TensorOrder.Sorted);
        var whole = await File.ReadAllBytesAsync(path, Ct);
        for (var length = 0; length < whole.Length; length++)
        {
            await File.WriteAllBytesAsync(path, whole[..length], Ct);
            Assert.Throws<SafetensorsException>(() => SafetensorsReader.Open(path).Dispose());
            await Assert.ThrowsAsync<SafetensorsException>(() => Stream(whole[..length]));
        }

        byte[] longer = [.. whole, 0];
        await File.WriteAllBytesAsync(path, longer, Ct);
        Assert.Throws<SafetensorsException>(() => SafetensorsReader.Open(path).Dispose());
        await Assert.ThrowsAsync<SafetensorsException>(() => Stream(longer));
    }

    [Theory]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"""
        + """ "b":{"dtype":"F32","shape":[1],"data_offsets":[2,6]}}""",
        6, "overlaps")]
    [InlineData(
        """{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"""
        + """ "b":{"dtype":"F32","shape":[1],"data_offsets":[5,9]}}""",
        9, "gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}}""", 8, "gap")]
    [InlineData("""{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}""", 4, "does not fit")]
    [InlineData("""{"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}}""", 0, "does not fit")]
    [InlineData("""{"a":{"dtype":"F32","shape":[-1],"data_offsets":[0,4]}}""", 4, "whole number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1.5],"data_offsets":[0,4]}}""", 4, "whole number")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[4,0]}}""", 4, "offsets")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0]}}""", 4, "offsets")]
    [InlineData("""{"a":{"dtype":"F32","data_offsets":[0,4]}}""", 4, "shape")]
    [InlineData("""{"a":{"dtype":"C64","shape":[],"data_offsets":[0,8]}}""", 8, "C64")]
    [InlineData("""{"a":{"dtype":"f32","shape":[1],"data_offsets":[0,4]}}""", 4, "f32")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4],"x":1}}""", 4, "unknown field")]
    [InlineData("""{"a":{"dtype":"F32","dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 4, "twice")]
    [InlineData(
        """{"a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]},"""
        + """ "a":{"dtype":"U8","shape":[0],"data_offsets":[0,0]}}""",
        0, "twice")]
    [InlineData("""{"__metadata__":{"a":"1","a":"2"}}""", 0, "twice")]
    [InlineData("""{"__metadata__":{"a":1}}""", 0, "String")]
    [InlineData("""{"a":[]}""", 0, "StartObject")]
    [InlineData("""[]""", 0, "'{'")]
    [InlineData("""{} {}""", 0, "well-formed")]
    [InlineData("""{"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]}}""", 5, "5 follow")]
    public async Task A_header_that_breaks_the_format_is_refused(string header, int dataBytes, string says)
    {
        byte[] file = [.. Prefix((ulong)header.Length), .. Encoding.UTF8.GetBytes(header), .. new byte[dataBytes]];
        await File.WriteAllBytesAsync(_folder["bad"], file, Ct);
        var e = Assert.Throws<SafetensorsException>(() => SafetensorsReader.Open(_folder["bad"]).Dispose());
        Assert.Contains(says, e.Message, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', e.Message);
    }

    [Theory]
    [InlineData(ulong.MaxValue)]
    [InlineData(1UL << 63)]
    [InlineData(100_000_001UL)]
    [InlineData(99_999_999UL)]
    public async Task A_claimed_length_allocates_nothing(ulong length)
    {
        byte[] file = [.. Prefix(length), (byte)'{', (byte)'}'];
        await File.WriteAllBytesAsync(_folder["bad"], file, Ct);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Assert.Throws<SafetensorsException>(() => SafetensorsReader.Open(_folder["bad"]).Dispose());
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 1_000_000);

        // A stream of unknown length is no different.
        using var stream = new MemoryStream(file);
        before = GC.GetTotalAllocatedBytes(precise: true);
        await Assert.ThrowsAsync<SafetensorsException>(
            () => SafetensorsStream.ReadAsync(stream, "bad", null, _ => null, Ct));
        Assert.InRange(GC.GetTotalAllocatedBytes(precise: true) - before, 0, 10_000_000);
    }

    [Fact]
    public async Task Damaged_bytes_are_refused_or_harmless_and_never_anything_else()
    {
        var memory = new MemoryStream();
        await SafetensorsWriter.WriteAsync(memory, Tensors.OfEveryType(), null, TensorOrder.Sorted, Ct);
        var whole = memory.ToArray();
        var expected = Convert.ToHexStringLower(SHA256.HashData(whole));
        var random = new Random(20);
        for (var i = 0; i < 3000; i++)
        {
            var damaged = (byte[])whole.Clone();
            for (var flips = random.Next(1, 4); flips > 0; flips--)
            {
                damaged[random.Next(damaged.Length)] ^= (byte)random.Next(1, 256);
            }

            try
            {
                var (hash, _) = await Stream(damaged);
                Assert.Equal(damaged.SequenceEqual(whole), hash.Sha256 == expected);
            }
            catch (SafetensorsException)
            {
                // the other allowed end
            }
        }
    }

    [Fact]
    public async Task The_writer_refuses_what_would_not_be_a_file()
    {
        var one = new TensorData("a", SafetensorsType.F32, [1], new byte[4]);
        await Refused([one, one], "twice");
        await Refused([one with { Bytes = new byte[5] }], "does not fit");
        await Refused([one with { Shape = [-1] }], "does not fit");
        await Refused([one with { Name = "__metadata__" }], "cannot be named");
        await Refused([one with { Name = "" }], "cannot be named");

        static async Task Refused(TensorData[] tensors, string says)
        {
            var e = await Assert.ThrowsAsync<ArgumentException>(() => SafetensorsWriter.HashAsync(tensors, Ct));
            Assert.Contains(says, e.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Memory_of_a_closed_file_throws_instead_of_reading_elsewhere()
    {
        await WriteFile(_folder["a"], Tensors.OfEveryType(), TensorOrder.Sorted);
        var reader = SafetensorsReader.Open(_folder["a"]);
        var bytes = reader.Bytes("weight");
        Assert.Throws<StorageException>(() => reader.Bytes("nothing"));
        reader.Dispose();
        Assert.Throws<ObjectDisposedException>(() => bytes.Span[0]);
    }

    [Fact]
    public async Task Python_reads_what_we_write()
    {
        var python = Python();
        await WriteFile(_folder["ours"], Tensors.OfEveryType(), TensorOrder.Sorted);
        var (code, output) = await RunForeign(python, "read", _folder["ours"]);
        Assert.True(code == 0, output);
        foreach (var tensor in Tensors.OfEveryType().OrderBy(t => t.Name, StringComparer.Ordinal))
        {
            var shape = $"[{string.Join(", ", tensor.Shape)}]";
            Assert.Contains(
                $"{tensor.Name} {tensor.Type} {shape} {Tensors.Sum(tensor):0.0##}", output, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task We_read_what_Python_writes()
    {
        var python = Python();
        var (code, output) = await RunForeign(python, "write", _folder["theirs"]);
        Assert.True(code == 0, output);
        using var reader = SafetensorsReader.Open(_folder["theirs"]);
        Assert.Equal(
            ["half", "whole", "flag", "scalar", "größe"], reader.Header.Entries.Select(e => e.Name).ToArray(),
            Equivalent);
        Assert.Equal(
            [0, .25, .5, .75, 1, 1.25],
            MemoryMarshal.Cast<byte, Half>(reader.Bytes("half").Span).ToArray().Select(h => (double)h));
        Assert.Equal([-1, 1L << 40], MemoryMarshal.Cast<byte, long>(reader.Bytes("whole").Span).ToArray());
        Assert.Equal([1, 0, 1], reader.Bytes("flag").ToArray());
        Assert.Equal(2.5f, MemoryMarshal.Read<float>(reader.Bytes("scalar").Span));
        Assert.Equal(0, reader.Bytes("größe").Length);
    }

    private static bool Equivalent(IEnumerable<string> a, IEnumerable<string> b) => a.ToHashSet().SetEquals(b);

    private static string Python() => Tools.Find("python3", "install python3 and python3-numpy.") is var found
        && File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : found;

    private static async Task<(int Code, string Output)> RunForeign(string python, string verb, string path)
    {
        var script = Path.Combine(AppContext.BaseDirectory, "Safetensors", "foreign.py");
        var result = await ServerProcess.RunAsync(python, [script, verb, path], null, TimeSpan.FromSeconds(60), Ct);
        if (result.Output.Contains("No module named 'numpy'", StringComparison.Ordinal))
        {
            Tools.Absent("python3 has no numpy: install python3-numpy.");
        }

        return result;
    }

    private static byte[] Prefix(ulong length)
    {
        var prefix = new byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(prefix, length);
        return prefix;
    }

    private static async Task<WrittenFile> WriteFile(string path, IReadOnlyList<TensorData> tensors, TensorOrder order)
    {
        await using var file = File.Create(path);
        return await SafetensorsWriter.WriteAsync(
            file, tensors, new Dictionary<string, string> { ["by"] = "test" }, order, Ct);
    }

    private static async Task<(WrittenFile File, Dictionary<string, byte[]> Tensors)> Stream(byte[] bytes)
    {
        var tensors = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        using var stream = new MemoryStream(bytes);
        var file = await SafetensorsStream.ReadAsync(
            stream, "stream", bytes.Length, entry => tensors[entry.Name] = new byte[entry.Bytes], Ct);
        return (file, tensors);
    }
}

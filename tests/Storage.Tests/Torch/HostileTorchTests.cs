using System.Text;
using Colony.Testing;

namespace Colony.Storage.Tests;

/// <summary>Files that mean harm, or are of another kind: one line each, nothing run, no large memory.</summary>
public sealed class HostileTorchTests : IDisposable
{
    private const long Bounded = 64 << 20;

    private static readonly byte[] Unneeded =
        [.. "012FILPSTUVdgilop"u8, 0x82, 0x83, 0x84, 0x8B, 0x8E, 0x8F, 0x90, 0x91, 0x92, 0x96];

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("os", "system")]
    [InlineData("posix", "system")]
    [InlineData("builtins", "eval")]
    [InlineData("subprocess", "Popen")]
    [InlineData("torch.storage", "_load_from_bytes")]
    [InlineData("torch.hub", "load")]
    public void Calls_are_refused_and_never_run(string module, string name)
    {
        var trace = _folder["ran"];
        byte[] argument = [.. Pickles.Text($"touch {trace}"), 0x85, (byte)'R', (byte)'.'];
        var line = $"calls up '{module}.{name}'";
        RefusedPickle([.. Pickles.Start, .. Pickles.Global(module, name), .. argument], line);
        RefusedPickle([0x80, 4, .. Pickles.Text(module), .. Pickles.Text(name), 0x93, .. argument], line);
        Assert.False(File.Exists(trace));
    }

    [Fact]
    public void Lengths_are_not_believed()
    {
        RefusedPickle([.. Pickles.Start, (byte)'X', 0xFF, 0xFF, 0xFF, 0x7F], "asks for 2147483647 more");
        RefusedPickle([.. Pickles.Start, 0x8D, .. Enumerable.Repeat((byte)255, 8)], "asks for 18446744073709551615");
        RefusedPickle([.. Pickles.Start, (byte)'B', 0xFF, 0xFF, 0xFF, 0xFF], "asks for 4294967295 more");
        RefusedPickle([.. Pickles.Start, (byte)'N', (byte)'r', 255, 255, 255, 255, (byte)'j', 1, 0, 0, 0], "place 1");
        RefusedPickle([.. Pickles.Start], "asks for 1 more");
        RefusedPickle([.. Pickles.Start, .. "cos"u8], "ends within a name");
    }

    [Fact]
    public void Opcodes_beyond_what_weights_need_are_refused()
    {
        foreach (var code in Unneeded)
        {
            RefusedPickle([.. Pickles.Start, (byte)'N', (byte)'N', code], "opcode");
        }

        RefusedPickle([0x80, 9, (byte)'N', (byte)'.'], "protocol 9");
        RefusedPickle([.. Pickles.Start, (byte)'.'], "stops with 0 values");
        RefusedPickle([.. Pickles.Start, (byte)'t'], "takes more values than it made");
        RefusedPickle([.. Pickles.Start, (byte)'(', (byte)'Q'], "takes more values than it made");
        RefusedPickle([.. Pickles.Start, (byte)'N', (byte)'N', (byte)'R'], "no name");
        RefusedPickle([.. Pickles.Start, (byte)'N', (byte)'N', (byte)'b'], "state");
        RefusedPickle([.. Pickles.Start, .. Pickles.Text("storage"), (byte)'Q'], "outside");
    }

    [Fact]
    public void Depth_sharing_and_circles_end()
    {
        const int Deep = 50_000;
        RefusedPickle(
            [.. Pickles.Start, .. Enumerable.Repeat((byte)']', Deep), .. Enumerable.Repeat((byte)'a', Deep - 1),
                (byte)'.'],
            "deeper than");

        // Each tuple holds the one before it twice: 2^31 ways to the innermost, and no deeper than what is allowed.
        byte[] bomb = [.. Pickles.Start, (byte)']'];
        for (byte i = 0; i < 31; i++)
        {
            bomb = [.. bomb, (byte)'q', i, (byte)'h', i, 0x86];
        }

        RefusedPickle([.. bomb, (byte)'.'], "deeper than");
        RefusedPickle(
            [.. Pickles.Start, (byte)']', (byte)'q', 0, (byte)'h', 0, (byte)'a', (byte)'.'], "deeper than");
    }

    [Fact]
    public void Tensors_stay_inside_of_their_storage()
    {
        RefusedPickle(Pickles.OneTensor(0, [5], [1], 4), "is outside of its storage");
        RefusedPickle(Pickles.OneTensor(3, [2], [1], 4), "is outside of its storage");
        RefusedPickle(Pickles.OneTensor(-1, [2], [1], 4), "is outside of its storage", "negative");
        RefusedPickle(Pickles.OneTensor(0, [2], [-1], 4), "negative");
        RefusedPickle(Pickles.OneTensor(0, [1L << 40], [0], 4), "is outside of its storage");
        RefusedPickle(Pickles.OneTensor(0, [1L << 62, 1L << 62, 4], [1, 1, 1], 4), "is outside of its storage");
        RefusedPickle(Pickles.OneTensor(0, [2], [long.MaxValue], 4), "is outside of its storage");
        RefusedPickle(Pickles.OneTensor(0, [2], [1], 1 << 30), "16 bytes long");
        RefusedPickle(Pickles.OneTensor(0, [2], [1], 4, key: "7"), "no entry for the storage '7'");
        RefusedPickle(Pickles.OneTensor(0, [2], [1], 4, key: "../../../etc/passwd"), "no entry for the storage");
        RefusedPickle(Pickles.OneTensor(0, [2], [1], 4, type: "CharStorage"), "torch.CharStorage");
        RefusedPickle(
            [.. Pickles.Start, (byte)'}', (byte)'(', .. Pickles.Text("w"), .. Pickles.Tensor(0, [4], [1], 4),
                .. Pickles.Text("w"), .. Pickles.Tensor(0, [4], [1], 4), (byte)'u', (byte)'.'],
            "'w' twice");
        RefusedPickle(
            [.. Pickles.Start, (byte)']', (byte)'(', .. Pickles.Tensor(0, [4], [1], 4),
                .. Pickles.Tensor(0, [2], [1], 2, type: "DoubleStorage"), (byte)'e', (byte)'.'],
            "two types or sizes");
    }

    [Fact]
    public void Copies_of_strided_views_are_no_larger_than_the_file()
    {
        var storage = new byte[4 << 10];
        byte[] many = [.. Pickles.Start, (byte)']', (byte)'('];
        for (var i = 0; i < 40; i++)
        {
            many = [.. many, .. Pickles.Tensor(0, [32, 32], [1, 32], 1024)];
        }

        Refused(TorchFileTests.Whole([.. many, (byte)'e', (byte)'.'], storage), "larger than the file");
    }

    [Fact]
    public void Zip_files_with_tricks_are_refused()
    {
        byte[] pickle = [.. Pickles.Start, (byte)'}', (byte)'.'];
        ZipBuilder Good() => new ZipBuilder().Add("a/data.pkl", pickle);
        Refused(Good().Add("a/../../x", [1]).Build(), "leads out of its folder");
        Refused(Good().Add("/etc/passwd", [1]).Build(), "leads out of its folder");
        Refused(Good().Add("a\\b", [1]).Build(), "leads out of its folder");
        Refused(Good().Add("a/data.pkl", pickle).Build(), "there twice");
        Refused(Good().Add("b/data.pkl", pickle).Build(), "2 entries");
        Refused(new ZipBuilder().Add("a/model.json", pickle).Build(), "0 entries");
        Refused(Good().Add("a/data/0", [1, 2], method: 8).Build(), "compressed");
        Refused(new ZipBuilder().Add("a/data.pkl", pickle, crc: 1).Build(), "checksum");
        Refused(Good().Add("a/data.pkl2", pickle, offset: 0).Build(), "not where the directory says");
        Refused(new ZipBuilder().Add("a/data.pkl", pickle, size: 1 << 30).Build(), "not where the directory says");
        Refused(new ZipBuilder { Count = 60_000 }.Add("a/data.pkl", pickle).Build(), "ends within an entry");
        Refused(new ZipBuilder { Count = 0 }.Add("a/data.pkl", pickle).Build(), "goes on for");
        Refused(Good().Add("a/byteorder", Encoding.ASCII.GetBytes("big")).Build(), "big-endian");

        // The same bytes under a second directory entry of the same name length: a zip bomb's overlap.
        var twice = Good().Add("a/data.pkl", pickle, offset: 0).Build();
        Refused(twice, "there twice");
    }

    [Fact]
    public void Files_of_another_kind_are_named()
    {
        byte[] legacy =
            [0x80, 2, 0x8A, 10, 0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19, (byte)'.'];
        Refused(legacy, "before 1.6");
        Refused("version https://git-lfs.github.com/spec/v1"u8.ToArray(), "no zip file");
        var missing = Assert.Throws<StorageException>(() => TorchFile.Open(_folder["none"]));
        Assert.Contains("there is no file", missing.Message, StringComparison.Ordinal);
        File.WriteAllBytes(_folder["empty"], []);
        Assert.Throws<StorageException>(() => TorchFile.Open(_folder["empty"]));
    }

    private void RefusedPickle(byte[] pickle, params string[] anyOf) => Refused(TorchFileTests.Whole(pickle), anyOf);

    private void Refused(byte[] bytes, params string[] anyOf)
    {
        var path = _folder["hostile.bin"];
        File.WriteAllBytes(path, bytes);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var error = Assert.Throws<TorchFileException>(() => TorchFile.Open(path));
        Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, Bounded);
        Assert.StartsWith($"'{path}'", error.Message, StringComparison.Ordinal);
        Assert.Contains(anyOf, part => error.Message.Contains(part, StringComparison.Ordinal));
        Assert.DoesNotContain('\n', error.Message);
    }
}

using System.Globalization;
using System.Runtime.InteropServices;
using Colony.Testing;

namespace Colony.Storage.Tests;

/// <summary>Files as torch.save writes them, made by a peer that has Python's own pickle and zipfile.</summary>
public sealed class TorchFileTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(2)] // what torch.save writes
    [InlineData(4)] // frames and named stacks, with 64-bit zip entries
    public async Task Every_tensor_of_a_foreign_file_arrives(int protocol)
    {
        await Peer("write", _folder["w.pth"], protocol.ToString(CultureInfo.InvariantCulture));
        using var file = TorchFile.Open(_folder["w.pth"]);
        Assert.Equal(
            [
                "model.0.fc.weight", "model.0.fc.turned", "model.0.fc.tail", "model.0.fc.every_third", "model.1.half",
                "model.1.bf16", "model.1.count", "model.1.scalar", "model.1.flags", "model.1.empty",
                "optimizer.state.0.exp_avg",
            ],
            file.Tensors.Select(t => t.Name));
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11], Floats(file, "model.0.fc.weight", 3, 4));
        Assert.Equal([0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11], Floats(file, "model.0.fc.turned", 4, 3));
        Assert.Equal([8, 9, 10, 11], Floats(file, "model.0.fc.tail", 4));
        Assert.Equal([1, 4, 7, 10], Floats(file, "model.0.fc.every_third", 4));
        Assert.Equal([0.5, -2], Values<Half>(file, "model.1.half", SafetensorsType.F16, 2).Select(h => (double)h));
        Assert.Equal([0x3F80, 0xC000], Values<ushort>(file, "model.1.bf16", SafetensorsType.BF16, 2, 1));
        Assert.Equal([-1, 1L << 40], Values<long>(file, "model.1.count", SafetensorsType.I64, 2));
        Assert.Equal([2.5], Values<double>(file, "model.1.scalar", SafetensorsType.F64));
        Assert.Equal([1, 0, 1], Values<byte>(file, "model.1.flags", SafetensorsType.BOOL, 3));
        Assert.Empty(Values<int>(file, "model.1.empty", SafetensorsType.I32, 0, 4));
        Assert.Equal([0, 1], Floats(file, "optimizer.state.0.exp_avg", 2));
    }

    [Fact]
    public async Task What_PyTorch_itself_wrote_is_read()
    {
        const string Script = """
            import sys, torch
            torch.manual_seed(1)
            model = torch.nn.Sequential(torch.nn.Linear(3, 2), torch.nn.BatchNorm1d(2)).half()
            turned = torch.arange(6.0).reshape(2, 3).t()
            torch.save({"model": [model.state_dict(), {"turned": turned, "tied": turned[1:]}], "epoch": 3}, sys.argv[1])
            print(torch.__version__)
            """;
        var python = File.Exists("/usr/bin/python3") ? "/usr/bin/python3" : Tools.Find("python3", "install python3.");
        var (code, output) = await ServerProcess.RunAsync(
            python, ["-c", Script, _folder["real.pt"]], null, TimeSpan.FromSeconds(100), Ct);
        if (output.Contains("No module named 'torch'", StringComparison.Ordinal))
        {
            Assert.Skip("python3 has no torch: install python3-torch.");
        }

        Assert.True(code == 0, output);
        using var file = TorchFile.Open(_folder["real.pt"]);
        Assert.Equal([0f, 3f, 1f, 4f, 2f, 5f], Floats(file, "model.1.turned", 3, 2));
        Assert.Equal([1f, 4f, 2f, 5f], Floats(file, "model.1.tied", 2, 2));
        Assert.Equal([(Half)1, (Half)1], Values<Half>(file, "model.0.1.weight", SafetensorsType.F16, 2));
        Assert.Equal([0], Values<long>(file, "model.0.1.num_batches_tracked", SafetensorsType.I64));
        Assert.Equal(9, file.Tensors.Count);
    }

    [Fact]
    public void A_hand_made_file_is_read_and_its_memory_ends_with_it()
    {
        File.WriteAllBytes(_folder["w.bin"], Whole(Pickles.OneTensor(1, [2], [1], 4)));
        TensorData tensor;
        using (var file = TorchFile.Open(_folder["w.bin"]))
        {
            tensor = Assert.Single(file.Tensors);
            Assert.Equal([2f, 3f], Floats(file, "w", 2));
        }

        Assert.Throws<ObjectDisposedException>(() => tensor.Bytes.Span.Length);
    }

    [Fact]
    public void Cut_anywhere_it_is_refused_and_with_any_byte_turned_it_is_refused_or_read()
    {
        var whole = Whole(Pickles.OneTensor(0, [2, 2], [1, 2], 4));
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(_folder["cut"], whole[..length]);
            Assert.ThrowsAny<StorageException>(() => TorchFile.Open(_folder["cut"]));
        }

        var read = 0;
        for (var at = 0; at < whole.Length; at++)
        {
            var turned = (byte[])whole.Clone();
            turned[at] ^= (byte)(1 << (at % 8));
            File.WriteAllBytes(_folder["turned"], turned);
            try
            {
                using var file = TorchFile.Open(_folder["turned"]);
                read++;
            }
            catch (StorageException refused)
            {
                Assert.DoesNotContain('\n', refused.Message);
            }
        }

        // Dates, versions and attributes of entries are nobody's business; all else is checked.
        Assert.InRange(read, 1, whole.Length / 3);
    }

    internal static byte[] Whole(byte[] pickle, byte[]? storage = null) => new ZipBuilder()
        .Add("a/data.pkl", pickle)
        .Add("a/data/0", storage ?? MemoryMarshal.AsBytes<float>([1, 2, 3, 4]).ToArray())
        .Build();

    internal static async Task<string> Peer(params string[] arguments)
    {
        var python = Tools.Find("python3", "install python3.");
        var script = Path.Combine(AppContext.BaseDirectory, "Torch", "torch_peer.py");
        var (code, output) = await ServerProcess.RunAsync(
            python, [script, .. arguments], null, TimeSpan.FromSeconds(60), Ct);
        Assert.True(code == 0, output);
        return output;
    }

    private static float[] Floats(TorchFile file, string name, params long[] shape) =>
        Values<float>(file, name, SafetensorsType.F32, shape);

    private static T[] Values<T>(TorchFile file, string name, SafetensorsType type, params long[] shape)
        where T : unmanaged
    {
        var tensor = file.Tensors.Single(t => t.Name == name);
        Assert.Equal(type, tensor.Type);
        Assert.Equal(shape, tensor.Shape);
        return MemoryMarshal.Cast<byte, T>(tensor.Bytes.Span).ToArray();
    }
}

using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Colony.Integration.Tests;

/// <summary>Jobs and command lines that cannot be meant: the place, the reason, the cure, exit code 2.</summary>
public sealed class BadCommandTests(SmallWorld world)
{
    [Theory]
    [InlineData("model.name=terrn", "there is no model 'terrn'; did you mean 'tern'?")]
    [InlineData("train.learning_rat=1", "did you mean 'learning_rate'?")]
    [InlineData("train.epochs=many", "'many' is not a whole number")]
    [InlineData("nonsense", "not path=value")]
    [InlineData("batch.size=-1", "out of range")]
    public async Task An_override(string set, string says) => Refusal.IsOneLine(
        await ColonyProcess.RunAsync("train", world.Job, "--out", world.Fresh(), "--set", set), $"--set {set}", says);

    [Theory]
    [InlineData("trian", "'trian' is no verb")]
    [InlineData("train", "Required argument")]
    [InlineData("models --ouput", "'--ouput' is no verb or option here; see colony models --help")]
    [InlineData("train no-such.yaml", "no-such.yaml: there is no such job file")]
    [InlineData("query --run no-such-run dog", "no-such-run: is no run's folder")]
    [InlineData("compare no-such-run", "no-such-run: is no run's folder")]
    [InlineData("checkpoint ls ftp://x", "ftp://x")]
    [InlineData("simulate --seeds 0", "--seeds is 0; it goes from 1 to")]
    [InlineData("simulate --faults hail", "'hail' is no set of faults (default, workers, bitflips, none) and no file")]
    [InlineData("simulate --flaw hubris", "there is no flaw 'hubris'")]
    [InlineData("simulate --predict --latency-ms -1", "it must be more than zero and at most 100")]
    public async Task A_command_line(string arguments, string says) =>
        Refusal.IsOneLine(await ColonyProcess.RunAsync(arguments.Split(' ')), says);

    [Fact]
    public async Task Several_errors_at_once_each_with_its_place()
    {
        string job = world.Fresh() + ".yaml";
        string text = await File.ReadAllTextAsync(world.Job, TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(
            job,
            text.Replace("size: 32,", "size: -1,", StringComparison.Ordinal).Replace(
                "heads:", "haeds:", StringComparison.Ordinal)
                .Replace("count: 2", "count: x", StringComparison.Ordinal),
            TestContext.Current.CancellationToken);

        Ended ended = await ColonyProcess.RunAsync("train", job, "--check");

        Assert.Equal(2, ended.Code);
        Assert.Collection(
            ended.ErrorLines,
            line => Assert.StartsWith($"colony: {job}:4:15: batch.size is -1", line, StringComparison.Ordinal),
            line => Assert.StartsWith(
                $"colony: {job}:10:3: model has no 'haeds'; did you mean 'heads'?", line, StringComparison.Ordinal),
            line => Assert.StartsWith($"colony: {job}:21:18: workers.count: 'x'", line, StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_folder_below_a_file() => Refusal.IsOneLine(
        await ColonyProcess.RunAsync("train", world.Job, "--out", Path.Combine(world.Job, "run")),
        "cannot be written", "choose another --out");

    [Fact]
    public async Task A_port_that_is_taken()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        string port = ((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture);

        Refusal.IsOneLine(
            await ColonyProcess.RunAsync(
                "train", world.Job, "--out", world.Fresh(), "--set", $"listen.coordinator_port={port}"),
            $"127.0.0.1:{port}: the address is in use");
    }

    [Fact]
    public async Task A_device_that_is_not_there()
    {
        Assert.SkipWhen(File.Exists("/dev/nvidia0"), "There is a CUDA device here, so asking for it is no mistake.");
        var run = new RunFiles(world.Fresh());

        Ended ended = await ColonyProcess.RunAsync(
            "train", world.Job, "--out", run.Folder, "--set", "train.device=cuda:0", "--workers", "1");

        Refusal.IsOneLine(ended, "cannot start: train.device is cuda:0, and libtorch sees no CUDA device here");
        Assert.Equal("failed", run.Report().GetProperty("outcome").GetString());
    }

    [Theory]
    [InlineData("xyzzy qwrt", "No word of the query 'xyzzy qwrt' occurs in the training captions")]
    [InlineData("--image nobody", "no image of split 'test' is called 'nobody'; the first is called 'test-000000'")]
    [InlineData("", "ask either with words")]
    [InlineData("dog --top 0", "--top 0")]
    [InlineData("dog --split nosuch", "nosuch")]
    [InlineData("dog --checkpoint 5", "there is no committed checkpoint of step 5")]
    public async Task A_query(string query, string says)
    {
        string[] words = query.StartsWith("xyzzy", StringComparison.Ordinal)
            ? [query]
            : query.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        string run = await world.ReferenceAsync();

        Refusal.IsOneLine(await ColonyProcess.RunAsync(["query", "--run", run, .. words]), says);
    }

    [Theory]
    [InlineData("part-0-of-1.safetensors")]
    [InlineData("manifest.json")]
    public async Task A_checkpoint_whose_bytes_have_changed(string file)
    {
        string folder = world.Fresh();
        SmallWorld.Copy(await world.ReferenceAsync(), folder);
        string path = Directory.EnumerateFiles(
            new RunFiles(folder).Checkpoints, file, SearchOption.AllDirectories).Max(StringComparer.Ordinal)!;
        byte[] bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        bytes[bytes.Length / 2] ^= 1;
        await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);

        Ended verified = await ColonyProcess.RunAsync("checkpoint", "verify", folder, "--step", "26");

        Refusal.IsOneLine(verified, file);
    }

    [Fact]
    public async Task Weights_whose_bytes_have_changed_are_neither_resumed_nor_asked()
    {
        string folder = world.Fresh();
        SmallWorld.Copy(await world.ReferenceAsync(), folder);
        foreach (string path in Directory.EnumerateFiles(
            new RunFiles(folder).Checkpoints, "*.safetensors", SearchOption.AllDirectories))
        {
            byte[] bytes = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
            bytes[^5] ^= 1;
            await File.WriteAllBytesAsync(path, bytes, TestContext.Current.CancellationToken);
        }

        Refusal.IsOneLine(await ColonyProcess.RunAsync("query", "--run", folder, "dog"), "safetensors");

        // The journal knows that there is nothing left to do; without it the checkpoint is read.
        string report = await File.ReadAllTextAsync(
            Path.Combine(folder, "report.json"), TestContext.Current.CancellationToken);
        Ended complete = await ColonyProcess.RunAsync("train", world.Job, "--out", folder, "--resume");
        Assert.Equal(0, complete.Code);
        Assert.Contains("complete already", complete.Out + complete.Error, StringComparison.Ordinal);
        Assert.Equal(report, await File.ReadAllTextAsync(
            Path.Combine(folder, "report.json"), TestContext.Current.CancellationToken));
        Directory.Delete(Path.Combine(folder, "journal"), recursive: true);
        Refusal.IsOneLine(
            await ColonyProcess.RunAsync(
                "train", world.Job, "--out", folder, "--resume", "--workers", "1"), "safetensors");
    }
}

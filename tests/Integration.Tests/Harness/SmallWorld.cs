using Colony.Testing;

namespace Colony.Integration.Tests;

/// <summary>
/// A synthetic world and a small TERN job on it, made once for all tests, and the run that others are compared with.
/// Two epochs of thirteen steps; the last batch of an epoch is half of one.
/// </summary>
public sealed class SmallWorld : IAsyncLifetime
{
    public const int Steps = 26;
    public const int Samples = 400;

    private readonly TemporaryFolder _folder = new();
    private Task<string>? _reference;
    private int _runs;

    public string Job => _folder["job.yaml"];

    public string World => _folder["world"];

    public async ValueTask InitializeAsync()
    {
        Ended synth = await ColonyProcess.RunAsync(
            "data", "synth", "--scenes", "80", "--held-out", "60", "--seed", "5", "--out", World);
        Assert.True(synth.Code == 0, synth.Error);
        await File.WriteAllTextAsync(Job, JobText("world"), TestContext.Current.CancellationToken);
    }

    public ValueTask DisposeAsync()
    {
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    /// <summary>A folder for one more run; nothing is there yet.</summary>
    public string Fresh() => _folder[FormattableString.Invariant($"run-{_runs++}")];

    /// <summary>The folder of one finished, undisturbed run with one worker.</summary>
    public Task<string> ReferenceAsync() => _reference ??= MakeReferenceAsync();

    /// <summary>A job like the small one on other data.</summary>
    public string JobOn(string data)
    {
        string path = Fresh() + ".yaml";
        File.WriteAllText(path, JobText(data));
        return path;
    }

    /// <summary>A copy of the world to spoil.</summary>
    public string CopyOfWorld()
    {
        string copy = Fresh();
        Copy(World, copy);
        return copy;
    }

    public static void Copy(string from, string to)
    {
        Directory.CreateDirectory(to);
        foreach (string file in Directory.EnumerateFiles(from, "*", SearchOption.AllDirectories))
        {
            string target = Path.Combine(to, Path.GetRelativePath(from, file));
            Directory.CreateDirectory(Path.GetDirectoryName(target)!);
            File.Copy(file, target);
        }
    }

    private static string JobText(string data) =>
        $$"""
        job: small
        seed: 11
        data: {path: {{data}}, boxes: boxes, text: words, min_word_count: 1}
        batch: {size: 32, logical_ranks: 4}
        model:
          name: tern
          text: words
          word_dim: 16
          embed_size: 32
          heads: 2
          feedforward: 32
          image_layers: 1
          text_layers: 1
          joint_layers: 1
          max_words: 48
          dropout: 0.1
        objective: {name: hinge, margin: 0.2, max_violation: true, sum_epochs: 1}
        train: {epochs: 2, learning_rate: 1.0e-3, warmup_steps: 10, clip_norm: 2.0}
        checkpoint: {every_steps: 8, keep_last: 3}
        evaluate: {every_steps: 12, split: dev, final_split: test}
        workers: {count: 2, lost_ms: 4000}
        """;

    private async Task<string> MakeReferenceAsync()
    {
        string folder = Fresh();
        Ended ended = await ColonyProcess.RunAsync("train", Job, "--out", folder, "--workers", "1");
        Assert.True(ended.Code == 0, ended.Error + ended.Out);
        return folder;
    }
}

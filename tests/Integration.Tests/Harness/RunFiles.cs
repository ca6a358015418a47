using System.Text.Json;
using System.Threading.Channels;

namespace Colony.Integration.Tests;

/// <summary>A run's folder as tests read it: events as they come, the report at the end.</summary>
internal sealed class RunFiles(string folder)
{
    public string Folder => folder;

    public string Checkpoints => Path.Combine(folder, "checkpoints");

    public JsonElement Report()
    {
        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(Path.Combine(folder, "report.json")));
        return document.RootElement.Clone();
    }

    public string Sha => Report().GetProperty("weights_sha256").GetString()!;

    public IReadOnlyList<JsonElement> Events() => Lines("events.jsonl");

    /// <summary>Waits for an event, written already or to come; fails at once when the run ends without it.</summary>
    public Task<JsonElement> EventAsync(string name, Func<JsonElement, bool>? wanted, ColonyProcess run) =>
        UntilAsync(
            () => Events().Where(e => Is(e, name) && (wanted?.Invoke(e) ?? true)).Cast<JsonElement?>().FirstOrDefault(),
            $"event '{name}'",
            run);

    /// <summary>Waits until a step at or after the given one is committed.</summary>
    public Task<JsonElement> StepAsync(long step, ColonyProcess run) =>
        EventAsync("step", e => e.GetProperty("step").GetInt64() >= step, run);

    /// <summary>Looks again at every change in the folder until there is an answer.</summary>
    public Task<T> UntilAsync<T>(Func<T?> look, string what, ColonyProcess run)
        where T : struct => UntilAsync(() => Task.FromResult(look()), what, run);

    /// <summary>Looks again at every change in the folder until there is an answer.</summary>
    public async Task<T> UntilAsync<T>(Func<Task<T?>> look, string what, ColonyProcess run)
        where T : struct
    {
        Directory.CreateDirectory(folder);
        Channel<bool> changes = Channel.CreateBounded<bool>(
            new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
        using var watcher = new FileSystemWatcher(
            folder) { NotifyFilter = NotifyFilters.LastWrite | NotifyFilters.FileName | NotifyFilters.Size };
        watcher.Changed += (_, _) => changes.Writer.TryWrite(true);
        watcher.Created += (_, _) => changes.Writer.TryWrite(true);
        watcher.Renamed += (_, _) => changes.Writer.TryWrite(true);
        watcher.EnableRaisingEvents = true;
        using var bounded = CancellationTokenSource.CreateLinkedTokenSource(TestContext.Current.CancellationToken);
        bounded.CancelAfter(ColonyProcess.Limit);
        Task exited = run.ExitedAsync(bounded.Token);
        while (true)
        {
            bool over = exited.IsCompletedSuccessfully;
            if (await look() is { } found)
            {
                return found;
            }

            if (over)
            {
                Ended ended = await run.EndAsync();
                Assert.Fail($"the run ended without {what}, with {ended.Code}, and said:\n{ended.Error}\n{ended.Out}");
            }

            Task<bool> change = changes.Reader.ReadAsync(bounded.Token).AsTask();
            await Task.WhenAny(change, exited);
            Assert.False(bounded.IsCancellationRequested, $"no {what} within {ColonyProcess.Limit}");
        }
    }

    private IReadOnlyList<JsonElement> Lines(string name)
    {
        string path = Path.Combine(folder, name);
        if (!File.Exists(path))
        {
            return [];
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        using var reader = new StreamReader(stream);
        string text = reader.ReadToEnd();

        // The last line may still be on its way.
        return [.. text[..(
            text.LastIndexOf('\n') + 1)].Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(Parse)];
    }

    private static JsonElement Parse(string line)
    {
        using JsonDocument document = JsonDocument.Parse(line);
        return document.RootElement.Clone();
    }

    private static bool Is(JsonElement e, string name) =>
        string.Equals(e.GetProperty("event").GetString(), name, StringComparison.Ordinal);
}

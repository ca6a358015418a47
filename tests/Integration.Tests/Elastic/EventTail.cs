using System.Text;
using System.Text.Json;

namespace Colony.Integration.Tests;

/// <summary>The events of a run as they come, each read once: a run of an hour has very many.</summary>
internal sealed class EventTail(RunFiles run)
{
    private long _offset;

    public long Committed { get; private set; }

    /// <summary>When steps were committed, in order.</summary>
    public List<(long Step, DateTimeOffset At)> Steps { get; } = [];

    /// <summary>Everything but the steps.</summary>
    public List<JsonElement> Others { get; } = [];

    /// <summary>Reads on; then looks, and again at every change in the folder, until there is an answer.</summary>
    public Task<T> UntilAsync<T>(Func<T?> look, string what, ColonyProcess process)
        where T : struct => run.UntilAsync(
            () =>
            {
                Read();
                return look();
            },
            what,
            process);

    public Task<long> MoreStepsAsync(long steps, ColonyProcess process)
    {
        long target = Committed + steps;
        return UntilAsync(() => Committed >= target ? Committed : (long?)null, $"step {target}", process);
    }

    public void Read()
    {
        string path = Path.Combine(run.Folder, "events.jsonl");
        if (!File.Exists(path))
        {
            return;
        }

        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
        stream.Seek(_offset, SeekOrigin.Begin);
        byte[] bytes = new byte[stream.Length - _offset];
        stream.ReadExactly(bytes);
        int whole = Array.LastIndexOf(bytes, (byte)'\n') + 1;
        _offset += whole;
        foreach (string line in Encoding.UTF8.GetString(bytes, 0, whole)
            .Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            using JsonDocument document = JsonDocument.Parse(line);
            Take(document.RootElement.Clone());
        }
    }

    public static bool Is(JsonElement e, string name) =>
        string.Equals(e.GetProperty("event").GetString(), name, StringComparison.Ordinal);

    public static DateTimeOffset At(JsonElement e) => e.GetProperty("time").GetDateTimeOffset();

    private void Take(JsonElement e)
    {
        if (!Is(e, "step"))
        {
            Others.Add(e);
            return;
        }

        Committed = e.GetProperty("step").GetInt64();
        Steps.Add((Committed, At(e)));
    }
}

using System.Globalization;
using System.Text;
using System.Text.Json;
using Colony.Cli.Running;
using Colony.Evaluator;

namespace Colony.Cli.Reporting;

/// <summary>What a run's folder tells of its past, for a run that is over as for one under way.</summary>
internal static class RunHistory
{
    /// <summary>Reads the steps and evaluations of <c>events.jsonl</c>, and the end of <c>report.json</c>.</summary>
    /// <exception cref="UsageException">The folder is none of a run, or a line cannot be read.</exception>
    public static ComparedRun Read(string path, string name)
    {
        var folder = new RunFolder(Path.GetFullPath(path));
        if (!File.Exists(folder.Events))
        {
            throw new UsageException(
                $"{path}: is no run's folder (there is no events.jsonl); give folders that colony train wrote");
        }

        // A step that was done again, after the run went back to a checkpoint, counts as it was done last.
        var losses = new SortedDictionary<long, double>();
        var evaluations = new List<RunEvaluation>();
        int number = 0;
        foreach (string line in File.ReadLines(folder.Events))
        {
            number++;
            try
            {
                var reader = new Utf8JsonReader(Encoding.UTF8.GetBytes(line), isFinalBlock: false, default);
                if (!JsonDocument.TryParseValue(ref reader, out JsonDocument? document))
                {
                    continue; // cut short: being written, or its process was killed amid it
                }

                using (document)
                {
                    Take(document.RootElement, losses, evaluations);
                }
            }
            catch (Exception failure) when (failure is JsonException or KeyNotFoundException
                or InvalidOperationException or FormatException)
            {
                throw new UsageException(
                    $"{folder.Events}:{number}: is no event ({failure.Message}); leave this run out");
            }
        }

        return new ComparedRun(
            name,
            Outcome(folder),
            [.. losses.Select(l => new ChartPoint(l.Key, l.Value))],
            [.. evaluations.OrderBy(e => e.Step)]);
    }

    private static void Take(
        JsonElement e, SortedDictionary<long, double> losses, List<RunEvaluation> evaluations)
    {
        switch (e.GetProperty("event").GetString())
        {
            case "step":
                losses[e.GetProperty("step").GetInt64()] =
                    e.GetProperty("loss") is { ValueKind: JsonValueKind.Number } loss ? loss.GetDouble() : double.NaN;
                break;
            case "evaluation":
                var evaluation = new RunEvaluation(
                    e.GetProperty("step").GetInt64(),
                    Protocols.Title(
                        e.TryGetProperty("protocol", out JsonElement protocol) ? protocol.GetString()! : string.Empty,
                        e.GetProperty("split").GetString()!),
                    new RetrievalMetrics(Direction(e.GetProperty("i2t")), Direction(e.GetProperty("t2i"))));
                evaluations.RemoveAll(known => known.Step == evaluation.Step && known.Split == evaluation.Split);
                evaluations.Add(evaluation);
                break;
            default:
                break;
        }
    }

    private static DirectionMetrics Direction(JsonElement d) => new(
        d.GetProperty("r1").GetDouble(),
        d.GetProperty("r5").GetDouble(),
        d.GetProperty("r10").GetDouble(),
        d.GetProperty("medr").GetDouble(),
        d.GetProperty("meanr").GetDouble());

    private static IReadOnlyList<PageFact> Outcome(RunFolder folder)
    {
        if (!File.Exists(folder.Report))
        {
            return [new PageFact("outcome", "not at its end")];
        }

        using JsonDocument document = JsonDocument.Parse(File.ReadAllText(folder.Report));
        JsonElement report = document.RootElement;
        string Number(string field, string format) =>
            report.TryGetProperty(field, out JsonElement value) && value.ValueKind == JsonValueKind.Number
                ? value.GetDouble().ToString(format, CultureInfo.InvariantCulture)
                : "unknown";
        return
        [
            new PageFact("steps", Number("steps", "0")),
            new PageFact("workers", Number("workers", "0")),
            new PageFact("samples/s", Number("samples_per_second", "0.0")),
            new PageFact("seconds", Number("wall_seconds", "0")),
            new PageFact("weights SHA-256", report.GetProperty("weights_sha256").GetString() ?? "none"),
        ];
    }
}

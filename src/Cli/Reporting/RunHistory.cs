using System.Globalization;
using System.Text;
using System.Text.Json;
using Colony.Cli.Running;
using Colony.Coordinator;
using Colony.Evaluator;
using Proto = Colony.Protos.V1;

namespace Colony.Cli.Reporting;

/// <summary>What a run's folder tells of its past, for a run that is over as for one under way.</summary>
/// <param name="Losses">Loss of each step, as it was done last.</param>
/// <param name="Evaluations">By rising step, one of a step and split: the last.</param>
internal sealed record RunHistory(
    SortedDictionary<long, double> Losses, IReadOnlyList<Proto.Evaluation> Evaluations)
{
    /// <summary>A run beside others, with the end of its <c>report.json</c>.</summary>
    /// <exception cref="UsageException">As <see cref="Of"/>.</exception>
    public static ComparedRun Read(string path, string name)
    {
        RunHistory history = Of(path);
        return new ComparedRun(
            name, Outcome(new RunFolder(Path.GetFullPath(path))), history.LossCurve, history.RunEvaluations);
    }

    /// <summary>Reads the steps and evaluations of <c>events.jsonl</c>.</summary>
    /// <exception cref="UsageException">The folder is none of a run, or a line cannot be read.</exception>
    public static RunHistory Of(string path)
    {
        var folder = new RunFolder(Path.GetFullPath(path));
        if (!File.Exists(folder.Events))
        {
            throw new UsageException(
                $"{path}: is no run's folder (there is no events.jsonl); give folders that colony train wrote");
        }

        // A step that was done again, after the run went back to a checkpoint, counts as it was done last.
        var losses = new SortedDictionary<long, double>();
        var evaluations = new List<Proto.Evaluation>();
        int number = 0;
        foreach (string line in File.ReadLines(folder.Events))
        {
            number++;
            try
            {
                byte[] bytes = Encoding.UTF8.GetBytes(line);
                var reader = new Utf8JsonReader(bytes, isFinalBlock: false, default);
                if (!JsonDocument.TryParseValue(ref reader, out JsonDocument? document))
                {
                    continue; // cut short: being written, or its process was killed amid it
                }

                using (document)
                {
                    if (reader.BytesConsumed < bytes.Length)
                    {
                        throw new FormatException("more follows on the line");
                    }

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

        return new RunHistory(losses, [.. evaluations.OrderBy(e => e.Step)]);
    }

    public IReadOnlyList<ChartPoint> LossCurve => [.. Losses.Select(l => new ChartPoint(l.Key, l.Value))];

    public IReadOnlyList<RunEvaluation> RunEvaluations => [.. Evaluations.Select(e => new RunEvaluation(
        e.Step,
        Protocols.Title(e.Protocol, e.Split),
        new RetrievalMetrics(Metrics(e.ImageToText), Metrics(e.TextToImage))))];

    /// <summary>With what a process knows itself, which counts where both know of a step, and without what lies beyond
    /// the step that it ended with: it had begun before that.</summary>
    public RunHistory With(RunResult result)
    {
        var losses = new SortedDictionary<long, double>(
            Losses.Where(l => l.Key <= result.Steps).ToDictionary(l => l.Key, l => l.Value));
        foreach (StepPoint point in result.Curve)
        {
            losses[point.Step] = point.Loss;
        }

        IEnumerable<Proto.Evaluation> others = Evaluations.Where(
            old => !result.Evaluations.Any(e => e.Step == old.Step && e.Split == old.Split));
        return new RunHistory(
            losses, [.. others.Concat(result.Evaluations).Where(e => e.Step <= result.Steps).OrderBy(e => e.Step)]);
    }

    private static void Take(
        JsonElement e, SortedDictionary<long, double> losses, List<Proto.Evaluation> evaluations)
    {
        switch (e.GetProperty("event").GetString())
        {
            case "step":
                losses[e.GetProperty("step").GetInt64()] =
                    e.GetProperty("loss") is { ValueKind: JsonValueKind.Number } loss ? loss.GetDouble() : double.NaN;
                break;
            case "evaluation":
                var evaluation = new Proto.Evaluation
                {
                    Step = e.GetProperty("step").GetInt64(),
                    Split = e.GetProperty("split").GetString()!,
                    Protocol = e.TryGetProperty("protocol", out JsonElement protocol)
                        ? protocol.GetString()!
                        : string.Empty,
                    Images = e.TryGetProperty("images", out JsonElement images) ? images.GetUInt32() : 0,
                    Captions = e.TryGetProperty("captions", out JsonElement captions) ? captions.GetUInt32() : 0,
                    ImageToText = Direction(e.GetProperty("i2t")),
                    TextToImage = Direction(e.GetProperty("t2i")),
                    Rsum = e.GetProperty("rsum").GetDouble(),
                };
                evaluations.RemoveAll(known => known.Step == evaluation.Step && known.Split == evaluation.Split);
                evaluations.Add(evaluation);
                break;
            default:
                break;
        }
    }

    private static Proto.DirectionRecall Direction(JsonElement d) => new()
    {
        R1 = d.GetProperty("r1").GetDouble(),
        R5 = d.GetProperty("r5").GetDouble(),
        R10 = d.GetProperty("r10").GetDouble(),
        MedianRank = d.GetProperty("medr").GetDouble(),
        MeanRank = d.GetProperty("meanr").GetDouble(),
    };

    private static DirectionMetrics Metrics(Proto.DirectionRecall d) =>
        new(d.R1, d.R5, d.R10, d.MedianRank, d.MeanRank);

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

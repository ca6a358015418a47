using System.Globalization;
using System.Text.Json;
using Colony.Cli.Running;
using Colony.Coordinator;
using Colony.Data;
using Colony.Evaluator;
using Colony.Orchestration;
using Spectre.Console;
using Proto = Colony.Protos.V1;

namespace Colony.Cli.Reporting;

/// <summary>The end of a run: the table on the terminal, report.json, and the page with the learning curves.</summary>
internal static class RunReportFile
{
    private static readonly JsonSerializerOptions Indented = new()
    {
        WriteIndented = true,
        NumberHandling = System.Text.Json.Serialization.JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    /// <summary>Writes and shows everything; answers the exit code of the run.</summary>
    public static async Task<int> WriteAsync(RunFolder folder, JobSource source, RunResult result)
    {
        if (result is { Outcome: RunOutcome.Completed, Curve.Count: 0, Evaluations.Count: 0 }
            && File.Exists(folder.Report))
        {
            // Nothing was done this time, and the report of the time when it was is worth more.
            ProgressView.Say($"this run is complete already; see {folder.Report}");
            return 0;
        }

        RunHistory whole = Whole(folder, result);
        Proto.Evaluation? last = whole.Evaluations.Count > 0 ? whole.Evaluations[^1] : null;
        await File.WriteAllTextAsync(folder.Report, Json(source, result, whole, last)).ConfigureAwait(false);
        string? page = whole.Losses.Count > 0
            ? await PageAsync(folder, source, result, whole, last).ConfigureAwait(false)
            : null;
        Show(folder, result, last, page);
        if (result.Outcome != RunOutcome.Failed)
        {
            return 0;
        }

        // What went wrong belongs on stderr too: scripts read nothing else.
        await Console.Error.WriteLineAsync($"colony: {result.Reason.ReplaceLineEndings(" ")}").ConfigureAwait(false);
        return CommandLine.UsersFault;
    }

    // A coordinator knows the run since it began or came back; what was before lies among the events.
    private static RunHistory Whole(RunFolder folder, RunResult result)
    {
        try
        {
            return RunHistory.Of(folder.Path).With(result);
        }
        catch (UsageException unreadable)
        {
            ProgressView.Say($"the report begins where this process did: {unreadable.Message}");
            return new RunHistory([], []).With(result);
        }
    }

    private static string Json(JobSource source, RunResult result, RunHistory whole, Proto.Evaluation? last)
    {
        var report = new Dictionary<string, object?>(StringComparer.Ordinal)
        {
            ["job"] = source.Job.Name,
            ["outcome"] = result.Outcome.ToString().ToLowerInvariant(),
            ["reason"] = result.Reason,
            ["steps"] = result.Steps,
            ["steps_per_epoch"] = result.StepsPerEpoch,
            ["epochs"] = source.Job.Train.Epochs,
            ["workers"] = result.Workers,
            ["samples_per_second"] = result.SamplesPerSecond,
            ["wall_seconds"] = result.WallSeconds,
            ["weights_sha256"] = result.WeightsSha256,
            ["job_hash"] = source.Job.Hash(),
            ["checkpoint_step"] = result.Checkpoint,
            ["ledger"] = result.Ledger.Select(e => new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["epoch"] = e.Epoch,
                ["expected"] = e.Expected,
                ["consumed"] = e.Consumed,
                ["duplicates"] = e.Duplicates,
                ["missing"] = e.Missing,
            }).ToArray(),
            ["recall"] = last is null ? null : new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["step"] = last.Step,
                ["split"] = last.Split,
                ["protocol"] = last.Protocol,
                ["i2t"] = EvaluationFields.Of(last.ImageToText),
                ["t2i"] = EvaluationFields.Of(last.TextToImage),
                ["rsum"] = last.Rsum,
            },
            ["recoveries"] = result.Recoveries.Select(r => new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["cause"] = r.Cause,
                ["step"] = r.Step,
                ["seconds"] = r.Seconds,
            }).ToArray(),
            ["goodput"] = new Dictionary<string, object?>(StringComparer.Ordinal)
            {
                ["ratio"] = result.Goodput.Ratio,
                ["useful_seconds"] = result.Goodput.Useful,
                ["lost_seconds"] = result.Goodput.Lost.ToDictionary(
                    l => l.Key, l => (object?)l.Value, StringComparer.Ordinal),
            },
            ["loss"] = whole.Losses.Count > 0 ? whole.Losses.Last().Value : null,
        };
        return JsonSerializer.Serialize(report, Indented);
    }

    private static Task<string> PageAsync(
        RunFolder folder, JobSource source, RunResult result, RunHistory whole, Proto.Evaluation? last)
    {
        long first = result.Curve.Select(p => p.Step).DefaultIfEmpty(result.Steps + 1).Min();
        string since = first > 1 ? $" since step {Number(first)}" : string.Empty;
        RetrievalMetrics? chance = last is null
            ? null
            : ChanceLevel.Of(
                Protocols.Candidates(last.Protocol, (int)last.Images),
                ((DatasetOptions)source.Job.Data).CaptionsPerImage);
        return RunPage.WriteAsync(
            folder.Path,
            new RunReport(
                source.Job.Name,
                [
                    new PageFact("outcome", result.Reason),
                    new PageFact("model", source.Job.Model.Name),
                    new PageFact("steps", Number(result.Steps)),
                    new PageFact("workers", Number(result.Workers)),
                    new PageFact($"samples/s{since}", Number((long)result.SamplesPerSecond)),
                    new PageFact($"seconds{since}", Number((long)result.WallSeconds)),
                    new PageFact("ledger", result.Ledger.All(e => e.Exact) ? "exact" : "not exact"),
                    new PageFact("weights SHA-256", result.WeightsSha256 ?? "none"),
                ],
                whole.LossCurve,
                whole.RunEvaluations,
                chance),
            CancellationToken.None);
    }

    private static void Show(RunFolder folder, RunResult result, Proto.Evaluation? last, string? page)
    {
        string colour = result.Outcome == RunOutcome.Failed ? "red" : "green";
        AnsiConsole.MarkupLine(
            $"[{colour}]{result.Outcome.ToString().ToLowerInvariant()}[/]: {Markup.Escape(result.Reason)}");
        if (last is not null)
        {
            AnsiConsole.Write(RecallTable.Of(last));
        }

        var table = new Table().HideHeaders().AddColumns("what", "value");
        table.AddRow("steps", Number(result.Steps));
        table.AddRow("samples/s", result.SamplesPerSecond.ToString("0.0", CultureInfo.InvariantCulture));
        table.AddRow("wall seconds", result.WallSeconds.ToString("0.0", CultureInfo.InvariantCulture));
        foreach (EpochAccount e in result.Ledger)
        {
            table.AddRow(
                $"ledger epoch {e.Epoch}",
                $"expected {e.Expected}, consumed {e.Consumed}, duplicates {e.Duplicates}, missing {e.Missing}");
        }

        if (result.Recoveries.Length > 0)
        {
            table.AddRow("recoveries", string.Join(", ", result.Recoveries.GroupBy(r => r.Cause, StringComparer.Ordinal)
                .Select(g => string.Create(
                    CultureInfo.InvariantCulture, $"{g.Count()} {g.Key} (longest {g.Max(r => r.Seconds):0.00} s)"))));
        }

        table.AddRow("goodput", string.Create(
            CultureInfo.InvariantCulture, $"{result.Goodput.Ratio:P1}") + Lost(result.Goodput));
        table.AddRow("checkpoint", result.Checkpoint > 0 ? $"step {result.Checkpoint}" : "none");
        table.AddRow("weights SHA-256", result.WeightsSha256 ?? "none");
        table.AddRow("report", Markup.Escape(page ?? folder.Report));
        AnsiConsole.Write(table);
    }

    private static string Lost(Goodput goodput) => goodput.Lost.IsEmpty
        ? string.Empty
        : " (lost: " + string.Join(", ", goodput.Lost.OrderByDescending(l => l.Value).Select(l => string.Create(
            CultureInfo.InvariantCulture, $"{l.Key} {l.Value:0.00} s"))) + ")";

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}

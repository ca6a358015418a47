using System.Globalization;
using System.Text;

namespace Colony.Evaluator;

/// <summary>A run beside others.</summary>
/// <param name="Name">What the legend calls it.</param>
/// <param name="Outcome">How it stands or ended: steps, weights, speed.</param>
/// <param name="Loss">Loss of each step.</param>
/// <param name="Evaluations">Evaluations by rising step.</param>
public sealed record ComparedRun(
    string Name,
    IReadOnlyList<PageFact> Outcome,
    IReadOnlyList<ChartPoint> Loss,
    IReadOnlyList<RunEvaluation> Evaluations);

/// <summary>A page with the learning curves of several runs in one picture, and what each came to.</summary>
public static class ComparisonPage
{
    /// <summary>Runs that one picture can hold apart.</summary>
    public const int MaximumRuns = 6;

    private const string StepLabel = "step";

    /// <summary>The page as HTML; everything that comes from data is escaped.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no run, or more than <see cref="MaximumRuns"/>.
    /// </exception>
    public static string Render(IReadOnlyList<ComparedRun> runs)
    {
        ArgumentNullException.ThrowIfNull(runs);
        ArgumentOutOfRangeException.ThrowIfZero(runs.Count, nameof(runs));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(runs.Count, MaximumRuns, nameof(runs));
        var html = new StringBuilder();
        html.Append("<header><p class=\"kicker\">Colony</p><h1>");
        html.Append(PageShell.Text(string.Join(", ", runs.Select(r => r.Name)))).Append("</h1></header>\n");
        html.Append("<h2>Learning curves</h2>\n<div class=\"charts\">\n");
        foreach (LineChart chart in Charts(runs))
        {
            html.Append(chart.Render());
        }

        html.Append("</div>\n");
        Table(html, runs);
        foreach (ComparedRun run in runs)
        {
            html.Append($"<h2>{PageShell.Text(run.Name)}</h2>\n{PageShell.Facts(run.Outcome)}\n");
        }

        return PageShell.Page("Colony: runs compared", html.ToString());
    }

    /// <summary>Writes the page, making its folder.</summary>
    public static Task WriteAsync(string path, IReadOnlyList<ComparedRun> runs, CancellationToken cancellationToken) =>
        PageShell.WriteAsync(path, Render(runs), cancellationToken);

    private static IEnumerable<LineChart> Charts(IReadOnlyList<ComparedRun> runs)
    {
        yield return LearningCurve.Loss([.. runs.Select(r => new ChartSeries(r.Name, r.Loss))]);
        foreach (string split in runs.SelectMany(r => r.Evaluations).Select(e => e.Split).Distinct().Order())
        {
            // A single measurement is no curve; the table has it.
            if (runs.Any(r => r.Evaluations.Count(e => Same(e.Split, split)) > 1))
            {
                yield return new LineChart(
                    $"Recall sum, {split}",
                    StepLabel,
                    "Rsum, 0 to 600",
                    [
                        .. runs.Select(r => new ChartSeries(r.Name, [
                            .. r.Evaluations.Where(e => Same(e.Split, split))
                                .Select(e => new ChartPoint(e.Step, e.Metrics.RecallSum)),
                        ])),
                    ]);
            }
        }
    }

    private static bool Same(string a, string b) => string.Equals(a, b, StringComparison.Ordinal);

    private static void Table(StringBuilder html, IReadOnlyList<ComparedRun> runs)
    {
        const string Recalls = "<th>R@1</th><th>R@5</th><th>R@10</th><th>Median</th><th>Mean</th>";
        html.Append("<h2>Last evaluation</h2>\n<div class=\"card scroll\"><table><thead>");
        html.Append("<tr class=\"over\"><th></th><th></th><th></th><th colspan=\"5\">Image to text</th>");
        html.Append("<th colspan=\"5\">Text to image</th><th></th></tr>");
        html.Append($"<tr><th>Run</th><th>Split</th><th>Step</th>{Recalls}{Recalls}<th>Rsum</th></tr></thead><tbody>");
        foreach (ComparedRun run in runs.Where(r => r.Evaluations.Count > 0))
        {
            RunEvaluation last = run.Evaluations[^1];
            html.Append($"\n<tr><td>{PageShell.Text(run.Name)}</td><td>{PageShell.Text(last.Split)}</td>");
            html.Append($"<td>{last.Step.ToString("N0", CultureInfo.InvariantCulture)}</td>");
            foreach (DirectionMetrics d in new[] { last.Metrics.ImageToText, last.Metrics.TextToImage })
            {
                html.Append(Cell(d.RecallAt1)).Append(Cell(d.RecallAt5)).Append(Cell(d.RecallAt10));
                html.Append(Cell(d.MedianRank)).Append(Cell(d.MeanRank));
            }

            html.Append(Cell(last.Metrics.RecallSum)).Append("</tr>");
        }

        html.Append("</tbody></table></div>\n");
    }

    private static string Cell(double value) => $"<td>{value.ToString("0.0", CultureInfo.InvariantCulture)}</td>";
}

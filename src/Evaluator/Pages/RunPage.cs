using System.Globalization;
using System.Text;

namespace Colony.Evaluator;

/// <summary>Metrics measured on a snapshot.</summary>
/// <param name="Step">Steps applied to the snapshot.</param>
/// <param name="Split">The split measured.</param>
/// <param name="Metrics">Both directions.</param>
public sealed record RunEvaluation(long Step, string Split, RetrievalMetrics Metrics);

/// <summary>What a run's page tells.</summary>
/// <param name="Job">The job's name.</param>
/// <param name="Facts">What to say about the run: model, workers, seconds, SHA-256 of the weights.</param>
/// <param name="Loss">Loss of each step.</param>
/// <param name="Evaluations">Evaluations by rising step; each split gets charts of its own.</param>
/// <param name="Chance">What knowing nothing would reach on those splits; null when not known.</param>
public sealed record RunReport(
    string Job,
    IReadOnlyList<PageFact> Facts,
    IReadOnlyList<ChartPoint> Loss,
    IReadOnlyList<RunEvaluation> Evaluations,
    RetrievalMetrics? Chance = null);

/// <summary>A page that shows how a run went: learning curves and the table of its evaluations.</summary>
public static class RunPage
{
    /// <summary>Name of the page inside the run's folder.</summary>
    public const string FileName = "report.html";

    /// <summary>Evaluations listed in the table: the last ones; all are in the charts.</summary>
    private const int MaximumRows = 40;

    /// <summary>The page as HTML; everything that comes from data is escaped.</summary>
    public static string Render(RunReport report)
    {
        ArgumentNullException.ThrowIfNull(report);
        var html = new StringBuilder();
        html.Append($"<header><p class=\"kicker\">Colony run</p><h1>{PageShell.Text(report.Job)}</h1>");
        html.Append(PageShell.Facts(report.Facts)).Append("</header>\n");
        html.Append("<h2>Learning curves</h2>\n<div class=\"charts\">\n");
        foreach (var chart in LearningCurve.Charts(report))
        {
            html.Append(chart.Render());
        }

        html.Append("</div>\n");
        if (report.Evaluations.Count > 0)
        {
            Table(html, report);
        }

        return PageShell.Page($"{report.Job}: run", html.ToString());
    }

    /// <summary>Writes <see cref="FileName"/> into the folder, making it, and returns the page's path.</summary>
    public static async Task<string> WriteAsync(string directory, RunReport report, CancellationToken cancellationToken)
    {
        var path = Path.Combine(directory, FileName);
        await PageShell.WriteAsync(path, Render(report), cancellationToken).ConfigureAwait(false);
        return path;
    }

    private static void Table(StringBuilder html, RunReport report)
    {
        const string Recalls = "<th>R@1</th><th>R@5</th><th>R@10</th><th>Median</th><th>Mean</th>";
        html.Append("<h2>Evaluations</h2>\n<div class=\"card scroll\"><table><thead>");
        html.Append("<tr class=\"over\"><th></th><th></th><th colspan=\"5\">Image to text</th>");
        html.Append("<th colspan=\"5\">Text to image</th><th></th></tr>");
        html.Append($"<tr><th>Step</th><th>Split</th>{Recalls}{Recalls}<th>Rsum</th></tr></thead><tbody>\n");
        foreach (var evaluation in report.Evaluations.TakeLast(MaximumRows))
        {
            var step = evaluation.Step.ToString("N0", CultureInfo.InvariantCulture);
            Row(html, step, evaluation.Split, evaluation.Metrics);
        }

        if (report.Chance is { } chance)
        {
            Row(html, "chance", "", chance);
        }

        html.Append("</tbody></table></div>\n");
    }

    private static void Row(StringBuilder html, string step, string split, RetrievalMetrics metrics)
    {
        html.Append($"<tr><td>{step}</td><td>{PageShell.Text(split)}</td>");
        foreach (var direction in new[] { metrics.ImageToText, metrics.TextToImage })
        {
            html.Append(Cell(direction.RecallAt1)).Append(Cell(direction.RecallAt5)).Append(Cell(direction.RecallAt10));
            html.Append(Cell(direction.MedianRank)).Append(Cell(direction.MeanRank));
        }

        html.Append(Cell(metrics.RecallSum)).Append("</tr>\n");
    }

    private static string Cell(double value) => $"<td>{value.ToString("0.0", CultureInfo.InvariantCulture)}</td>";
}

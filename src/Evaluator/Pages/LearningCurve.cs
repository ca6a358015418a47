namespace Colony.Evaluator;

/// <summary>The charts of a run: loss by step, then for each split the recalls of both directions.</summary>
internal static class LearningCurve
{
    private const string StepLabel = "step";
    private const string RecallLabel = "recall, %";

    /// <summary>Largest over smallest loss from which on the axis is logarithmic.</summary>
    private const double LogarithmicFrom = 100;

    public static IEnumerable<LineChart> Charts(RunReport report)
    {
        yield return Loss([new ChartSeries("loss", report.Loss)]);
        foreach (var split in report.Evaluations.GroupBy(e => e.Split, StringComparer.Ordinal))
        {
            // A single measurement is no curve; the table has it.
            var measured = split.ToList();
            if (measured.Count < 2)
            {
                continue;
            }

            yield return Recalls($"Image to text, {split.Key}", measured, m => m.ImageToText, report.Chance);
            yield return Recalls($"Text to image, {split.Key}", measured, m => m.TextToImage, report.Chance);
            yield return new LineChart(
                $"Recall sum, {split.Key}", StepLabel, "Rsum, 0 to 600",
                [new ChartSeries("Rsum", [.. measured.Select(e => new ChartPoint(e.Step, e.Metrics.RecallSum))])],
                report.Chance is { } chance ? new ChartLevel("chance", chance.RecallSum) : null);
        }
    }

    /// <summary>Losses by step, by powers of ten where a linear axis would press most of them flat.</summary>
    public static LineChart Loss(IReadOnlyList<ChartSeries> losses)
    {
        var values = losses.SelectMany(l => l.Points).Select(p => p.Y).Where(double.IsFinite).DefaultIfEmpty(1);
        var (least, most) = (values.Min(), values.Max());
        return new LineChart("Loss", StepLabel, "loss of the global batch", losses)
        {
            ByPowersOfTen = least > 0 && most > LogarithmicFrom * least,
        };
    }

    private static LineChart Recalls(
        string title,
        List<RunEvaluation> measured,
        Func<RetrievalMetrics, DirectionMetrics> direction,
        RetrievalMetrics? chance) =>
        new(
            title,
            StepLabel,
            RecallLabel,
            [
                Line("R@1", measured, e => direction(e.Metrics).RecallAt1),
                Line("R@5", measured, e => direction(e.Metrics).RecallAt5),
                Line("R@10", measured, e => direction(e.Metrics).RecallAt10),
            ],
            chance is null ? null : new ChartLevel("chance of R@10", direction(chance).RecallAt10));

    private static ChartSeries Line(string name, List<RunEvaluation> measured, Func<RunEvaluation, double> value) =>
        new(name, [.. measured.Select(e => new ChartPoint(e.Step, value(e)))]);
}

using System.Diagnostics.Metrics;
using Colony.Telemetry;

namespace Colony.Evaluator;

/// <summary>What Prometheus sees of the evaluator.</summary>
internal sealed class EvaluatorMetrics : IDisposable
{
    private readonly Meter _meter = Meters.Create("Evaluator");
    private readonly Counter<long> _evaluations;
    private readonly Counter<long> _failures;
    private readonly Histogram<double> _seconds;
    private readonly Histogram<double> _build;
    private volatile Judged? _last;

    public EvaluatorMetrics()
    {
        _evaluations = _meter.CreateCounter<long>(
            "colony_evaluator_evaluations_total", description: "Snapshots judged.");
        _failures = _meter.CreateCounter<long>(
            "colony_evaluator_failures_total", description: "Snapshots that could not be judged.");
        _seconds = _meter.CreateHistogram<double>(
            "colony_evaluator_evaluation_duration_seconds", description: "Embedding, index and metrics of a snapshot.");
        _build = _meter.CreateHistogram<double>(
            "colony_index_build_duration_seconds", description: "Building the index over the images.");
        _evaluations.Add(0);
        _failures.Add(0);
        _meter.CreateObservableGauge(
            "colony_evaluator_step", () => _last?.Step ?? 0, description: "Step of the snapshot judged last.");
        _meter.CreateObservableGauge("colony_eval_recall_ratio", Recalls, description: "Recall of the model, 0 to 1.");
        _meter.CreateObservableGauge(
            "colony_index_recall_ratio",
            () => (_last?.IndexRecallAt10 ?? 0) / 100,
            description: "Text-to-image recall at 10 when the index ranks, 0 to 1.");
    }

    public void Judged(Judged judged)
    {
        _last = judged;
        _evaluations.Add(1);
        _seconds.Record(judged.Seconds);
        _build.Record(judged.IndexSeconds);
    }

    public void Failed() => _failures.Add(1);

    public void Dispose() => _meter.Dispose();

    private IEnumerable<Measurement<double>> Recalls()
    {
        if (_last is not { } last)
        {
            yield break;
        }

        foreach ((string direction, DirectionMetrics d) in
            new[] { ("image_to_text", last.Metrics.ImageToText), ("text_to_image", last.Metrics.TextToImage) })
        {
            foreach ((string k, double percent) in
                new[] { ("1", d.RecallAt1), ("5", d.RecallAt5), ("10", d.RecallAt10) })
            {
                yield return new(
                    percent / 100,
                    new KeyValuePair<string, object?>("direction", direction), new("k", k), new("split", last.Split),
                    new("protocol", last.Protocol));
            }
        }
    }
}

using Proto = Colony.Protos.V1;

namespace Colony.Coordinator;

/// <summary>An evaluation as it stands in events.jsonl and report.json.</summary>
public static class EvaluationFields
{
    /// <summary>The fields, the recalls of both directions as <c>i2t</c> and <c>t2i</c>.</summary>
    public static IReadOnlyDictionary<string, object?> Of(Proto.Evaluation e) => new Dictionary<string, object?>(
        StringComparer.Ordinal)
    {
        ["step"] = e.Step,
        ["split"] = e.Split,
        ["protocol"] = e.Protocol,
        ["images"] = e.Images,
        ["captions"] = e.Captions,
        ["i2t"] = Of(e.ImageToText),
        ["t2i"] = Of(e.TextToImage),
        ["rsum"] = e.Rsum,
        ["seconds"] = e.Seconds,
    };

    /// <summary>Recalls in percent, ranks from 1.</summary>
    public static IReadOnlyDictionary<string, object?> Of(Proto.DirectionRecall d) => new Dictionary<string, object?>(
        StringComparer.Ordinal)
    {
        ["r1"] = d.R1,
        ["r5"] = d.R5,
        ["r10"] = d.R10,
        ["medr"] = d.MedianRank,
        ["meanr"] = d.MeanRank,
    };
}

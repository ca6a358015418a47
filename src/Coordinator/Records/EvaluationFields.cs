using Proto = Colony.Protos.V1;

namespace Colony.Coordinator;

/// <summary>An evaluation as it stands in events.jsonl and report.json.</summary>
internal static class EvaluationFields
{
    public static object Of(Proto.Evaluation e) => new
    {
        step = e.Step,
        split = e.Split,
        images = e.Images,
        captions = e.Captions,
        i2t = Of(e.ImageToText),
        t2i = Of(e.TextToImage),
        rsum = e.Rsum,
        seconds = e.Seconds,
    };

    public static object Of(Proto.DirectionRecall d) => new
    {
        r1 = d.R1,
        r5 = d.R5,
        r10 = d.R10,
        medr = d.MedianRank,
        meanr = d.MeanRank,
    };
}

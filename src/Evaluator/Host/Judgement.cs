using System.Diagnostics;
using Colony.Jobs;
using Proto = Colony.Protos.V1;

namespace Colony.Evaluator;

/// <summary>
/// Embeds a split, builds the index over it, and measures recall through scores and through the index.
/// </summary>
public static class Judgement
{
    /// <summary>Results asked of the index to compare it with the exact ranking.</summary>
    private const int Top = 10;

    /// <summary>Judges the weights that a model holds.</summary>
    /// <param name="model">The model with its split.</param>
    /// <param name="index">The kind of index.</param>
    /// <param name="protocol">The protocol of <see cref="Protocols.Measure"/>.</param>
    /// <param name="threads">Threads of one search.</param>
    /// <param name="cancellationToken">Abandons it.</param>
    /// <returns>The metrics, the filled image index, and the share of its top-10 that agrees with exact
    /// search.</returns>
    /// <exception cref="EvaluatorException">The protocol is not defined for the split.</exception>
    public static Judged Of(
        TrainedModel model, IndexKind index, string protocol, int threads, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(model);
        Protocols.Check(protocol, model.Dataset.Images, model.Split);
        long started = Stopwatch.GetTimestamp();
        Embeddings embeddings = model.Embedder.EncodeAll(cancellationToken);
        RetrievalMetrics metrics = Protocols.Measure(
            protocol, embeddings.Scores(model.Scorer), model.Split, cancellationToken);
        long building = Stopwatch.GetTimestamp();
        IRetrievalIndex images = RetrievalIndexes.Build(index, embeddings, IndexedSide.Images, model.Scorer, threads);
        double buildSeconds = Stopwatch.GetElapsedTime(building).TotalSeconds;
        double indexRecall = IndexRecall.TextToImage(
            images.Search(embeddings.Captions, Math.Min(Top, model.Dataset.Images)),
            model.Dataset.CaptionsPerImage, Top);
        return new Judged(
            model.Step, model.Split, protocol, metrics, embeddings, images, indexRecall, buildSeconds,
            Stopwatch.GetElapsedTime(started).TotalSeconds);
    }

    /// <summary>The message that reports it.</summary>
    public static Proto.Evaluation ToProto(Judged judged, int images, int captions)
    {
        ArgumentNullException.ThrowIfNull(judged);
        return new Proto.Evaluation
        {
            Step = judged.Step,
            Split = judged.Split,
            Protocol = judged.Protocol,
            ImageToText = ToProto(judged.Metrics.ImageToText),
            TextToImage = ToProto(judged.Metrics.TextToImage),
            Rsum = judged.Metrics.RecallSum,
            Seconds = judged.Seconds,
            Images = (uint)images,
            Captions = (uint)captions,
        };
    }

    private static Proto.DirectionRecall ToProto(DirectionMetrics d) => new()
    {
        R1 = d.RecallAt1,
        R5 = d.RecallAt5,
        R10 = d.RecallAt10,
        MedianRank = d.MedianRank,
        MeanRank = d.MeanRank,
    };
}

/// <summary>What was found about a snapshot. Owns the index.</summary>
/// <param name="Step">The snapshot's step.</param>
/// <param name="Split">The split.</param>
/// <param name="Protocol">How the split was measured.</param>
/// <param name="Metrics">Recall and ranks by exact scores.</param>
/// <param name="Embeddings">Both sides.</param>
/// <param name="Images">The index over the images.</param>
/// <param name="IndexRecallAt10">Recall at 10 text to image when the index ranks, in percent.</param>
/// <param name="IndexSeconds">Time to build the index.</param>
/// <param name="Seconds">Time in all.</param>
public sealed record Judged(
    long Step,
    string Split,
    string Protocol,
    RetrievalMetrics Metrics,
    Embeddings Embeddings,
    IRetrievalIndex Images,
    double IndexRecallAt10,
    double IndexSeconds,
    double Seconds) : IDisposable
{
    /// <inheritdoc/>
    public void Dispose() => Images.Dispose();
}

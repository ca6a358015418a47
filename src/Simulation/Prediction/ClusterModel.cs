namespace Colony.Simulation;

/// <summary>
/// What a prediction is made from: the job's sizes, the network between workers, and how often a worker fails.
/// </summary>
public sealed record ClusterModel
{
    /// <summary>Rounds along the ring in a step, each of W-1 hops: rows, flags, and the sum's two.</summary>
    private const int RoundsAStep = 4;

    /// <summary>
    /// Bytes on a cable for a byte of payload over TCP with packets of 1500 bytes: 1514 carry 1448, and each second
    /// packet is answered with 66 bytes, in the direction in which the next member's data goes.
    /// </summary>
    private const double WireBytes = (1514 + (66 / 2.0)) / 1448;

    /// <summary>Bytes of gradients that one worker's sum has: parameters times bytes on the wire.</summary>
    public required double ModelBytes { get; init; }

    /// <summary>Bytes of embeddings and samples that are gathered from all workers together in a step.</summary>
    public double GatherBytes { get; init; }

    /// <summary>Bandwidth of a worker's link, one direction, megabits a second.</summary>
    public required double NetworkMbps { get; init; }

    /// <summary>One hop from a worker to the next, milliseconds.</summary>
    public required double LatencyMs { get; init; }

    /// <summary>Mean time between failures of one worker, hours.</summary>
    public required double MtbfHours { get; init; }

    /// <summary>Seconds that one worker alone computes for a step: forward, backward, of the whole global
    /// batch.</summary>
    public required double ComputeSeconds { get; init; }

    /// <summary>Logical ranks; a step takes as long as the worker with the most of them.</summary>
    public required int LogicalRanks { get; init; }

    /// <summary>Seconds of computing in a step with so many workers.</summary>
    /// <param name="workers">W, at least 1.</param>
    public double Compute(int workers)
    {
        var busiest = (LogicalRanks + Math.Min(workers, LogicalRanks) - 1) / Math.Min(workers, LogicalRanks);
        return ComputeSeconds * busiest / LogicalRanks;
    }

    /// <summary>
    /// Seconds on the network in a step: the ring all-reduce sends each byte 2(W-1)/W times (Patarasuk and Yuan,
    /// "Bandwidth optimal all-reduce algorithms for clusters of workstations", JPDC 2009), the gathers (W-1)/W times,
    /// and four rounds of W-1 hops wait for the latency: rows, flags, reduce-scatter, all-gather.
    /// </summary>
    /// <param name="workers">W, at least 1.</param>
    public double Exchange(int workers)
    {
        var bytesPerSecond = NetworkMbps * 1e6 / 8;
        var share = (workers - 1.0) / workers;
        return (((2 * ModelBytes) + GatherBytes) * WireBytes * share / bytesPerSecond)
            + (RoundsAStep * (workers - 1) * LatencyMs / 1e3);
    }

    /// <summary>Seconds of a step: what is computed, then what is exchanged; nothing overlaps.</summary>
    /// <param name="workers">W, at least 1.</param>
    public double Step(int workers) => Compute(workers) + Exchange(workers);

    /// <summary>
    /// Part of the time that ends in committed steps. A failure, W/MTBF of them a second, costs the half of a step that
    /// was under way, the regroup, and the regroup that takes the worker in again.
    /// </summary>
    /// <param name="workers">W, at least 1.</param>
    /// <param name="regroupSeconds">A death's and a join's interruption together, beside the step itself.</param>
    public double Goodput(int workers, double regroupSeconds)
    {
        var failuresPerSecond = workers / (MtbfHours * 3600);
        return 1 / (1 + (failuresPerSecond * (regroupSeconds + (Step(workers) / 2))));
    }
}

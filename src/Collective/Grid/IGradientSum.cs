namespace Colony.Collective;

/// <summary>
/// Sums the gradients of all logical ranks of a step. A step: <see cref="Begin"/>, <see cref="Add"/> once for each
/// tensor of each logical rank that this worker hosts, <see cref="ReduceAsync"/>, then <see cref="Read"/> and
/// <see cref="NextGrid"/>. After a failed or cancelled reduction the step starts again with <see cref="Begin"/>.
/// One caller at a time.
/// </summary>
public interface IGradientSum : IDisposable
{
    /// <summary>Starts a step with empty sums.</summary>
    /// <param name="grid">The grid that all members have for this step.</param>
    /// <param name="step">The step, 0 or more: part of the key of stochastic rounding, and what tells its chunks from
    /// others'.</param>
    /// <param name="firstStep">True in a job's first step, whose grid says nothing about the gradients: every block is
    /// wide from the start. The sums are the same either way.</param>
    void Begin(Grid grid, long step, bool firstStep);

    /// <summary>Adds one logical rank's gradient of one tensor; the span is not kept.</summary>
    /// <param name="logicalRank">0 to L - 1.</param>
    /// <param name="tensor">Index in the layout.</param>
    /// <param name="gradient">All elements of the tensor.</param>
    /// <exception cref="ArgumentException">The gradient's length is not the tensor's.</exception>
    /// <exception cref="InvalidOperationException">No step has begun, or this was added already.</exception>
    void Add(int logicalRank, int tensor, ReadOnlySpan<float> gradient);

    /// <summary>Exchanges the sums with all members; afterwards every member holds the same totals.</summary>
    /// <param name="communicator">This generation's group; a group of one needs no network.</param>
    /// <param name="cancellationToken">Ends the wait at once; the communicator is of no use afterwards.</param>
    /// <exception cref="CollectiveException">A member was lost or misbehaved.</exception>
    Task<ReduceOutcome> ReduceAsync(Communicator communicator, CancellationToken cancellationToken = default);

    /// <summary>Writes a tensor's summed gradient.</summary>
    /// <param name="tensor">Index in the layout.</param>
    /// <param name="destination">All elements of the tensor.</param>
    /// <exception cref="InvalidOperationException">The step was not reduced, or its outcome was not finite.</exception>
    void Read(int tensor, Span<float> destination);

    /// <summary>Whether any logical rank gave a gradient of a tensor in this step, zeros or not; the same on every
    /// member.</summary>
    /// <param name="tensor">Index in the layout.</param>
    /// <exception cref="InvalidOperationException">The step was not reduced, or its outcome was not finite.</exception>
    bool IsGiven(int tensor);

    /// <summary>The grid of the next step, the same on every member.</summary>
    /// <exception cref="InvalidOperationException">The step was not reduced.</exception>
    Grid NextGrid();
}

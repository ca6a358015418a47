namespace Colony.Collective;

/// <summary>
/// Sums gradients as integers, so that the result has the same bits however many workers computed them and in whatever
/// order they arrive.
/// </summary>
/// <remarks>
/// Gradients are rounded as they are produced and not kept. At 32 bits they are rounded to the nearest integer
/// (<c>GridArithmetic</c>), at 16 and 8 stochastically (<c>ReachArithmetic</c>, <c>RoundingStream</c>); a block whose
/// sums need more bits than the job's has them for that step. Design section 2.3, docs/decisions/0005.
/// </remarks>
public sealed class GradientReducer : IGradientSum
{
    /// <summary>Bits of an ordinary element on the wire, unless the job says otherwise.</summary>
    public const int DefaultWireBits = 32;

    private const int BitsOfByte = 8;

    private readonly GridLayout layout;
    private readonly int logicalRanks;
    private readonly int ownBytes;
    private readonly BlockSums sums;
    private readonly BlockFlags flags;
    private readonly BlockRounding rounding;
    private readonly HashSet<(int Rank, int Tensor)> added = [];
    private readonly short[] exponents;
    private readonly short[] nextExponents;
    private readonly byte[] settled;
    private State state = State.Idle;
    private long step;
    private bool startedWide;

    /// <summary>Prepares the sums: 4, 2 or 1 bytes an element outside the managed heap, and 8 in a job's first step.
    /// </summary>
    /// <param name="layout">Tensors and blocks.</param>
    /// <param name="logicalRanks">L of the job, 1 to 65,536; fixes how large a value may be.</param>
    /// <param name="wireBits">Bits of an ordinary element on the wire: 32, 16 or 8.</param>
    /// <param name="seed">The job's seed, from which 16 and 8 bits are rounded; without effect at 32.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public GradientReducer(GridLayout layout, int logicalRanks, int wireBits = DefaultWireBits, ulong seed = 0)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentOutOfRangeException.ThrowIfLessThan(logicalRanks, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(logicalRanks, GridArithmetic.MaxLogicalRanks);
        if (wireBits is not (32 or 16 or 8))
        {
            throw new ArgumentOutOfRangeException(nameof(wireBits), wireBits, "Gradients travel at 32, 16 or 8 bits.");
        }

        this.layout = layout;
        this.logicalRanks = logicalRanks;
        ownBytes = wireBits / BitsOfByte;
        sums = new BlockSums(layout, ownBytes);
        flags = new BlockFlags(layout.Blocks, layout.Tensors);
        rounding = wireBits == DefaultWireBits
            ? new NearestRounding(sums, flags, logicalRanks)
            : new StochasticRounding(layout, sums, flags, logicalRanks, ownBytes, seed);
        exponents = new short[layout.Blocks];
        nextExponents = new short[layout.Blocks];
        settled = new byte[layout.Blocks];
    }

    private enum State
    {
        Idle,
        Adding,
        Reducing,
        Reduced,
        Faulty,
    }

    /// <inheritdoc/>
    public void Begin(Grid grid, long step, bool firstStep)
    {
        ArgumentNullException.ThrowIfNull(grid);
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(step, RoundingStream.MaxStep);
        if (grid.Exponents.Length != exponents.Length)
        {
            throw new ArgumentException(
                $"The grid has {grid.Exponents.Length} blocks, the layout has {exponents.Length}.", nameof(grid));
        }

        grid.Exponents.CopyTo(exponents);
        this.step = step;
        startedWide = firstStep;
        sums.Begin(firstStep);
        flags.Clear();
        rounding.Begin(step, firstStep);
        added.Clear();
        for (var block = 0; firstStep && block < exponents.Length; block++)
        {
            flags.SetWide(block);
        }

        state = State.Adding;
    }

    /// <inheritdoc/>
    public void Add(int logicalRank, int tensor, ReadOnlySpan<float> gradient)
    {
        Require(State.Adding, nameof(Add));
        ArgumentOutOfRangeException.ThrowIfNegative(logicalRank);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(logicalRank, logicalRanks);
        if (gradient.Length != layout.SizeOf(tensor))
        {
            throw new ArgumentException(
                $"Tensor {tensor} has {layout.SizeOf(tensor)} elements, its gradient has {gradient.Length}.",
                nameof(gradient));
        }

        if (!added.Add((logicalRank, tensor)))
        {
            throw new InvalidOperationException(
                $"Tensor {tensor} of logical rank {logicalRank} was added twice in step {step}.");
        }

        flags.SetGiven(tensor);
        var block = layout.FirstBlockOf(tensor);
        for (var start = 0; start < gradient.Length; start += layout.BlockSize, block++)
        {
            var values = gradient.Slice(start, Math.Min(layout.BlockSize, gradient.Length - start));
            rounding.Add(logicalRank, block, values, exponents[block]);
        }
    }

    /// <summary>Exchanges flags, then sums, with all members; afterwards every member holds the same totals.</summary>
    /// <param name="communicator">This generation's group; a group of one needs no network.</param>
    /// <param name="cancellationToken">Ends the wait at once; the communicator is of no use afterwards.</param>
    /// <exception cref="CollectiveException">A member was lost or misbehaved.</exception>
    public async Task<ReduceOutcome> ReduceAsync(
        Communicator communicator, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        Require(State.Adding, nameof(ReduceAsync));
        state = State.Reducing;
        await communicator.OrAsync(step, flags.Memory, cancellationToken).ConfigureAwait(false);
        var fault = flags.FirstFault();
        if (fault >= 0)
        {
            PlanAfterFault();
            return Faulty(fault, flags.WideBlocks());
        }

        await rounding.AgreeAsync(communicator, step, cancellationToken).ConfigureAwait(false);
        var wider = Settle();
        await communicator.SumAsync(step, sums.Runs(), cancellationToken).ConfigureAwait(false);
        fault = PlanNextGrid();
        if (fault >= 0)
        {
            return Faulty(fault, wider);
        }

        state = State.Reduced;
        return new ReduceOutcome(NonFinite: false, FirstTensor: -1, wider);
    }

    /// <summary>Writes a tensor's summed gradient, each sum times its grid step rounded once to float.</summary>
    /// <param name="tensor">Index in the layout.</param>
    /// <param name="destination">All elements of the tensor.</param>
    /// <exception cref="InvalidOperationException">The step was not reduced, or its outcome was not finite.</exception>
    public void Read(int tensor, Span<float> destination)
    {
        Require(State.Reduced, nameof(Read));
        if (destination.Length != layout.SizeOf(tensor))
        {
            throw new ArgumentException(
                $"Tensor {tensor} has {layout.SizeOf(tensor)} elements, the destination has {destination.Length}.",
                nameof(destination));
        }

        var block = layout.FirstBlockOf(tensor);
        for (var start = 0; start < destination.Length; start += layout.BlockSize, block++)
        {
            var part = destination.Slice(start, Math.Min(layout.BlockSize, destination.Length - start));
            sums.Dequantise(block, part, exponents[block]);
        }
    }

    /// <inheritdoc/>
    public bool IsGiven(int tensor)
    {
        Require(State.Reduced, nameof(IsGiven));
        return flags.IsGiven(tensor);
    }

    /// <summary>
    /// The grid of the next step, from the reduced integers alone, hence the same on every member. After a faulty
    /// step: the same grid, coarser where a value was too large.
    /// </summary>
    /// <exception cref="InvalidOperationException">The step was not reduced.</exception>
    public Grid NextGrid()
    {
        if (state != State.Faulty)
        {
            Require(State.Reduced, nameof(NextGrid));
        }

        return new Grid(layout, nextExponents);
    }

    /// <summary>Frees the sums.</summary>
    public void Dispose()
    {
        state = State.Idle;
        sums.Dispose();
        flags.Dispose();
        rounding.Dispose();
    }

    private ReduceOutcome Faulty(int block, int wider)
    {
        state = State.Faulty;
        return new ReduceOutcome(NonFinite: true, layout.TensorOf(block), wider);
    }

    private void PlanAfterFault()
    {
        for (var block = 0; block < exponents.Length; block++)
        {
            nextExponents[block] = flags.IsTooLarge(block)
                ? GridArithmetic.ExponentAfterOverflow(exponents[block])
                : exponents[block];
        }
    }

    /// <summary>Gives each block the width that all agree on; tells how many are wider than the job's.</summary>
    private int Settle()
    {
        var wider = 0;
        for (var block = 0; block < settled.Length; block++)
        {
            settled[block] = (byte)rounding.BytesOf(block);
            wider += settled[block] == ownBytes ? 0 : 1;
        }

        if (!startedWide)
        {
            // A first step's blocks are all wide and in order from the start.
            sums.Settle(settled);
        }

        return wider;
    }

    /// <summary>The next exponents, and the first block whose sum exceeds float (or -1).</summary>
    private int PlanNextGrid()
    {
        var fault = -1;
        for (var block = 0; block < exponents.Length; block++)
        {
            (nextExponents[block], var fits) = rounding.Plan(block, exponents[block]);
            fault = fits || fault >= 0 ? fault : block;
        }

        return fault;
    }

    private void Require(State required, string operation)
    {
        if (state != required)
        {
            throw new InvalidOperationException($"{operation} needs a step that is {required}; it is {state}.");
        }
    }
}

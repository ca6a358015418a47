namespace Colony.Collective;

/// <summary>
/// Sums the gradients of all logical ranks of a step as integers, so that the result has the same bits however many
/// workers computed them and in whatever order they arrive.
/// </summary>
/// <remarks>
/// A step: <see cref="Begin"/>, <see cref="Add"/> once for each tensor of each logical rank that this worker hosts,
/// <see cref="ReduceAsync"/>, then <see cref="Read"/> and <see cref="NextGrid"/>. After a failed or cancelled
/// reduction the step starts again with <see cref="Begin"/>. Gradients are rounded as they are produced and not kept.
/// One caller at a time. The arithmetic and its limits are in <c>GridArithmetic</c>; design section 2.3.
/// </remarks>
public sealed class GradientReducer : IDisposable
{
    /// <summary>The only wire width so far; 16 and 8 bits need the keyed stochastic rounding.</summary>
    public const int DefaultWireBits = 32;

    private readonly GridLayout layout;
    private readonly int logicalRanks;
    private readonly float narrowLimit;
    private readonly double wideLimit;
    private readonly BlockSums sums;
    private readonly BlockFlags flags;
    private readonly int[] added;
    private readonly short[] exponents;
    private readonly short[] nextExponents;
    private State state = State.Idle;
    private bool startedWide;

    /// <summary>Allocates the sums: 4 bytes an element outside the managed heap, and 12 in a job's first
    /// step.</summary>
    /// <param name="layout">Tensors and blocks.</param>
    /// <param name="logicalRanks">L of the job, 1 to 65,536; fixes how large a value may be in 32 bits.</param>
    /// <param name="wireBits">Bits of an ordinary element on the wire; 32.</param>
    /// <exception cref="ArgumentOutOfRangeException">A value is outside its range.</exception>
    public GradientReducer(GridLayout layout, int logicalRanks, int wireBits = DefaultWireBits)
    {
        ArgumentNullException.ThrowIfNull(layout);
        ArgumentOutOfRangeException.ThrowIfLessThan(logicalRanks, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(logicalRanks, GridArithmetic.MaxLogicalRanks);
        if (wireBits != DefaultWireBits)
        {
            throw new ArgumentOutOfRangeException(
                nameof(wireBits), wireBits, "Gradients travel at 32 bits; 16 and 8 are not available yet.");
        }

        this.layout = layout;
        this.logicalRanks = logicalRanks;
        narrowLimit = GridArithmetic.NarrowLimit(logicalRanks);
        wideLimit = GridArithmetic.WideLimit(logicalRanks);
        sums = new BlockSums(layout);
        flags = new BlockFlags(layout.Blocks);
        added = new int[layout.Tensors];
        exponents = new short[layout.Blocks];
        nextExponents = new short[layout.Blocks];
    }

    private enum State
    {
        Idle,
        Adding,
        Reducing,
        Reduced,
        Faulty,
    }

    /// <summary>Starts a step with empty sums.</summary>
    /// <param name="grid">The grid that all members have for this step.</param>
    /// <param name="firstStep">True in a job's first step, whose grid says nothing about the gradients: every block is
    /// wide from the start. The sums are the same either way.</param>
    public void Begin(Grid grid, bool firstStep)
    {
        ArgumentNullException.ThrowIfNull(grid);
        if (grid.Exponents.Length != exponents.Length)
        {
            throw new ArgumentException(
                $"The grid has {grid.Exponents.Length} blocks, the layout has {exponents.Length}.", nameof(grid));
        }

        grid.Exponents.CopyTo(exponents);
        startedWide = firstStep;
        sums.Begin(firstStep);
        flags.Clear();
        Array.Clear(added);
        for (var block = 0; firstStep && block < exponents.Length; block++)
        {
            flags.SetWide(block);
        }

        state = State.Adding;
    }

    /// <summary>Adds one logical rank's gradient of one tensor, rounded to the grid; the span is not kept.</summary>
    /// <param name="tensor">Index in the layout.</param>
    /// <param name="gradient">All elements of the tensor.</param>
    /// <exception cref="ArgumentException">The gradient's length is not the tensor's.</exception>
    /// <exception cref="InvalidOperationException">No step has begun, or this tensor was added more than L times.
    /// </exception>
    public void Add(int tensor, ReadOnlySpan<float> gradient)
    {
        Require(State.Adding, nameof(Add));
        if (gradient.Length != layout.SizeOf(tensor))
        {
            throw new ArgumentException(
                $"Tensor {tensor} has {layout.SizeOf(tensor)} elements, its gradient has {gradient.Length}.",
                nameof(gradient));
        }

        if (++added[tensor] > logicalRanks)
        {
            throw new InvalidOperationException(
                $"Tensor {tensor} was added {added[tensor]} times in a step of {logicalRanks} logical ranks.");
        }

        var block = layout.FirstBlockOf(tensor);
        for (var start = 0; start < gradient.Length; start += layout.BlockSize)
        {
            AddBlock(block++, gradient.Slice(start, Math.Min(layout.BlockSize, gradient.Length - start)));
        }
    }

    /// <summary>Exchanges flags, then sums, with all members; afterwards every member holds the same totals.</summary>
    /// <param name="communicator">This generation's group; a group of one needs no network.</param>
    /// <param name="step">The step, to tell its chunks from others'.</param>
    /// <param name="cancellationToken">Ends the wait at once; the communicator is of no use afterwards.</param>
    /// <exception cref="CollectiveException">A member was lost or misbehaved.</exception>
    public async Task<ReduceOutcome> ReduceAsync(
        Communicator communicator, long step, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        Require(State.Adding, nameof(ReduceAsync));
        state = State.Reducing;
        await communicator.OrAsync(step, flags.Memory, cancellationToken).ConfigureAwait(false);
        var fault = flags.FirstFault();
        if (fault >= 0)
        {
            PlanAfterFault();
            return Faulty(fault);
        }

        if (!startedWide)
        {
            // A first step's blocks are all wide and in order from the start.
            sums.Settle(flags);
        }

        await communicator.SumAsync(step, sums.Runs(), cancellationToken).ConfigureAwait(false);
        fault = PlanNextGrid();
        if (fault >= 0)
        {
            return Faulty(fault);
        }

        state = State.Reduced;
        return new ReduceOutcome(NonFinite: false, FirstTensor: -1, flags.WideBlocks());
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
            if (sums.IsWide(block))
            {
                ScalarKernels.DequantiseWide(sums.Wide(block), part, GridArithmetic.WideScale(exponents[block]));
            }
            else
            {
                VectorKernels.Dequantise(sums.Narrow(block), part, GridArithmetic.Scale(exponents[block]));
            }
        }
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
    }

    private void AddBlock(int block, ReadOnlySpan<float> values)
    {
        if (!sums.IsWide(block))
        {
            var narrow = sums.Narrow(block);
            var scale = GridArithmetic.Scale(-exponents[block]);
            if (VectorKernels.Accumulate(values, narrow, scale, narrowLimit))
            {
                return;
            }

            VectorKernels.Retract(values, narrow, scale);
            sums.Widen(block);
            flags.SetWide(block);
        }

        var range = ScalarKernels.AccumulateWide(
            values, sums.Wide(block), GridArithmetic.WideScale(-exponents[block]), wideLimit);
        flags.SetFaults(block, range);
    }

    private ReduceOutcome Faulty(int block)
    {
        state = State.Faulty;
        return new ReduceOutcome(NonFinite: true, layout.TensorOf(block), flags.WideBlocks());
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

    /// <summary>The next exponents, and the first block whose sum exceeds float (or -1).</summary>
    private int PlanNextGrid()
    {
        var fault = -1;
        for (var block = 0; block < exponents.Length; block++)
        {
            var largest = sums.IsWide(block)
                ? ScalarKernels.LargestWide(sums.Wide(block))
                : VectorKernels.Largest(sums.Narrow(block));
            nextExponents[block] = GridArithmetic.NextExponent(exponents[block], largest);
            if (fault < 0 && !GridArithmetic.FitsSingle(exponents[block], largest))
            {
                fault = block;
            }
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

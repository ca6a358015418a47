using System.Numerics;
using System.Runtime.InteropServices;

namespace Colony.Collective;

/// <summary>
/// Adds gradients as plain floats, in the order of the logical ranks: the reference that integer sums are compared
/// with. One worker only, because float addition depends on its order. The grid is passed on unused.
/// </summary>
public sealed class FloatGradientSum : IGradientSum
{
    private readonly GridLayout layout;
    private readonly float[][] sums;
    private readonly int[] lastRank;
    private Grid? grid;
    private bool reduced;

    /// <summary>Prepares the sums, 4 bytes an element.</summary>
    /// <param name="layout">Tensors; each no longer than an array.</param>
    public FloatGradientSum(GridLayout layout)
    {
        ArgumentNullException.ThrowIfNull(layout);
        this.layout = layout;
        sums = [.. Enumerable.Range(0, layout.Tensors).Select(tensor => new float[layout.SizeOf(tensor)])];
        lastRank = new int[layout.Tensors];
    }

    /// <inheritdoc/>
    public void Begin(Grid grid, long step, bool firstStep)
    {
        ArgumentNullException.ThrowIfNull(grid);
        this.grid = grid;
        reduced = false;
        Array.Fill(lastRank, -1);
        foreach (var sum in sums)
        {
            sum.AsSpan().Clear();
        }
    }

    /// <summary>Adds one logical rank's gradient of one tensor; ranks come in rising order.</summary>
    /// <inheritdoc/>
    public void Add(int logicalRank, int tensor, ReadOnlySpan<float> gradient)
    {
        if (grid is null || reduced || logicalRank <= lastRank[tensor])
        {
            throw new InvalidOperationException(
                $"Tensor {tensor} of logical rank {logicalRank} came after rank {lastRank[tensor]} or outside a step.");
        }

        if (gradient.Length != sums[tensor].Length)
        {
            throw new ArgumentException(
                $"Tensor {tensor} has {layout.SizeOf(tensor)} elements, its gradient has {gradient.Length}.",
                nameof(gradient));
        }

        lastRank[tensor] = logicalRank;
        var target = MemoryMarshal.Cast<float, Vector<float>>(sums[tensor].AsSpan());
        var source = MemoryMarshal.Cast<float, Vector<float>>(gradient);
        for (var i = 0; i < target.Length; i++)
        {
            target[i] += source[i];
        }

        for (var i = target.Length * Vector<float>.Count; i < gradient.Length; i++)
        {
            sums[tensor][i] += gradient[i];
        }
    }

    /// <inheritdoc/>
    /// <exception cref="InvalidOperationException">The group has more than one member.</exception>
    public Task<ReduceOutcome> ReduceAsync(Communicator communicator, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(communicator);
        if (communicator.Size != 1 || grid is null)
        {
            throw new InvalidOperationException(
                $"float32 sums are for one worker, there are {communicator.Size}; write collective.sum: integer");
        }

        // An infinity or NaN stays one in whatever it is added to.
        var fault = Array.FindIndex(sums, sum => Array.Exists(sum, value => !float.IsFinite(value)));
        reduced = fault < 0;
        return Task.FromResult(new ReduceOutcome(NonFinite: fault >= 0, fault, WideBlocks: 0));
    }

    /// <inheritdoc/>
    public void Read(int tensor, Span<float> destination)
    {
        if (!reduced)
        {
            throw new InvalidOperationException("The step was not reduced, or its outcome was not finite.");
        }

        sums[tensor].CopyTo(destination);
    }

    /// <inheritdoc/>
    public bool IsGiven(int tensor) => reduced
        ? lastRank[tensor] >= 0
        : throw new InvalidOperationException("The step was not reduced, or its outcome was not finite.");

    /// <inheritdoc/>
    public Grid NextGrid() => grid ?? throw new InvalidOperationException("No step has begun.");

    /// <summary>Nothing is held outside the managed heap.</summary>
    public void Dispose() => grid = null;
}

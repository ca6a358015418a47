namespace Colony.Collective;

/// <summary>
/// 32 bits, to the nearest integer. A block goes wide (64 bits) when some logical rank has a value beyond the limit;
/// members learn it from the flags alone.
/// </summary>
internal sealed class NearestRounding(BlockSums sums, BlockFlags flags, int logicalRanks) : BlockRounding
{
    private readonly float narrowLimit = GridArithmetic.NarrowLimit(logicalRanks);
    private readonly double wideLimit = GridArithmetic.WideLimit(logicalRanks);

    public override void Begin(long step, bool allWide)
    {
    }

    public override void Add(int logicalRank, int block, ReadOnlySpan<float> values, int exponent)
    {
        if (sums.BytesOf(block) == sizeof(int))
        {
            var narrow = sums.Of<int>(block);
            var scale = GridArithmetic.Scale(-exponent);
            if (VectorKernels.Accumulate(values, narrow, scale, narrowLimit))
            {
                return;
            }

            VectorKernels.Retract(values, narrow, scale);
            sums.Widen(block, sizeof(long));
            flags.SetWide(block);
        }

        var range = ScalarKernels.AccumulateWide(
            values, sums.Of<long>(block), GridArithmetic.WideScale(-exponent), wideLimit);
        flags.SetFaults(block, range);
    }

    public override Task AgreeAsync(Communicator communicator, long step, CancellationToken cancellationToken) =>
        Task.CompletedTask;

    public override int BytesOf(int block) => flags.IsWide(block) ? sizeof(long) : sizeof(int);

    public override (short NextExponent, bool FitsSingle) Plan(int block, int exponent)
    {
        var largest = sums.Largest(block);
        return (GridArithmetic.NextExponent(exponent, largest), GridArithmetic.FitsSingle(exponent, largest));
    }
}

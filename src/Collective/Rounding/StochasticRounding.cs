using System.Runtime.InteropServices;
using Colony.Protos.V1;

namespace Colony.Collective;

/// <summary>
/// 16 and 8 bits, stochastically. A block's width follows from its reach (<see cref="ReachArithmetic"/>), which is
/// summed over all members before they settle.
/// </summary>
internal sealed class StochasticRounding : BlockRounding
{
    private readonly BlockSums sums;
    private readonly BlockFlags flags;
    private readonly ulong seed;
    private readonly int ownBytes;
    private readonly int targetBits;
    private readonly double wideLimit;
    private readonly UnmanagedBuffer reaches;
    private readonly uint[] words;
    private readonly int[] integers;
    private long step;
    private bool allWide;

    public StochasticRounding(
        GridLayout layout, BlockSums sums, BlockFlags flags, int logicalRanks, int ownBytes, ulong seed)
    {
        this.sums = sums;
        this.flags = flags;
        this.seed = seed;
        this.ownBytes = ownBytes;
        targetBits = ReachArithmetic.TargetBits(ownBytes, logicalRanks);
        wideLimit = GridArithmetic.WideLimit(logicalRanks);
        reaches = new UnmanagedBuffer(checked(layout.Blocks * sizeof(long)));
        var longest = (int)Math.Min(layout.BlockSize, layout.Elements);
        words = new uint[RoundingStream.WordsFor(longest)];
        integers = new int[longest];
    }

    private Span<long> Reaches => MemoryMarshal.Cast<byte, long>(reaches.GetSpan());

    public override void Begin(long step, bool allWide)
    {
        this.step = step;
        this.allWide = allWide;
        Reaches.Clear();
    }

    public override void Add(int logicalRank, int block, ReadOnlySpan<float> values, int exponent)
    {
        var drawn = words.AsSpan(0, RoundingStream.WordsFor(values.Length));
        new RoundingStream(seed, step, logicalRank).Fill(block, drawn);
        var rounded = integers.AsSpan(0, values.Length);
        var largest = StochasticKernels.Round(values, drawn, rounded, GridArithmetic.Scale(-exponent));
        if (largest >= 0)
        {
            // Widened before it is added to, so the sums so far are whole.
            Reaches[block] += largest;
            sums.Widen(block, ReachArithmetic.BytesFor(Reaches[block], ownBytes));
            sums.Add(block, rounded);
            return;
        }

        sums.Widen(block, BlockSums.WidestBytes);
        var range = StochasticKernels.AccumulateWide(
            values, drawn, sums.Of<long>(block), GridArithmetic.WideScale(-exponent), wideLimit, out largest);
        Reaches[block] += largest;
        flags.SetFaults(block, range);
    }

    public override Task AgreeAsync(Communicator communicator, long step, CancellationToken cancellationToken) =>
        communicator.SumAsync(
            step, [new IntegerRun(reaches.Memory, sizeof(long))], Phase.Flags, Phase.Flags, cancellationToken);

    public override int BytesOf(int block) =>
        allWide ? BlockSums.WidestBytes : ReachArithmetic.BytesFor(Reaches[block], ownBytes);

    public override (short NextExponent, bool FitsSingle) Plan(int block, int exponent)
    {
        var reach = Reaches[block];

        // No sum is beyond the reach, so the sums themselves are rarely looked at.
        return (
            ReachArithmetic.NextExponent(exponent, reach, targetBits),
            GridArithmetic.FitsSingle(exponent, (ulong)reach)
                || GridArithmetic.FitsSingle(exponent, sums.Largest(block)));
    }

    public override void Dispose() => reaches.Free();
}

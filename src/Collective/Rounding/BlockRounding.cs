namespace Colony.Collective;

/// <summary>
/// How values become integers and how wide each block is: one way for 32 bits, one for 16 and 8. What it decides
/// follows from the values of all logical ranks alone, never from who holds them.
/// </summary>
internal abstract class BlockRounding : IDisposable
{
    /// <summary>Starts a step.</summary>
    public abstract void Begin(long step, bool allWide);

    /// <summary>Rounds one logical rank's values of a block and adds them to its sums, which are widened if need be;
    /// flags values that no width takes.</summary>
    public abstract void Add(int logicalRank, int block, ReadOnlySpan<float> values, int exponent);

    /// <summary>Exchanges what the members need to know of each other before they settle; the flags are joined by
    /// then.</summary>
    public abstract Task AgreeAsync(Communicator communicator, long step, CancellationToken cancellationToken);

    /// <summary>Bytes of each sum of a block, the same on every member.</summary>
    public abstract int BytesOf(int block);

    /// <summary>The exponent of a block in the next step, and whether all of its sums are finite floats; from the
    /// reduced sums.</summary>
    public abstract (short NextExponent, bool FitsSingle) Plan(int block, int exponent);

    public virtual void Dispose()
    {
    }
}

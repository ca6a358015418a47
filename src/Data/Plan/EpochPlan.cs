namespace Colony.Data;

/// <summary>
/// The plan with the order of the current epoch kept at hand, so that a step costs a slice of an array instead of a
/// shuffle. Gives exactly what <see cref="Plan"/> gives, in whatever order it is asked. Has one owner: not
/// thread-safe.
/// </summary>
public sealed class EpochPlan
{
    private int[] _order = [];
    private long _epoch = -1;

    /// <summary>Makes a plan; nothing is shuffled before the first step is asked for.</summary>
    /// <param name="geometry">The plan's geometry.</param>
    public EpochPlan(PlanGeometry geometry)
    {
        ArgumentNullException.ThrowIfNull(geometry);
        Geometry = geometry;
    }

    /// <summary>What the plan is a function of.</summary>
    public PlanGeometry Geometry { get; }

    /// <summary>The sample ids of a step's global batch, in logical-rank order.</summary>
    /// <param name="step">The step, counted over all epochs from 0.</param>
    public ReadOnlyMemory<int> GlobalBatch(long step)
    {
        var range = Plan.BatchRange(Geometry, step);
        return OrderOf(step).AsMemory(range.Start, range.Length);
    }

    /// <summary>The sample ids of one logical rank's slice of a step; may be empty.</summary>
    /// <param name="step">The step, counted over all epochs from 0.</param>
    /// <param name="logicalRank">The logical rank, from 0.</param>
    public ReadOnlyMemory<int> Slice(long step, int logicalRank)
    {
        var range = Plan.SliceRange(Geometry, step, logicalRank);
        return GlobalBatch(step).Slice(range.Start, range.Length);
    }

    private int[] OrderOf(long step)
    {
        var epoch = Geometry.EpochOf(step);
        if (epoch != _epoch)
        {
            // A new array, not the old one shuffled again: slices handed out earlier keep their contents.
            _order = Plan.Order(Geometry, epoch);
            _epoch = epoch;
        }

        return _order;
    }
}

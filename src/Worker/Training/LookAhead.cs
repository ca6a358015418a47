using Colony.Data;

namespace Colony.Worker;

/// <summary>
/// Tells the data set which samples the hosted ranks will need in the steps to come, so that shards far away are on
/// their way before they are wanted, and the disk reads while a step computes. Has no influence on any bit. Has one
/// owner.
/// </summary>
internal sealed class LookAhead(PlanGeometry geometry, IDataset dataset)
{
    /// <summary>How far ahead, in steps: seconds to minutes of training.</summary>
    public const int Steps = 32;

    /// <summary>How far ahead where all data are at hand: one that is computed, one to spare.</summary>
    public const int StepsAtHand = 2;

    // A plan of its own: looking into the next epoch must not make the training's plan shuffle this one again.
    private readonly EpochPlan _plan = new(geometry);
    private readonly HashSet<int> _ranks = [];
    private long _told;

    /// <summary>A step begins.</summary>
    /// <param name="step">The step, from 1.</param>
    /// <param name="ranks">The hosted logical ranks.</param>
    /// <param name="finalStep">The job's last step.</param>
    public void Began(long step, IReadOnlyList<int> ranks, long finalStep)
    {
        if (!_ranks.SetEquals(ranks))
        {
            _ranks.Clear();
            _ranks.UnionWith(ranks);
            _told = step;
        }

        var last = Math.Min(step + (dataset.IsAtHand ? StepsAtHand : Steps), finalStep);
        for (_told = Math.Max(_told, step); _told < last; _told++)
        {
            foreach (int rank in ranks)
            {
                dataset.Expect(_plan.Slice(_told, rank).Span);
            }
        }
    }
}

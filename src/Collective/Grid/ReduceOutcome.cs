namespace Colony.Collective;

/// <summary>How a step's reduction ended; the same on every member, however many they are.</summary>
/// <param name="NonFinite">Some logical rank had a NaN, an infinity or a value too large for its block's grid, or the
/// sum itself is no finite float. The sums must not be used; all members skip the update alike.</param>
/// <param name="FirstTensor">The lowest tensor index, over all members, that is to blame; -1 when all is well.</param>
/// <param name="WideBlocks">Blocks that travelled at more bits than the job's width.</param>
public sealed record ReduceOutcome(bool NonFinite, int FirstTensor, int WideBlocks);

namespace Colony.Orchestration;

/// <summary>A worker's place in a generation: it hosts the logical ranks FirstRank &lt;= r &lt; EndRank.</summary>
/// <param name="Worker">The worker's name.</param>
/// <param name="Address">host:port of its gRPC server.</param>
/// <param name="FirstRank">First logical rank that it hosts.</param>
/// <param name="EndRank">One past the last; equal to <paramref name="FirstRank"/> for a spare.</param>
public sealed record Member(string Worker, string Address, int FirstRank, int EndRank)
{
    /// <summary>Logical ranks hosted.</summary>
    public int Ranks => EndRank - FirstRank;
}

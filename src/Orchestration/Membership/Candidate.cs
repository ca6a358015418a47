namespace Colony.Orchestration;

/// <summary>A worker that can be given logical ranks.</summary>
/// <param name="Worker">Its name.</param>
/// <param name="Address">host:port of its gRPC server.</param>
/// <param name="Share">Its part of the work beside an ordinary worker's 1; below 1 for a slow one.</param>
public sealed record Candidate(string Worker, string Address, double Share = 1);

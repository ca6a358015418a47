namespace Colony.Collective;

/// <summary>Limits of a group's communication; the same on all members, since they decide where data is cut.</summary>
public sealed record CommunicatorOptions
{
    /// <summary>1 MiB: long enough that a header costs nothing, short enough that rounds overlap.</summary>
    public const int DefaultChunkBytes = 1 << 20;

    /// <summary>Largest payload that a receiver takes, whatever its sender's options say.</summary>
    public const int MaxChunkBytes = 2 << 20;

    /// <summary>Bytes of a chunk's payload at most; 64 to <see cref="MaxChunkBytes"/>.</summary>
    public int ChunkBytes { get; init; } = DefaultChunkBytes;

    /// <summary>
    /// Longest wait for one chunk. A dead member is noticed by its connection and a hung one by the coordinator; this
    /// only bounds what neither sees, and is longer than a member waits for a store that is away.
    /// </summary>
    public TimeSpan WaitLimit { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Most bytes that all members together may announce in a gather of unknown sizes.</summary>
    public int MaxGatheredBytes { get; init; } = 1 << 30;
}

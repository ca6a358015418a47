namespace Colony.Rpc;

/// <summary>What a caller may say about one call.</summary>
public sealed record CallOptions
{
    /// <summary>No metadata, no deadline.</summary>
    public static CallOptions Default { get; } = new();

    /// <summary>Metadata to send.</summary>
    public Metadata? Headers { get; init; }

    /// <summary>
    /// How long the whole call may take. It travels to the server, and ends the call here even if the server is deaf,
    /// with <see cref="StatusCode.DeadlineExceeded"/>. Null for no limit.
    /// </summary>
    public TimeSpan? Timeout { get; init; }
}

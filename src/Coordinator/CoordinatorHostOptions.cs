using Colony.Jobs;

namespace Colony.Coordinator;

/// <summary>What a coordinator process needs to know beside its parts.</summary>
public sealed record CoordinatorHostOptions
{
    /// <summary>The job.</summary>
    public required Job Job { get; init; }

    /// <summary>
    /// Address of the object store that the workers write checkpoints to; told to them at their welcome.
    /// </summary>
    public required string Store { get; init; }

    /// <summary>
    /// Directory of the journal from which a coordinator that was killed takes up where its workers are; null keeps
    /// none.
    /// </summary>
    public string? Journal { get; init; }

    /// <summary>Go on from the store's latest checkpoint instead of refusing to overwrite it.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether the end of the run waits for an evaluation of the last step.</summary>
    public bool ExpectEvaluator { get; init; } = true;

    /// <summary>Host to listen on.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>gRPC port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Port of /metrics, /healthz and the status page; 0 takes a free one.</summary>
    public int MetricsPort { get; init; }

    /// <summary>Permits an address that is not loopback although nothing encrypts it: a closed network.</summary>
    public bool AllowInsecure { get; init; }
}

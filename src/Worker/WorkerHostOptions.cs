using Colony.Jobs;

namespace Colony.Worker;

/// <summary>What a worker process needs to know.</summary>
public sealed record WorkerHostOptions
{
    /// <summary>The job.</summary>
    public required Job Job { get; init; }

    /// <summary>The folder that relative paths of the job are relative to.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>Its name, unique in the run and stable over its reconnects.</summary>
    public required string Name { get; init; }

    /// <summary>host:port of the coordinator.</summary>
    public required string Coordinator { get; init; }

    /// <summary>Host to listen on for peers.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Host that peers reach this worker by; null for the one it listens on.</summary>
    public string? AdvertisedHost { get; init; }

    /// <summary>gRPC port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Port of /metrics and /healthz; 0 takes a free one.</summary>
    public int MetricsPort { get; init; }

    /// <summary>Permits an address that is not loopback although nothing encrypts it: a closed network.</summary>
    public bool AllowInsecure { get; init; }

    /// <summary>The split that is trained on.</summary>
    public string Split { get; init; } = "train";
}

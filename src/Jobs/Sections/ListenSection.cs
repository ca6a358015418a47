using System.ComponentModel.DataAnnotations;

namespace Colony.Jobs;

/// <summary>Where the coordinator listens. Port 0 takes any free port.</summary>
public sealed record ListenSection
{
    /// <summary>Address to bind; anything but loopback needs TLS and a job token.</summary>
    [Required]
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>Port of the coordinator's gRPC services.</summary>
    [Range(0, 65_535)]
    public int CoordinatorPort { get; init; }

    /// <summary>Port of the coordinator's status page and <c>/metrics</c>.</summary>
    [Range(0, 65_535)]
    public int MetricsPort { get; init; }
}

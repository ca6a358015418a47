using System.Security.Cryptography.X509Certificates;

namespace Colony.Rpc;

/// <summary>How a channel connects.</summary>
public sealed record RpcChannelOptions
{
    /// <summary>The longest message that is accepted, in bytes.</summary>
    public int MaxReceiveMessageBytes { get; init; } = RpcServerOptions.DefaultMaxReceiveMessageBytes;

    /// <summary>Bytes that a server may send in one call before they are read; at most 16 MiB.</summary>
    public int StreamWindowBytes { get; init; } = 8 << 20;

    /// <summary>How long connecting may take.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long a connection may be silent before the peer is asked for a sign of life; at least 1 s. Infinite never
    /// asks.
    /// Only connections with open calls are asked. Foreign servers may take frequent asking amiss: grpc's own default
    /// closes a connection that asks more than twice within five minutes without sending data.
    /// </summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the sign of life may take before the connection counts as lost; at least 1 s.</summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>The token that goes with every call (<c>authorization: Bearer ...</c>); null sends none.</summary>
    public string? Token { get; init; }

    /// <summary>With https: certificates that sign the server's. Empty trusts those of the machine.</summary>
    public X509Certificate2Collection ServerAuthorities { get; init; } = [];

    /// <summary>With https: the certificate with which this side proves itself; null for none.</summary>
    public X509Certificate2? ClientCertificate { get; init; }
}

using System.Security.Cryptography.X509Certificates;

namespace Colony.Rpc;

/// <summary>Where and how a server listens. All limits are per server process unless said otherwise.</summary>
public sealed record RpcServerOptions
{
    /// <summary>Four mebibytes, the default of gRPC everywhere.</summary>
    public const int DefaultMaxReceiveMessageBytes = 4 << 20;

    /// <summary>An IP address, <c>localhost</c>, <c>*</c> (every address), or a name of this machine.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>The TCP port; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>The certificate for TLS; null for clear text.</summary>
    public X509Certificate2? Certificate { get; init; }

    /// <summary>With TLS: certificates that sign those of clients. Not empty makes TLS mutual.</summary>
    public X509Certificate2Collection ClientAuthorities { get; init; } = [];

    /// <summary>The token that each call must bring (<c>authorization: Bearer ...</c>); null asks for none.</summary>
    public string? Token { get; init; }

    /// <summary>
    /// Permits an address that is not loopback without TLS, or without a token or mutual TLS. Meant for networks that
    /// are closed by other means.
    /// </summary>
    public bool AllowInsecure { get; init; }

    /// <summary>The longest message that is accepted, in bytes.</summary>
    public int MaxReceiveMessageBytes { get; init; } = DefaultMaxReceiveMessageBytes;

    /// <summary>Bytes that a client may send in one call before the handler has read them.</summary>
    public int StreamWindowBytes { get; init; } = 8 << 20;

    /// <summary>Bytes that a client may send in all calls of a connection before handlers have read them.</summary>
    public int ConnectionWindowBytes { get; init; } = 16 << 20;

    /// <summary>Bytes of responses that wait for the network before a write has to wait.</summary>
    public long ResponseBufferBytes { get; init; } = 1 << 20;

    /// <summary>
    /// Calls at a time on one connection; further ones wait at the client or open another connection.
    /// </summary>
    public int MaxCallsPerConnection { get; init; } = 256;

    /// <summary>Connections at a time; further ones are closed.</summary>
    public long MaxConnections { get; init; } = 4096;

    /// <summary>
    /// How long a silent connection is left alone before it is asked for a sign of life; at least 1 s.
    /// </summary>
    public TimeSpan KeepAlivePingDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long the sign of life may take before the connection counts as lost; at least 1 s.</summary>
    public TimeSpan KeepAlivePingTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// How long <see cref="RpcServer.StopAsync"/> lets calls finish before their tokens are cancelled.
    /// </summary>
    public TimeSpan ShutdownGrace { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>
    /// Whether the text of an unexpected exception in a handler goes to the client. For debugging: such texts can tell
    /// what should not be told.
    /// </summary>
    public bool SendExceptionDetails { get; init; }
}

using Microsoft.AspNetCore.Http;

namespace Colony.Rpc;

/// <summary>What a handler knows of its call besides the messages.</summary>
public sealed class RpcContext
{
    private readonly ServerCall _call;

    internal RpcContext(ServerCall call, HttpContext http, DateTimeOffset? deadline)
    {
        _call = call;
        Method = http.Request.Path.Value ?? "";
        Peer = $"{http.Connection.RemoteIpAddress}:{http.Connection.RemotePort}";
        Deadline = deadline;
        RequestHeaders = [];
        foreach (var (key, values) in http.Request.Headers)
        {
            foreach (var value in values)
            {
                MetadataCodec.Decode(key, value, RequestHeaders);
            }
        }
    }

    /// <summary>The path of the call: <c>/service/method</c>.</summary>
    public string Method { get; }

    /// <summary>Address and port of the caller.</summary>
    public string Peer { get; }

    /// <summary>When the caller stops waiting; null for never.</summary>
    public DateTimeOffset? Deadline { get; }

    /// <summary>Metadata from the caller.</summary>
    public Metadata RequestHeaders { get; }

    /// <summary>Metadata that goes before the first response; later additions are not sent.</summary>
    public Metadata ResponseHeaders { get; } = [];

    /// <summary>Metadata that goes with the status.</summary>
    public Metadata ResponseTrailers { get; } = [];

    /// <summary>Sends <see cref="ResponseHeaders"/> now instead of with the first response.</summary>
    public ValueTask SendHeadersAsync(CancellationToken cancellationToken) => _call.SendHeadersAsync(cancellationToken);
}

using System.Net;

namespace Colony.Rpc;

/// <summary>What HTTP says went wrong, as a status.</summary>
internal static class ClientFailures
{
    private const long ErrorNone = 0;
    private const long ErrorRefused = 7;
    private const long ErrorCancel = 8;
    private const long ErrorCalm = 11;
    private const long ErrorSecurity = 12;

    /// <summary>An exception of HttpClient or of its streams.</summary>
    public static RpcException FromException(Exception cause)
    {
        if (cause is RpcException known)
        {
            return known;
        }

        for (var inner = cause; inner is not null; inner = inner.InnerException)
        {
            if (inner is HttpProtocolException protocol)
            {
                return FromProtocol(protocol, cause);
            }
        }

        return cause switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.VersionNegotiationError } =>
                new RpcException(
                    StatusCode.Unavailable, $"The server does not speak HTTP/2: {cause.Message}", inner: cause),
            HttpRequestException or IOException or OperationCanceledException or ObjectDisposedException =>
                new RpcException(StatusCode.Unavailable, $"The connection failed: {Innermost(cause)}", inner: cause),
            _ => new RpcException(StatusCode.Internal, $"The call failed: {cause.Message}", inner: cause),
        };
    }

    /// <summary>A response without gRPC's own status.</summary>
    public static StatusCode FromHttp(HttpStatusCode code) => code switch
    {
        HttpStatusCode.BadRequest => StatusCode.Internal,
        HttpStatusCode.Unauthorized => StatusCode.Unauthenticated,
        HttpStatusCode.Forbidden => StatusCode.PermissionDenied,
        HttpStatusCode.NotFound => StatusCode.Unimplemented,
        HttpStatusCode.TooManyRequests or HttpStatusCode.BadGateway
            or HttpStatusCode.ServiceUnavailable or HttpStatusCode.GatewayTimeout => StatusCode.Unavailable,
        _ => StatusCode.Unknown,
    };

    private static RpcException FromProtocol(HttpProtocolException protocol, Exception cause)
    {
        var code = protocol.ErrorCode switch
        {
            ErrorNone or ErrorRefused => StatusCode.Unavailable,
            ErrorCancel => StatusCode.Cancelled,
            ErrorCalm => StatusCode.ResourceExhausted,
            ErrorSecurity => StatusCode.PermissionDenied,
            _ => StatusCode.Internal,
        };
        return new RpcException(code, protocol.Message, inner: cause);
    }

    private static string Innermost(Exception cause)
    {
        while (cause.InnerException is { } inner)
        {
            cause = inner;
        }

        return cause.Message;
    }
}

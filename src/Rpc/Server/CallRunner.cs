using System.Security.Cryptography;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;

namespace Colony.Rpc;

/// <summary>
/// Takes an HTTP request through the checks of the protocol to its handler, and the outcome back as a status.
/// </summary>
internal sealed class CallRunner(
    IReadOnlyDictionary<string, IServerMethod> methods,
    RpcServerOptions options,
    TimeProvider clock,
    ILogger log,
    CancellationToken refusing,
    CancellationToken stopping)
{
    private static readonly Status Malformed = new(StatusCode.Internal, "The field grpc-timeout is malformed.");
    private static readonly Status NotAllowed = new(StatusCode.Unauthenticated, "The call has no valid token.");
    private static readonly Status ShuttingDown = new(StatusCode.Unavailable, "The server is shutting down.");

    private readonly byte[]? _authorization = options.Token is null
        ? null
        : Encoding.UTF8.GetBytes(ProtocolNames.BearerPrefix + options.Token);

    public async Task RunAsync(HttpContext http)
    {
        if (!HttpMethods.IsPost(http.Request.Method))
        {
            http.Response.StatusCode = StatusCodes.Status405MethodNotAllowed;
            return;
        }

        if (!ProtocolNames.IsGrpc(http.Request.ContentType))
        {
            http.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }

        http.Response.ContentType = ProtocolNames.ContentType;
        http.Response.Headers[ProtocolNames.AcceptEncodingField] = ProtocolNames.Identity;
        if (Refusal(http, out var method, out var timeout) is { } refusal)
        {
            ResponseStatus.Write(http.Response, refusal, []);
            return;
        }

        if (http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
        {
            size.MaxRequestBodySize = null;
        }

        await ServeAsync(http, method!, timeout).ConfigureAwait(false);
    }

    private async Task ServeAsync(HttpContext http, IServerMethod method, TimeSpan? timeout)
    {
        using var lifetime = new CallLifetime(clock, timeout, http.RequestAborted, stopping);
        using var call = new ServerCall(http, lifetime, options.MaxReceiveMessageBytes);
        var work = InvokeAsync(method, call);
        if (await Task.WhenAny(work, lifetime.Over).ConfigureAwait(false) != work)
        {
            // The caller is answered at once even if the handler is deaf. The handler is still awaited, because the
            // request and its buffers live only until this method returns.
            await call.FinishAsync(lifetime.Cause, []).ConfigureAwait(false);
        }

        var (status, trailers) = await work.ConfigureAwait(false);
        await call.FinishAsync(status, trailers).ConfigureAwait(false);
    }

    /// <summary>The one place where what a handler throws becomes a status.</summary>
    private async Task<(Status Status, Metadata Trailers)> InvokeAsync(IServerMethod method, ServerCall call)
    {
        try
        {
            await method.InvokeAsync(call).ConfigureAwait(false);
            return (Status.Success, call.Context.ResponseTrailers);
        }
        catch (Exception) when (call.Lifetime.Token.IsCancellationRequested)
        {
            return (call.Lifetime.Cause, call.Context.ResponseTrailers);
        }
        catch (RpcException failure)
        {
            return (failure.Status, failure.Trailers.Count > 0 ? failure.Trailers : call.Context.ResponseTrailers);
        }
        catch (OperationCanceledException)
        {
            return (new Status(StatusCode.Cancelled, "The handler was cancelled."), call.Context.ResponseTrailers);
        }
        catch (Exception failure)
        {
            RpcLog.HandlerFailed(log, call.Context.Method, call.Context.Peer, failure);
            var detail = options.SendExceptionDetails
                ? $"{failure.GetType().Name}: {failure.Message}"
                : "The handler failed; its server's log says why.";
            return (new Status(StatusCode.Unknown, detail), call.Context.ResponseTrailers);
        }
    }

    /// <summary>Why the call may not reach a handler, or null.</summary>
    private Status? Refusal(HttpContext http, out IServerMethod? method, out TimeSpan? timeout)
    {
        timeout = null;
        method = null;
        if (refusing.IsCancellationRequested)
        {
            return ShuttingDown;
        }

        if (_authorization is not null && !HasToken(http.Request.Headers.Authorization.ToString()))
        {
            return NotAllowed;
        }

        if (!methods.TryGetValue(http.Request.Path.Value ?? "", out method))
        {
            return new Status(StatusCode.Unimplemented, $"The method {http.Request.Path.Value} is not served here.");
        }

        var text = http.Request.Headers[ProtocolNames.TimeoutField].ToString();
        if (text.Length > 0)
        {
            if (!TimeoutHeader.TryParse(text, out var parsed))
            {
                return Malformed;
            }

            timeout = parsed > TimeoutHeader.Longest ? TimeoutHeader.Longest : parsed;
        }

        return null;
    }

    private bool HasToken(string given) =>
        CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(given), _authorization);
}

using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Colony.Rpc;

/// <summary>What was asked of a text endpoint.</summary>
/// <param name="Path">The path, as mapped.</param>
/// <param name="Query">The parameters after the question mark; of a repeated one the last.</param>
public sealed record HttpTextRequest(string Path, IReadOnlyDictionary<string, string> Query);

/// <summary>What a text endpoint answers.</summary>
/// <param name="ContentType">For instance <c>text/plain; version=0.0.4; charset=utf-8</c>.</param>
/// <param name="Body">The text; it travels as UTF-8.</param>
/// <param name="StatusCode">The HTTP status.</param>
public sealed record HttpTextResponse(string ContentType, string Body, int StatusCode = 200);

/// <summary>
/// A small HTTP/1.1 server of GET endpoints that answer with text, on a port of its own: <c>/metrics</c>,
/// <c>/healthz</c>, a status page. Map paths, then start it once.
/// </summary>
/// <param name="host">As <see cref="RpcServerOptions.Host"/>.</param>
/// <param name="port">The TCP port; 0 takes a free one.</param>
/// <param name="allowInsecure">Permits an address that is not loopback; these pages have no TLS and no token.</param>
/// <param name="logging">Where failures of endpoints are told; null is silent.</param>
public sealed class HttpTextServer(string host, int port, bool allowInsecure = false, ILoggerFactory? logging = null)
    : IAsyncDisposable
{
    /// <summary>No body is read; requests that bring more are refused.</summary>
    private const long MaxRequestBytes = 4096;
    private const long MaxConnections = 256;
    private static readonly TimeSpan ShutdownGrace = TimeSpan.FromSeconds(1);

    private readonly ILogger _log = (logging ?? NullLoggerFactory.Instance).CreateLogger("Colony.Rpc");
    private readonly Dictionary<string, Func<HttpTextRequest, CancellationToken, ValueTask<HttpTextResponse>>> _pages =
        new(StringComparer.Ordinal);

    private KestrelHost? _host;

    /// <summary>Where the started server listens: <c>http://127.0.0.1:9090/</c>.</summary>
    /// <exception cref="InvalidOperationException">The server is not started.</exception>
    public Uri Address => (_host ?? throw new InvalidOperationException("The server is not started.")).Address;

    /// <summary>Answers GET and HEAD on a path with text.</summary>
    /// <exception cref="ArgumentException">The path does not begin with a slash, or is mapped already.</exception>
    public HttpTextServer MapText(
        string path, Func<CancellationToken, ValueTask<(string ContentType, string Body)>> page) =>
        Map(path, async (_, cancellationToken) =>
        {
            var (contentType, body) = await page(cancellationToken).ConfigureAwait(false);
            return new HttpTextResponse(contentType, body);
        });

    /// <summary>Answers GET and HEAD on a path, with a look at the parameters and a status of its own.</summary>
    /// <exception cref="ArgumentException">The path does not begin with a slash, or is mapped already.</exception>
    public HttpTextServer Map(string path, Func<HttpTextRequest, CancellationToken, ValueTask<HttpTextResponse>> page)
    {
        if (!path.StartsWith('/') || _host is not null || !_pages.TryAdd(path, page))
        {
            throw new ArgumentException(
                $"The path '{path}' cannot be mapped: it must begin with a slash, be new, and come before the start.");
        }

        return this;
    }

    /// <summary>Listens and serves.</summary>
    /// <exception cref="ListenException">The address cannot or may not be listened on.</exception>
    /// <exception cref="AddressInUseException">Another process listens there.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_host is not null)
        {
            throw new InvalidOperationException("A server is started once.");
        }

        var endpoint = await ListenAddress.ResolveAsync(host, port, cancellationToken).ConfigureAwait(false);
        ListenAddress.RequireSafe(endpoint, encrypted: false, authenticated: false, allowInsecure);
        _host = await KestrelHost.StartAsync(
            endpoint,
            SetLimits,
            static listen => listen.Protocols = HttpProtocols.Http1,
            AnswerAsync,
            logging,
            cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>Stops; answers that are under way have a second to end.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_host is null)
        {
            return;
        }

        using var grace = new CancellationTokenSource(ShutdownGrace);
        await _host.StopAsync(grace.Token).ConfigureAwait(false);
        await _host.DisposeAsync().ConfigureAwait(false);
    }

    private static void SetLimits(KestrelServerOptions kestrel)
    {
        kestrel.Limits.MaxRequestBodySize = MaxRequestBytes;
        kestrel.Limits.MaxConcurrentConnections = MaxConnections;
    }

    private async Task AnswerAsync(HttpContext http)
    {
        var path = http.Request.Path.Value ?? "";
        if (!_pages.TryGetValue(path, out var page))
        {
            var absent = new HttpTextResponse("text/plain", "There is no such page.\n", 404);
            await WriteAsync(http, absent).ConfigureAwait(false);
            return;
        }

        if (!HttpMethods.IsGet(http.Request.Method) && !HttpMethods.IsHead(http.Request.Method))
        {
            http.Response.Headers.Allow = "GET, HEAD";
            var refused = new HttpTextResponse("text/plain", "Only GET and HEAD.\n", 405);
            await WriteAsync(http, refused).ConfigureAwait(false);
            return;
        }

        var query = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, values) in http.Request.Query)
        {
            query[name] = values[^1] ?? "";
        }

        HttpTextResponse response;
        try
        {
            response = await page(new HttpTextRequest(path, query), http.RequestAborted).ConfigureAwait(false);
        }
        catch (Exception failure) when (!http.RequestAborted.IsCancellationRequested)
        {
            RpcLog.HandlerFailed(_log, path, $"{http.Connection.RemoteIpAddress}", failure);
            response = new HttpTextResponse("text/plain", "The page failed; the server's log says why.\n", 500);
        }

        await WriteAsync(http, response).ConfigureAwait(false);
    }

    private static async Task WriteAsync(HttpContext http, HttpTextResponse response)
    {
        var body = Encoding.UTF8.GetBytes(response.Body);
        http.Response.StatusCode = response.StatusCode;
        http.Response.ContentType = response.ContentType;
        http.Response.ContentLength = body.Length;
        http.Response.Headers.CacheControl = "no-store";
        if (!HttpMethods.IsHead(http.Request.Method))
        {
            await http.Response.Body.WriteAsync(body, http.RequestAborted).ConfigureAwait(false);
        }
    }
}

using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Colony.Rpc;

/// <summary>
/// A gRPC server over HTTP/2. Add methods, then start it once. Handlers run concurrently; their token is cancelled when
/// the client goes away, the deadline passes or the server stops.
/// </summary>
/// <param name="options">Where and how to listen.</param>
/// <param name="logging">Where failures of handlers are told; null is silent.</param>
/// <param name="clock">The clock of deadlines.</param>
public sealed class RpcServer(RpcServerOptions options, ILoggerFactory? logging = null, TimeProvider? clock = null)
    : IAsyncDisposable
{
    /// <summary>How long cancelled handlers have to let go before their connections are cut.</summary>
    private static readonly TimeSpan AbortDelay = TimeSpan.FromMilliseconds(500);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, IServerMethod> _methods = new(StringComparer.Ordinal);
    private readonly CancellationTokenSource _refusing = new();
    private readonly CancellationTokenSource _stopping = new();
    private KestrelHost? _host;
    private HealthService? _health;
    private Task? _stop;
    private bool _disposed;

    /// <summary>Where the started server listens, with its actual port: <c>http://127.0.0.1:50051</c>.</summary>
    /// <exception cref="InvalidOperationException">The server is not started.</exception>
    public Uri Address => Started.Address;

    /// <summary>The port that the started server listens on.</summary>
    /// <exception cref="InvalidOperationException">The server is not started.</exception>
    public int Port => Started.Address.Port;

    private KestrelHost Started => _host ?? throw new InvalidOperationException("The server is not started.");

    /// <summary>Serves a method of one request and one response.</summary>
    /// <exception cref="ArgumentException">The method is of another kind, or served already.</exception>
    public RpcServer AddUnary<TRequest, TResponse>(
        Method<TRequest, TResponse> method, UnaryHandler<TRequest, TResponse> handler) =>
        Add(method, MethodKind.Unary, new UnaryMethod<TRequest, TResponse>(method, handler));

    /// <summary>Serves a method of one request and many responses.</summary>
    /// <exception cref="ArgumentException">The method is of another kind, or served already.</exception>
    public RpcServer AddServerStreaming<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ServerStreamingHandler<TRequest, TResponse> handler) =>
        Add(method, MethodKind.ServerStreaming, new ServerStreamingMethod<TRequest, TResponse>(method, handler));

    /// <summary>Serves a method of many requests and one response.</summary>
    /// <exception cref="ArgumentException">The method is of another kind, or served already.</exception>
    public RpcServer AddClientStreaming<TRequest, TResponse>(
        Method<TRequest, TResponse> method, ClientStreamingHandler<TRequest, TResponse> handler) =>
        Add(method, MethodKind.ClientStreaming, new ClientStreamingMethod<TRequest, TResponse>(method, handler));

    /// <summary>Serves a method of many requests and many responses.</summary>
    /// <exception cref="ArgumentException">The method is of another kind, or served already.</exception>
    public RpcServer AddDuplex<TRequest, TResponse>(
        Method<TRequest, TResponse> method, DuplexHandler<TRequest, TResponse> handler) =>
        Add(method, MethodKind.Duplex, new DuplexMethod<TRequest, TResponse>(method, handler));

    /// <summary>Serves <c>grpc.health.v1</c>. Stopping the server sets every service to not serving.</summary>
    /// <exception cref="ArgumentException">Health is served already.</exception>
    public RpcServer AddHealth(HealthService health)
    {
        ArgumentNullException.ThrowIfNull(health);
        AddUnary(HealthMethods.Check, (service, _, _) => Task.FromResult(health.Check(service)));
        AddServerStreaming(
            HealthMethods.Watch,
            (service, responses, _, cancellationToken) => health.WatchAsync(service, responses, cancellationToken));
        _health = health;
        return this;
    }

    /// <summary>Listens and serves.</summary>
    /// <exception cref="ListenException">The address cannot or may not be listened on.</exception>
    /// <exception cref="AddressInUseException">Another process listens there.</exception>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        if (_host is not null || _stop is not null)
        {
            throw new InvalidOperationException("A server is started once.");
        }

        var endpoint = await ListenAddress.ResolveAsync(options.Host, options.Port, cancellationToken)
            .ConfigureAwait(false);
        var authenticated = options.Token is not null || options.ClientAuthorities.Count > 0;
        ListenAddress.RequireSafe(endpoint, options.Certificate is not null, authenticated, options.AllowInsecure);
        var log = (logging ?? NullLoggerFactory.Instance).CreateLogger("Colony.Rpc");
        var runner = new CallRunner(
            _methods, options, clock ?? TimeProvider.System, log, _refusing.Token, _stopping.Token);
        _host = await KestrelHost.StartAsync(
            endpoint, SetLimits, SetEndpoint, runner.RunAsync, logging, cancellationToken)
            .ConfigureAwait(false);
    }

    /// <summary>
    /// Refuses new calls, lets open ones finish for <see cref="RpcServerOptions.ShutdownGrace"/>, cancels their tokens,
    /// and closes. Cancelling the token ends the grace. Called again, it waits for the same end.
    /// </summary>
    public Task StopAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _stop ??= StopOnceAsync(cancellationToken);
        }
    }

    /// <summary>
    /// Stops without grace: open calls are cancelled and end with <see cref="StatusCode.Unavailable"/>.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (_disposed)
        {
            return;
        }

        _disposed = true;
        await _stopping.CancelAsync().ConfigureAwait(false);
        await StopAsync(new CancellationToken(canceled: true)).ConfigureAwait(false);
        if (_host is not null)
        {
            await _host.DisposeAsync().ConfigureAwait(false);
        }

        _refusing.Dispose();
        _stopping.Dispose();
    }

    private async Task StopOnceAsync(CancellationToken cancellationToken)
    {
        await _refusing.CancelAsync().ConfigureAwait(false);
        _health?.StopServing();
        if (_host is null)
        {
            return;
        }

        using var grace = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stopping.Token);
        grace.CancelAfter(options.ShutdownGrace);
        using var abort = new CancellationTokenSource();
        await using var cutLater = _stopping.Token.Register(() => abort.CancelAfter(AbortDelay)).ConfigureAwait(false);
        await using var cut = grace.Token.Register(_stopping.Cancel).ConfigureAwait(false);
        await _host.StopAsync(abort.Token).ConfigureAwait(false);
    }

    private RpcServer Add<TRequest, TResponse>(
        Method<TRequest, TResponse> method, MethodKind kind, IServerMethod served)
    {
        if (method.Kind != kind)
        {
            throw new ArgumentException($"The method {method.Path} is {method.Kind}, not {kind}.", nameof(method));
        }

        if (_host is not null)
        {
            throw new InvalidOperationException($"The server is started; {method.Path} came too late.");
        }

        if (!_methods.TryAdd(method.Path, served))
        {
            throw new ArgumentException($"The method {method.Path} is served already.", nameof(method));
        }

        return this;
    }

    private void SetLimits(KestrelServerOptions kestrel)
    {
        var limits = kestrel.Limits;
        limits.MinRequestBodyDataRate = null;
        limits.MinResponseDataRate = null;
        limits.MaxRequestBodySize = null;
        limits.MaxResponseBufferSize = options.ResponseBufferBytes;
        limits.MaxConcurrentConnections = options.MaxConnections;
        limits.Http2.InitialStreamWindowSize = options.StreamWindowBytes;
        limits.Http2.InitialConnectionWindowSize = options.ConnectionWindowBytes;
        limits.Http2.MaxStreamsPerConnection = options.MaxCallsPerConnection;
        limits.Http2.KeepAlivePingDelay = options.KeepAlivePingDelay;
        limits.Http2.KeepAlivePingTimeout = options.KeepAlivePingTimeout;
    }

    private void SetEndpoint(ListenOptions listen)
    {
        listen.Protocols = HttpProtocols.Http2;
        if (options.Certificate is null)
        {
            return;
        }

        listen.UseHttps(options.Certificate, https =>
        {
            if (options.ClientAuthorities.Count > 0)
            {
                https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
                https.ClientCertificateValidation = (certificate, _, _) => TrustedAuthorities.Signed(
                    certificate, options.ClientAuthorities);
            }
        });
    }
}

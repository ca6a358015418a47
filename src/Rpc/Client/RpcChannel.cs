using System.Net.Security;
using System.Security.Cryptography.X509Certificates;

namespace Colony.Rpc;

/// <summary>
/// Connections to one server, opened when the first call needs them and again after they were lost. Safe for concurrent
/// use. Disposing ends all calls.
/// </summary>
public sealed class RpcChannel : IAsyncDisposable
{
    private readonly HttpMessageInvoker _invoker;
    private readonly RpcChannelOptions _options;
    private readonly TimeProvider _clock;
    private readonly CancellationTokenSource _closing = new();
    private readonly CancellationToken _closed;

    /// <summary>A channel to a server. Nothing is connected yet.</summary>
    /// <param name="address"><c>http://host:port</c>, <c>https://host:port</c>, or <c>host:port</c> for clear
    /// text.</param>
    /// <param name="options">How to connect.</param>
    /// <param name="clock">The clock of deadlines.</param>
    /// <exception cref="ArgumentException">The address is neither.</exception>
    public RpcChannel(string address, RpcChannelOptions? options = null, TimeProvider? clock = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(address);
        var text = address.Contains("://", StringComparison.Ordinal) ? address : "http://" + address;
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri) || uri.Scheme is not ("http" or "https"))
        {
            throw new ArgumentException(
                $"'{address}' is no address; write host:port or https://host:port.", nameof(address));
        }

        Address = uri;
        _options = options ?? new RpcChannelOptions();
        _clock = clock ?? TimeProvider.System;
        _closed = _closing.Token;
        _invoker = new HttpMessageInvoker(Connect(_options));
    }

    /// <summary>A channel to a server.</summary>
    public RpcChannel(Uri address, RpcChannelOptions? options = null, TimeProvider? clock = null)
        : this((address ?? throw new ArgumentNullException(nameof(address))).ToString(), options, clock)
    {
    }

    /// <summary>Where the server is.</summary>
    public Uri Address { get; }

    /// <summary>Sends one request and waits for the one response.</summary>
    /// <exception cref="RpcException">The call ended with another status than OK.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<TResponse> UnaryAsync<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        TRequest request,
        CallOptions options,
        CancellationToken cancellationToken) =>
        (await UnaryReplyAsync(method, request, options, cancellationToken).ConfigureAwait(false)).Response;

    /// <summary>As <see cref="UnaryAsync"/>, with the metadata of the response.</summary>
    /// <exception cref="RpcException">The call ended with another status than OK.</exception>
    /// <exception cref="OperationCanceledException">The token was cancelled.</exception>
    public async Task<RpcReply<TResponse>> UnaryReplyAsync<TRequest, TResponse>(
        Method<TRequest, TResponse> method, TRequest request, CallOptions options, CancellationToken cancellationToken)
    {
        Require(method, MethodKind.Unary);
        var call = Start(method, new SingleRequest<TRequest>(method.Requests, request), options, cancellationToken);
        await using var end = call.ConfigureAwait(false);
        return await call.ReadOnlyAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Sends one request; the responses are read from the result, which must be disposed.</summary>
    /// <param name="method">A server-streaming method.</param>
    /// <param name="request">The request.</param>
    /// <param name="options">Metadata and deadline.</param>
    /// <param name="cancellationToken">Ends the whole call.</param>
    public ServerStream<TRequest, TResponse> ServerStreaming<TRequest, TResponse>(
        Method<TRequest, TResponse> method, TRequest request, CallOptions options, CancellationToken cancellationToken)
    {
        Require(method, MethodKind.ServerStreaming);
        return new(Start(method, new SingleRequest<TRequest>(method.Requests, request), options, cancellationToken));
    }

    /// <summary>Begins a call whose requests are written to the result, which must be disposed.</summary>
    /// <param name="method">A client-streaming method.</param>
    /// <param name="options">Metadata and deadline.</param>
    /// <param name="cancellationToken">Ends the whole call.</param>
    public ClientStream<TRequest, TResponse> ClientStreaming<TRequest, TResponse>(
        Method<TRequest, TResponse> method, CallOptions options, CancellationToken cancellationToken)
    {
        Require(method, MethodKind.ClientStreaming);
        var requests = new StreamedRequests<TRequest>(method.Requests);
        return new(Start(method, requests, options, cancellationToken), requests);
    }

    /// <summary>Begins a call with messages in both directions; the result must be disposed.</summary>
    /// <param name="method">A duplex method.</param>
    /// <param name="options">Metadata and deadline.</param>
    /// <param name="cancellationToken">Ends the whole call.</param>
    public DuplexCall<TRequest, TResponse> Duplex<TRequest, TResponse>(
        Method<TRequest, TResponse> method, CallOptions options, CancellationToken cancellationToken)
    {
        Require(method, MethodKind.Duplex);
        var requests = new StreamedRequests<TRequest>(method.Requests);
        return new(Start(method, requests, options, cancellationToken), requests);
    }

    /// <summary>Closes the connections; calls that are open end with <see cref="StatusCode.Unavailable"/>.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_closed.IsCancellationRequested)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false);
        _invoker.Dispose();
        _closing.Dispose();
    }

    private static void Require<TRequest, TResponse>(Method<TRequest, TResponse> method, MethodKind kind)
    {
        if (method.Kind != kind)
        {
            throw new ArgumentException($"The method {method.Path} is {method.Kind}, not {kind}.", nameof(method));
        }
    }

    private static SocketsHttpHandler Connect(RpcChannelOptions options)
    {
        var handler = new SocketsHttpHandler
        {
            EnableMultipleHttp2Connections = true,
            InitialHttp2StreamWindowSize = options.StreamWindowBytes,
            ConnectTimeout = options.ConnectTimeout,
            PooledConnectionIdleTimeout = Timeout.InfiniteTimeSpan,
            KeepAlivePingDelay = options.KeepAlivePingDelay,
            KeepAlivePingTimeout = options.KeepAlivePingTimeout,
            KeepAlivePingPolicy = HttpKeepAlivePingPolicy.WithActiveRequests,
            AllowAutoRedirect = false,
            UseCookies = false,
            UseProxy = false,
            ActivityHeadersPropagator = null,
        };
        if (options.ServerAuthorities.Count > 0)
        {
            handler.SslOptions.RemoteCertificateValidationCallback = (_, certificate, _, errors) =>
                certificate is X509Certificate2 server
                && (errors & ~SslPolicyErrors.RemoteCertificateChainErrors) == SslPolicyErrors.None
                && TrustedAuthorities.Signed(server, options.ServerAuthorities);
        }

        if (options.ClientCertificate is not null)
        {
            handler.SslOptions.ClientCertificates = [options.ClientCertificate];
        }

        return handler;
    }

    private ClientCall<TResponse> Start<TRequest, TResponse>(
        Method<TRequest, TResponse> method,
        CallContent content,
        CallOptions options,
        CancellationToken cancellationToken)
    {
        var request = RequestHead.Build(new Uri(Address, method.Path), content, options, _options.Token);
        var call = new ClientCall<TResponse>(
            method.Responses, content, options.Timeout, _options.MaxReceiveMessageBytes,
            _clock, _closed, cancellationToken);
        call.Start(_invoker, request);
        return call;
    }
}

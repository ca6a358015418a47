namespace Colony.Rpc;

/// <summary>A call with one request and many responses. Disposing before the end cancels it.</summary>
public sealed class ServerStream<TRequest, TResponse> : IRpcReader<TResponse>, IAsyncDisposable
{
    private readonly ClientCall<TResponse> _call;

    internal ServerStream(ClientCall<TResponse> call) => _call = call;

    /// <inheritdoc/>
    public TResponse Current => _call.Current;

    /// <summary>How the call ended; null while it has not.</summary>
    public Status? Status => _call.Status;

    /// <summary>Metadata that came with the status; empty before.</summary>
    public Metadata Trailers => _call.Trailers;

    /// <summary>Waits for the metadata that comes before the first response.</summary>
    public ValueTask<Metadata> HeadersAsync(CancellationToken cancellationToken) =>
        _call.HeadersAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken) => _call.MoveNextAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _call.DisposeAsync();
}

/// <summary>A call with many requests and one response. Disposing before the end cancels it.</summary>
public sealed class ClientStream<TRequest, TResponse> : IRpcWriter<TRequest>, IAsyncDisposable
{
    private readonly ClientCall<TResponse> _call;
    private readonly RequestSide<TRequest, TResponse> _requests;

    internal ClientStream(ClientCall<TResponse> call, StreamedRequests<TRequest> requests)
    {
        _call = call;
        _requests = new RequestSide<TRequest, TResponse>(call, requests);
    }

    /// <summary>How the call ended; null while it has not.</summary>
    public Status? Status => _call.Status;

    /// <summary>Metadata that came with the status; empty before.</summary>
    public Metadata Trailers => _call.Trailers;

    /// <inheritdoc/>
    public ValueTask WriteAsync(TRequest message, CancellationToken cancellationToken) =>
        _requests.WriteAsync(message, cancellationToken);

    /// <summary>Says that no request follows, and waits for the response.</summary>
    /// <exception cref="RpcException">The call ended with another status than OK.</exception>
    /// <exception cref="OperationCanceledException">The token, or that of the call, was cancelled.</exception>
    public async Task<TResponse> CompleteAsync(CancellationToken cancellationToken)
    {
        await _requests.CompleteAsync(cancellationToken).ConfigureAwait(false);
        return await ResponseAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>
    /// Waits for the response without ending the requests: the server may answer before it has them all.
    /// </summary>
    /// <exception cref="RpcException">The call ended with another status than OK.</exception>
    /// <exception cref="OperationCanceledException">The token, or that of the call, was cancelled.</exception>
    public async Task<TResponse> ResponseAsync(CancellationToken cancellationToken) =>
        (await _call.ReadOnlyAsync(cancellationToken).ConfigureAwait(false)).Response;

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _call.DisposeAsync();
}

/// <summary>
/// A call with many messages in both directions. One may read and write at the same time. Disposing before the end
/// cancels it.
/// </summary>
public sealed class DuplexCall<TRequest, TResponse> : IRpcReader<TResponse>, IRpcWriter<TRequest>, IAsyncDisposable
{
    private readonly ClientCall<TResponse> _call;
    private readonly RequestSide<TRequest, TResponse> _requests;

    internal DuplexCall(ClientCall<TResponse> call, StreamedRequests<TRequest> requests)
    {
        _call = call;
        _requests = new RequestSide<TRequest, TResponse>(call, requests);
    }

    /// <inheritdoc/>
    public TResponse Current => _call.Current;

    /// <summary>How the call ended; null while it has not.</summary>
    public Status? Status => _call.Status;

    /// <summary>Metadata that came with the status; empty before.</summary>
    public Metadata Trailers => _call.Trailers;

    /// <summary>Waits for the metadata that comes before the first response.</summary>
    public ValueTask<Metadata> HeadersAsync(CancellationToken cancellationToken) =>
        _call.HeadersAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask<bool> MoveNextAsync(CancellationToken cancellationToken) => _call.MoveNextAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask WriteAsync(TRequest message, CancellationToken cancellationToken) =>
        _requests.WriteAsync(message, cancellationToken);

    /// <summary>Says that no request follows; responses may still come.</summary>
    public ValueTask CompleteAsync(CancellationToken cancellationToken) => _requests.CompleteAsync(cancellationToken);

    /// <inheritdoc/>
    public ValueTask DisposeAsync() => _call.DisposeAsync();
}

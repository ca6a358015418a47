namespace Colony.Rpc;

/// <summary>Answers one request with one response.</summary>
public delegate Task<TResponse> UnaryHandler<TRequest, TResponse>(
    TRequest request, RpcContext context, CancellationToken cancellationToken);

/// <summary>Answers one request with many responses.</summary>
public delegate Task ServerStreamingHandler<TRequest, TResponse>(
    TRequest request, IRpcWriter<TResponse> responses, RpcContext context, CancellationToken cancellationToken);

/// <summary>Answers many requests with one response.</summary>
public delegate Task<TResponse> ClientStreamingHandler<TRequest, TResponse>(
    IRpcReader<TRequest> requests, RpcContext context, CancellationToken cancellationToken);

/// <summary>Answers many requests with many responses.</summary>
public delegate Task DuplexHandler<TRequest, TResponse>(
    IRpcReader<TRequest> requests,
    IRpcWriter<TResponse> responses,
    RpcContext context,
    CancellationToken cancellationToken);

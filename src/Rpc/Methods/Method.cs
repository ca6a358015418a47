namespace Colony.Rpc;

/// <summary>One method of a service and how its messages become bytes.</summary>
/// <typeparam name="TRequest">What the caller sends.</typeparam>
/// <typeparam name="TResponse">What the server sends.</typeparam>
/// <param name="Kind">Which sides send many messages.</param>
/// <param name="Service">Full name of the service, with its package: <c>colony.v1.Collective</c>.</param>
/// <param name="Name">Name of the method: <c>Exchange</c>.</param>
/// <param name="Requests">Bytes of requests.</param>
/// <param name="Responses">Bytes of responses.</param>
public sealed record Method<TRequest, TResponse>(
    MethodKind Kind,
    string Service,
    string Name,
    Marshaller<TRequest> Requests,
    Marshaller<TResponse> Responses)
{
    /// <summary>The path of the HTTP request: <c>/service/name</c>.</summary>
    public string Path { get; } = $"/{Service}/{Name}";
}

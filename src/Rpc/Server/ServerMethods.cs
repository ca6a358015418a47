namespace Colony.Rpc;

/// <summary>A method with its handler; one class for each kind of call.</summary>
internal interface IServerMethod
{
    /// <summary>
    /// Runs the handler and sends what it returns. Whatever it throws becomes a status in <see cref="CallRunner"/>.
    /// </summary>
    Task InvokeAsync(ServerCall call);
}

internal sealed class UnaryMethod<TRequest, TResponse>(
    Method<TRequest, TResponse> method, UnaryHandler<TRequest, TResponse> handler) : IServerMethod
{
    public async Task InvokeAsync(ServerCall call)
    {
        var token = call.Lifetime.Token;
        var requests = new ServerReader<TRequest>(call, method.Requests);
        var request = await requests.ReadOnlyAsync(token).ConfigureAwait(false);
        var response = await handler(request, call.Context, token).ConfigureAwait(false);
        await call.WriteAsync(method.Responses, response, token).ConfigureAwait(false);
    }
}

internal sealed class ServerStreamingMethod<TRequest, TResponse>(
    Method<TRequest, TResponse> method, ServerStreamingHandler<TRequest, TResponse> handler) : IServerMethod
{
    public async Task InvokeAsync(ServerCall call)
    {
        var token = call.Lifetime.Token;
        var requests = new ServerReader<TRequest>(call, method.Requests);
        var request = await requests.ReadOnlyAsync(token).ConfigureAwait(false);
        var responses = new ServerWriter<TResponse>(call, method.Responses);
        await handler(request, responses, call.Context, token).ConfigureAwait(false);
    }
}

internal sealed class ClientStreamingMethod<TRequest, TResponse>(
    Method<TRequest, TResponse> method, ClientStreamingHandler<TRequest, TResponse> handler) : IServerMethod
{
    public async Task InvokeAsync(ServerCall call)
    {
        var token = call.Lifetime.Token;
        var requests = new ServerReader<TRequest>(call, method.Requests);
        var response = await handler(requests, call.Context, token).ConfigureAwait(false);
        await call.WriteAsync(method.Responses, response, token).ConfigureAwait(false);
    }
}

internal sealed class DuplexMethod<TRequest, TResponse>(
    Method<TRequest, TResponse> method, DuplexHandler<TRequest, TResponse> handler) : IServerMethod
{
    public Task InvokeAsync(ServerCall call) => handler(
        new ServerReader<TRequest>(call, method.Requests),
        new ServerWriter<TResponse>(call, method.Responses),
        call.Context,
        call.Lifetime.Token);
}

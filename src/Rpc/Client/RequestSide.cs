namespace Colony.Rpc;

/// <summary>Writing requests to a call, with failures told as those of the call.</summary>
internal sealed class RequestSide<TRequest, TResponse>(ClientCall<TResponse> call, StreamedRequests<TRequest> requests)
{
    public async ValueTask WriteAsync(TRequest message, CancellationToken cancellationToken)
    {
        if (call.Status is { } status)
        {
            throw new RpcException(
                status.Code == StatusCode.OK ? StatusCode.Cancelled : status.Code,
                status.Code == StatusCode.OK ? "The server has ended the call." : status.Detail,
                call.Trailers);
        }

        using var linked = call.Link(cancellationToken, out var token);
        try
        {
            await requests.WriteAsync(message, token).ConfigureAwait(false);
        }
        catch (Exception cause)
            when (cause is not RpcException and (not InvalidOperationException or ObjectDisposedException))
        {
            throw call.WriteFailed(cause, cancellationToken);
        }
    }

    public ValueTask CompleteAsync(CancellationToken cancellationToken) => requests.CompleteAsync(cancellationToken);
}

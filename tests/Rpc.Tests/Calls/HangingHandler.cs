namespace Colony.Rpc.Tests;

/// <summary>A handler that hangs, and says when it was entered and when, and why, its token was cancelled.</summary>
internal sealed class HangingHandler
{
    private readonly TaskCompletionSource<RpcContext> _entered = new(
        TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _cancelled = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _let = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Task<RpcContext> Entered => _entered.Task.InTime();

    public Task Cancelled => _cancelled.Task.InTime();

    /// <summary>Lets a deaf handler go on.</summary>
    public void Let() => _let.TrySetResult();

    /// <summary>Hangs until it is cancelled.</summary>
    public async Task HangAsync(RpcContext context, CancellationToken cancellationToken)
    {
        _entered.TrySetResult(context);
        try
        {
            await _let.Task.WaitAsync(cancellationToken);
        }
        catch (OperationCanceledException)
        {
            _cancelled.TrySetResult();
            throw;
        }
    }

    /// <summary>Hangs whatever its token says.</summary>
    public async Task HangDeafAsync(RpcContext context, CancellationToken cancellationToken)
    {
        await using var told = cancellationToken.Register(() => _cancelled.TrySetResult());
        _entered.TrySetResult(context);
        await _let.Task.InTime();
    }

    public void AddTo(RpcServer server, bool deaf = false) => server
        .AddUnary(Echo.Unary, async (request, context, cancellationToken) =>
        {
            await (deaf ? HangDeafAsync(context, cancellationToken) : HangAsync(context, cancellationToken));
            return request;
        })
        .AddDuplex(Echo.Duplex, async (_, responses, context, cancellationToken) =>
        {
            await responses.WriteAsync(default, cancellationToken);
            await (deaf ? HangDeafAsync(context, cancellationToken) : HangAsync(context, cancellationToken));
        });
}

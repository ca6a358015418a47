using Colony.Rpc;

namespace Colony.Worker;

/// <summary>
/// Writes to one who may be slow, but not to one who takes nothing for too long: what is kept for it would be kept for
/// ever.
/// </summary>
internal sealed class PatientWriter<T>(IRpcWriter<T> inner, TimeProvider time, TimeSpan limit)
    : IRpcWriter<T>, IDisposable
{
    private readonly CancellationTokenSource _stalled = new(Timeout.InfiniteTimeSpan, time);

    /// <exception cref="RpcException">Nothing was taken for the whole limit.</exception>
    public async ValueTask WriteAsync(T message, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stalled.Token);
        _stalled.CancelAfter(limit);
        try
        {
            await inner.WriteAsync(message, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
            when (_stalled.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new RpcException(StatusCode.DeadlineExceeded, $"nothing was taken for {limit}");
        }

        _stalled.CancelAfter(Timeout.InfiniteTimeSpan);
    }

    public void Dispose() => _stalled.Dispose();
}

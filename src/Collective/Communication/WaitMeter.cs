namespace Colony.Collective;

/// <summary>Measures the waits of one direction of a ring and ends those that exceed the limit. One user at a
/// time.</summary>
internal sealed class WaitMeter : IDisposable
{
    private readonly TimeProvider time;
    private readonly TimeSpan limit;
    private readonly bool sending;
    private readonly CancellationTokenSource expired;
    private readonly CancellationTokenSource either;
    private readonly CancellationToken outer;
    private volatile Wait? current;

    public WaitMeter(TimeProvider time, TimeSpan limit, bool sending, CancellationToken outer)
    {
        this.time = time;
        this.limit = limit;
        this.sending = sending;
        this.outer = outer;
        expired = new CancellationTokenSource(limit, time);
        either = CancellationTokenSource.CreateLinkedTokenSource(outer, expired.Token);
    }

    /// <summary>Ends with the operation, or when a single wait exceeds the limit.</summary>
    public CancellationToken Token => either.Token;

    public TimeSpan Total { get; private set; }

    public WaitObserved? Current
    {
        get
        {
            var wait = current;
            return wait is null ? null : Observed(wait);
        }
    }

    /// <summary>Awaits something that depends on a peer; reports it when it was not there at once.</summary>
    public async ValueTask<T> AwaitAsync<T>(
        ValueTask<T> pending, int peer, ChunkHeader header, Action<WaitObserved> report)
    {
        if (pending.IsCompletedSuccessfully)
        {
            return pending.Result;
        }

        expired.CancelAfter(limit);
        var wait = new Wait(peer, header, time.GetTimestamp());
        current = wait;
        try
        {
            return await pending.ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (expired.IsCancellationRequested && !outer.IsCancellationRequested)
        {
            var complaint = sending ? "took nothing" : "sent nothing";
            throw new CollectiveException(
                CollectiveFailure.TimedOut, header.Phase, header.Step, peer, $"{complaint} for {limit}");
        }
        finally
        {
            current = null;
            var observed = Observed(wait);
            Total += observed.Elapsed;
            report(observed);
        }
    }

    public void Dispose()
    {
        either.Dispose();
        expired.Dispose();
    }

    private WaitObserved Observed(Wait wait) => new(
        wait.Peer, wait.Header.Phase, wait.Header.Step, time.GetElapsedTime(wait.Since), sending);

    private sealed record Wait(int Peer, ChunkHeader Header, long Since);
}

using System.Collections.Concurrent;

namespace Colony.Worker;

/// <summary>
/// The one thread that touches libtorch. Asynchronous work started here comes back here after every await, because
/// dispose scopes and the number of compute threads belong to a thread.
/// </summary>
internal sealed class ComputeThread : SynchronizationContext, IDisposable
{
    /// <summary>Continuations that wait; there is one piece of work at a time, so a handful.</summary>
    private const int MaxWaiting = 1024;

    private readonly BlockingCollection<(SendOrPostCallback Callback, object? State)> _queue = new(MaxWaiting);
    private readonly Thread _thread;

    public ComputeThread(string name)
    {
        _thread = new Thread(Loop) { IsBackground = true, Name = name };
        _thread.Start();
    }

    /// <summary>Runs work on this thread; its awaits resume here unless they say otherwise.</summary>
    public Task<T> RunAsync<T>(Func<Task<T>> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        Post(_ => Begin(work, done), null);
        return done.Task;
    }

    /// <inheritdoc/>
    public override void Post(SendOrPostCallback d, object? state) => _queue.Add((d, state));

    /// <inheritdoc/>
    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("nothing may wait for the compute thread");

    /// <inheritdoc/>
    public override SynchronizationContext CreateCopy() => this;

    public void Dispose()
    {
        _queue.CompleteAdding();
        _thread.Join();
        _queue.Dispose();
    }

    private static void Begin<T>(Func<Task<T>> work, TaskCompletionSource<T> done)
    {
        Task<T> task;
        try
        {
            task = work();
        }
        catch (Exception failure)
        {
            done.SetException(failure);
            return;
        }

        _ = task.ContinueWith(
            static (t, state) => ((TaskCompletionSource<T>)state!).SetFromTask(t),
            done,
            CancellationToken.None,
            TaskContinuationOptions.ExecuteSynchronously,
            TaskScheduler.Default);
    }

    private void Loop()
    {
        SetSynchronizationContext(this);
        foreach ((SendOrPostCallback callback, object? state) in _queue.GetConsumingEnumerable())
        {
            callback(state);
        }
    }
}

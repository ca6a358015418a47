using Colony.Data;
using Colony.Jobs;
using Colony.Orchestration;
using Colony.Storage;
using Proto = Colony.Protos.V1;

namespace Colony.Worker;

/// <summary>What the worker actor carries effects out with.</summary>
internal sealed record WorkerParts(
    Job Job,
    WorkerOptions Options,
    string Coordinator,
    string Address,
    string MetricsAddress,
    int Samples,
    Trainer Trainer,
    WorkerMetrics Metrics,
    Func<string, IObjectStore> Store,
    Action<string> Log,
    CancellationToken Stopping)
{
    /// <summary>Exit code and reason, once the worker is over.</summary>
    public TaskCompletionSource<(int Code, string Reason)> Exited { get; } =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Proto.WorkerHello Hello(OpenSession e)
    {
        var hello = new Proto.WorkerHello
        {
            Worker = Options.Worker,
            Address = Address,
            JobHash = Job.Hash(),
            AppliedStep = e.Held,
            HasState = e.HasState,
            Generation = e.Generation,
            DatasetSamples = (ulong)Samples,
            MetricsAddress = MetricsAddress,
        };
        if (e.Digest is { } digest)
        {
            hello.Digest = digest;
        }

        return hello;
    }

    /// <summary>One line for people.</summary>
    public string Explain(Exception failure) =>
        IsUsersFault(failure) || StorageException.MayPassIn(failure)
            ? failure.Message
            : $"{failure.GetType().Name}: {failure.Message}";

    /// <summary>Whether no restart can help: the job, the data or the store is not what it should be, and not merely
    /// away.</summary>
    public bool IsUsersFault(Exception failure) =>
        failure is DataException or StorageException or NotFiniteException or ArgumentException
        && !StorageException.MayPassIn(failure);
}

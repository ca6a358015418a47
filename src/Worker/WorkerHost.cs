using Colony.Actors;
using Colony.Collective;
using Colony.Data;
using Colony.Faults;
using Colony.Jobs;
using Colony.Model;
using Colony.Orchestration;
using Colony.Rpc;
using Colony.Telemetry;
using Colony.Torch;

namespace Colony.Worker;

/// <summary>A worker as a process: data, trainer, the actor, its gRPC services and metrics.</summary>
public static class WorkerHost
{
    /// <summary>Reports and events that may wait for the actor.</summary>
    private const int MailboxCapacity = 4096;

    /// <summary>Exit code when what was asked for cannot be.</summary>
    private const int ExitUsersFault = 2;

    private static readonly TimeSpan ShortestPingDelay = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan ShortestPingTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Two lost packets' worth.</summary>
    private static readonly TimeSpan ShortestConnectTimeout = TimeSpan.FromSeconds(4);

    /// <summary>Runs a worker to its end.</summary>
    /// <param name="options">Job and addresses.</param>
    /// <param name="log">Takes one line for people at a time.</param>
    /// <param name="time">The clock.</param>
    /// <param name="leave">Cancelled when the worker is asked to go (SIGTERM): it finishes its step and hands
    /// over.</param>
    /// <returns>Exit code and reason.</returns>
    /// <exception cref="DataException">The data set cannot be read.</exception>
    /// <exception cref="ListenException">An address cannot be listened on.</exception>
    public static async Task<(int Code, string Reason)> RunAsync(
        WorkerHostOptions options, Action<string> log, TimeProvider time, CancellationToken leave)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(log);
        FaultPoints? faults;
        try
        {
            faults = FaultPoints.OfWorker(
                options.Name, Environment.GetEnvironmentVariable(FaultPoints.Variable), new ProcessFaults(log));
        }
        catch (FaultSyntaxException unreadable)
        {
            return (ExitUsersFault, unreadable.Message);
        }

        (int Code, string Reason) exit = await TrainAsync(options, faults, log, time, leave).ConfigureAwait(false);

        // Everything is disposed by now: a number other than 0 is a leak, and the tests look for it.
        log(FormattableString.Invariant($"tensors alive at the end: {TensorCounters.Live}"));
        return exit;
    }

    private static async Task<(int Code, string Reason)> TrainAsync(
        WorkerHostOptions options, FaultPoints? faults, Action<string> log, TimeProvider time, CancellationToken leave)
    {
        ModelEntry model = ModelRegistry.Get(options.Job.Model.Name);
        var data = (DatasetOptions)options.Job.Data;
        using IDataset dataset = Datasets.Open(
            data with { ImageClsRow = model.ZeroRegion, BaseDirectory = options.BaseDirectory }, options.Split,
            log);
        var inputs = TrainingInputs.Of(dataset);
        using var shelf = new SnapshotShelf();
        var communication = new CommunicatorOptions { ChunkBytes = options.Job.Collective.ChunkBytes };
        await using var endpoint = new CollectiveEndpoint(communication, Links(options.Job.Workers), time);
        await using var trainer = new Trainer(
            options.Job, dataset, inputs, endpoint, shelf, time,
            () => InitialWeights.Begin(options.Job, options.BaseDirectory, inputs, dataset.Samples), faults);
        // First, so that it sees the zeros with which counters are made.
        using var exposition = new PrometheusExposition();
        using var metrics = new WorkerMetrics();
        metrics.Observe(endpoint.Traffic);
        var stalls = new Stalls(options.Job.Workers.StallMs, metrics, log);
        trainer.Waited += stalls.Waited;
        trainer.Stepped += stalls.Stepped;
        trainer.Stepped += _ => metrics.BetweenSteps();
        await using var server = new RpcServer(new RpcServerOptions
        {
            Host = options.Host,
            Port = options.Port,
            AllowInsecure = options.AllowInsecure,
        });
        server.AddHealth(new HealthService());
        endpoint.Register(server);
        new StateService(shelf, trainer, time, faults).Register(server);
        await server.StartAsync(CancellationToken.None).ConfigureAwait(false);
        using var build = new BuildInfo();
        using var process = new ProcessMetrics();
        await using HttpTextServer text = new HttpTextServer(options.Host, options.MetricsPort, options.AllowInsecure)
            .MapText("/metrics", _ => ValueTask.FromResult((PrometheusExposition.ContentType, exposition.Render())))
            .MapText("/healthz", _ => ValueTask.FromResult(("text/plain", "ok\n")));
        await text.StartAsync(CancellationToken.None).ConfigureAwait(false);

        using var stores = new OpenStores();
        using var stopping = new CancellationTokenSource();
        var parts = new WorkerParts(
            options.Job,
            new WorkerOptions(options.Name, options.Job.Checkpoint.EverySteps, options.Job.Evaluate.EverySteps),
            options.Coordinator,
            $"{options.AdvertisedHost ?? server.Address.Host}:{server.Port}",
            $"{options.AdvertisedHost ?? text.Address.Host}:{text.Address.Port}",
            dataset.Samples,
            trainer,
            metrics,
            stores.Open,
            log,
            stopping.Token);
        return await RunActorAsync(parts, time, stopping, leave).ConfigureAwait(false);
    }

    // Between members a silent link is asked for a sign of life as soon as a silent worker would be missed. The answer
    // may take longer: where the network is slow, the question waits behind a step's gradients.
    private static RpcChannelOptions Links(WorkersSection workers)
    {
        var patience = TimeSpan.FromMilliseconds(workers.LostMs);
        return new RpcChannelOptions
        {
            KeepAlivePingDelay = Longer(patience, ShortestPingDelay),
            KeepAlivePingTimeout = Longer(2 * patience, ShortestPingTimeout),
            ConnectTimeout = Longer(patience, ShortestConnectTimeout),
        };
    }

    private static TimeSpan Longer(TimeSpan one, TimeSpan other) => one > other ? one : other;

    private static async Task<(int Code, string Reason)> RunActorAsync(
        WorkerParts parts, TimeProvider time, CancellationTokenSource stopping, CancellationToken leave)
    {
        await using var system = new ActorSystem(
            new ThreadPoolScheduler(time), new ActorSystemOptions { Observer = new FailureObserver(parts) });
        ActorRef<WorkerMessage> actor = system.Spawn(new Props<WorkerMessage>("worker", () => new WorkerActor(parts))
        {
            MailboxCapacity = MailboxCapacity,
            Supervision = Supervision.Stop(),
        });
        actor.Tell(new WorkerHappened(new WorkerStarted()));
        await using CancellationTokenRegistration leaving = leave.Register(
            () => actor.Tell(new WorkerHappened(new LeaveAsked("asked to stop"))));
        (int Code, string Reason) exit = await parts.Exited.Task.ConfigureAwait(false);
        await stopping.CancelAsync().ConfigureAwait(false);
        return exit;
    }

    /// <summary>
    /// A control that failed cannot be trusted any more: the process ends and is restarted from outside.
    /// </summary>
    private sealed class FailureObserver(WorkerParts parts) : ActorObserver
    {
        public override void Failed(ActorFailure failure) =>
            parts.Exited.TrySetResult((1, $"the worker's control failed: {failure.Cause}"));
    }
}

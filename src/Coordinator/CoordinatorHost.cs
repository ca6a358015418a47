using Colony.Actors;
using Colony.Faults;
using Colony.Jobs;
using Colony.Orchestration;
using Colony.Rpc;
using Colony.Storage;
using Colony.Telemetry;

namespace Colony.Coordinator;

/// <summary>The coordinator as a server: the actor, its gRPC services, metrics and status page.</summary>
public sealed class CoordinatorHost : IAsyncDisposable
{
    /// <summary>
    /// Reports that may wait for the coordinator; with more it is overloaded and sessions are refused.
    /// </summary>
    private const int MailboxCapacity = 16_384;

    private readonly ActorSystem _system;
    private readonly RpcServer _server;
    private readonly HttpTextServer _text;
    private readonly CoordinatorMetrics _metrics;
    private readonly CheckpointKeeper _keeper;
    private readonly ActorRef<CoordinatorMessage> _actor;
    private readonly IReadOnlyList<IDisposable> _telemetry;
    private readonly FileJournal? _journal;

    private CoordinatorHost(
        ActorSystem system,
        RpcServer server,
        HttpTextServer text,
        CoordinatorParts parts,
        ActorRef<CoordinatorMessage> actor,
        IReadOnlyList<IDisposable> telemetry)
    {
        (_system, _server, _text, _metrics, _keeper) = (system, server, text, parts.Metrics, parts.Checkpoints);
        (_actor, _telemetry, _journal) = (actor, telemetry, parts.Journal);
        Ended = parts.Ended.Task;
    }

    /// <summary>host:port of the gRPC server.</summary>
    public string Address => _server.Address.Authority;

    /// <summary>Where /metrics, /healthz and the status page are.</summary>
    public Uri MetricsAddress => _text.Address;

    /// <summary>The run's result, once it is over.</summary>
    public Task<RunResult> Ended { get; }

    /// <summary>Where Prometheus finds the metrics of each worker that is here and of the evaluator, by name.</summary>
    public IReadOnlyDictionary<string, string> Targets => _metrics.Targets;

    /// <summary>Raised when <see cref="Targets"/> has changed; handlers must be quick.</summary>
    public event Action TargetsChanged
    {
        add => _metrics.TargetsChanged += value;
        remove => _metrics.TargetsChanged -= value;
    }

    /// <summary>Starts the actor and listens.</summary>
    /// <param name="options">The job and the addresses.</param>
    /// <param name="catalog">The run's checkpoints.</param>
    /// <param name="events">The run's history.</param>
    /// <param name="view">Who watches.</param>
    /// <param name="time">The clock.</param>
    /// <param name="cancellationToken">Abandons the start.</param>
    /// <exception cref="StorageException">The store cannot be read, or holds a checkpoint that may not be overwritten
    /// or resumed.</exception>
    /// <exception cref="JournalException">The journal is held by another process, damaged or of another
    /// job.</exception>
    /// <exception cref="ListenException">An address cannot be listened on.</exception>
    /// <exception cref="FaultSyntaxException">The environment asks for a fault that there is none of.</exception>
    public static async Task<CoordinatorHost> StartAsync(
        CoordinatorHostOptions options,
        CheckpointCatalog catalog,
        EventLog events,
        IRunView view,
        TimeProvider time,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(options);
        FaultPoints? faults = FaultPoints.OfCoordinator(
            Environment.GetEnvironmentVariable(FaultPoints.Variable), new ProcessFaults(Console.Error.WriteLine));
        FileJournal? journal = options.Journal is null
            ? null
            : FileJournal.Open(options.Journal, options.Job.Hash());
        CoordinatorEvent? taken;
        try
        {
            taken = await Beginning.OfAsync(options, catalog, journal, events, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            journal?.Dispose();
            throw;
        }

        // First, so that it sees the zeros with which counters are made.
        var exposition = new PrometheusExposition();
        var metrics = new CoordinatorMetrics(exposition);
        var parts = new CoordinatorParts(
            options.Job, time, events, metrics, new CheckpointKeeper(catalog, options.Job, time), view, options.Store,
            journal, faults);
        System.Diagnostics.Metrics.Meter meter = Meters.Create("Actors");
        var system = new ActorSystem(
            new ThreadPoolScheduler(time),
            new ActorSystemOptions { Meter = meter, Observer = new FailureObserver(events, parts.Ended) });
        ActorRef<CoordinatorMessage> actor = system.Spawn(new Props<CoordinatorMessage>(
            "coordinator",
            () => new CoordinatorActor(parts, CoordinatorState.Initial(Decisions(options))))
        {
            MailboxCapacity = MailboxCapacity,
            Supervision = Supervision.Stop(),
        });
        if (taken is not null)
        {
            actor.Tell(new Happened(taken));
        }

        var server = new RpcServer(new RpcServerOptions
        {
            Host = options.Host,
            Port = options.Port,
            AllowInsecure = options.AllowInsecure,
        });
        server.AddHealth(new HealthService());
        var service = new CoordinationService(actor);
        service.Register(server);
        HttpTextServer text = Pages(options, service, exposition);
        await server.StartAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            await text.StartAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ListenException)
        {
            await server.DisposeAsync().ConfigureAwait(false);
            throw;
        }

        return new CoordinatorHost(
            system, server, text, parts, actor, [exposition, meter, new BuildInfo(), new ProcessMetrics()]);
    }

    /// <summary>Asks the run to end early, with a checkpoint.</summary>
    public void Drain(string reason) => _actor.Tell(new Happened(new DrainAsked(reason)));

    /// <summary>Ends the run at once, as failed: the host's own reason.</summary>
    public void Fail(string reason) => _actor.Tell(new Happened(new HostFailed(reason)));

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync().ConfigureAwait(false);
        await _text.DisposeAsync().ConfigureAwait(false);
        await _system.DisposeAsync().ConfigureAwait(false);
        foreach (IDisposable part in _telemetry)
        {
            part.Dispose();
        }

        _metrics.Dispose();
        _keeper.Dispose();
        _journal?.Dispose();
    }

    private static HttpTextServer Pages(
        CoordinatorHostOptions options, CoordinationService service, PrometheusExposition exposition) =>
        new HttpTextServer(options.Host, options.MetricsPort, options.AllowInsecure)
            .MapText("/metrics", _ => ValueTask.FromResult((PrometheusExposition.ContentType, exposition.Render())))
            .MapText("/healthz", _ => ValueTask.FromResult(("text/plain", "ok\n")))
            .MapText("/", async ct =>
                ("text/plain; charset=utf-8", StatusPage.Text(await service.StatusAsync(ct).ConfigureAwait(false))));

    private static CoordinatorOptions Decisions(CoordinatorHostOptions options) => new()
    {
        LogicalRanks = options.Job.Batch.LogicalRanks,
        BatchSize = options.Job.Batch.Size,
        Epochs = options.Job.Train.Epochs,
        MaxSteps = options.Job.Train.MaxSteps,
        JobHash = options.Job.Hash(),
        ExpectedWorkers = options.Job.Workers.Count,
        MinimumWorkers = options.Job.Workers.Minimum,
        // Floats summed by two would depend on how many they are.
        MaximumWorkers = options.Job.Collective.Sum == GradientSum.Float32 ? 1 : options.Job.Workers.Maximum,
        JoinTimeout = TimeSpan.FromMilliseconds(options.Job.Workers.JoinTimeoutMs),
        GatherTime = TimeSpan.FromMilliseconds(options.Job.Workers.GatherMs),
        StallAfter = TimeSpan.FromMilliseconds(options.Job.Workers.StallMs),
        LostAfter = TimeSpan.FromMilliseconds(options.Job.Workers.LostMs),
        RejoinWait = TimeSpan.FromMilliseconds(options.Job.Workers.RejoinMs),
        CatchUpLag = options.Job.Workers.CatchUpLag,
        FlapLimit = options.Job.Workers.FlapLimit,
        FlapWindow = TimeSpan.FromMilliseconds(options.Job.Workers.FlapWindowMs),
        SlowFactor = options.Job.Workers.SlowFactor,
        MoveRanksFromSlow = options.Job.Workers.MoveRanksFromSlow,
        DigestEvery = options.Job.Train.DigestEvery,
        CheckpointEvery = options.Job.Checkpoint.EverySteps,
        EvaluateEvery = options.Job.Evaluate.EverySteps,
        ExpectEvaluator = options.ExpectEvaluator,
    };

    /// <summary>
    /// A coordinator that failed is the end of the run, and says so instead of leaving everybody waiting.
    /// </summary>
    private sealed class FailureObserver(EventLog events, TaskCompletionSource<RunResult> ended) : ActorObserver
    {
        public override void Failed(ActorFailure failure)
        {
            events.Write("actor_failed", ("actor", failure.Actor), ("cause", failure.Cause.ToString()));
            if (failure.Actor.EndsWith("/coordinator", StringComparison.Ordinal))
            {
                ended.TrySetException(failure.Cause);
            }
        }
    }
}

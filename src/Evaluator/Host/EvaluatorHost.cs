using Colony.Data;
using Colony.Jobs;
using Colony.Rpc;
using Colony.Storage;
using Colony.Telemetry;
using Google.Protobuf.Reflection;
using Proto = Colony.Protos.V1;

namespace Colony.Evaluator;

/// <summary>What an evaluator process needs to know.</summary>
public sealed record EvaluatorHostOptions
{
    /// <summary>The job.</summary>
    public required Job Job { get; init; }

    /// <summary>The folder that relative paths of the job are relative to.</summary>
    public required string BaseDirectory { get; init; }

    /// <summary>Its name.</summary>
    public string Name { get; init; } = "evaluator";

    /// <summary>host:port of the coordinator.</summary>
    public required string Coordinator { get; init; }

    /// <summary>Host to listen on.</summary>
    public string Host { get; init; } = "127.0.0.1";

    /// <summary>gRPC port of the retrieval service; 0 takes a free one.</summary>
    public int Port { get; init; }

    /// <summary>Port of /metrics and /healthz; 0 takes a free one.</summary>
    public int MetricsPort { get; init; }

    /// <summary>Permits an address that is not loopback although nothing encrypts it: a closed network.</summary>
    public bool AllowInsecure { get; init; }
}

/// <summary>
/// The evaluator as a process: hears of snapshots, fetches them from the worker that holds them, judges them, reports,
/// and answers searches over its newest index. Holds nobody up.
/// </summary>
public sealed class EvaluatorHost : IAsyncDisposable
{
    /// <summary>How often a lost coordinator is looked for before the evaluator gives up: for ten minutes, as workers
    /// do.</summary>
    private const int ConnectAttempts = 1200;

    /// <summary>Judgements of steps with a checkpoint that a coordinator which comes back is told of again: more than
    /// there are checkpoints on their way to the store.</summary>
    private const int JudgementsRepeated = 8;

    private static readonly TimeSpan ConnectBackoff = TimeSpan.FromMilliseconds(500);

    private static readonly Method<Proto.EvaluatorReport, Proto.EvaluatorCommand> Observe =
        RpcMethods.Find<Proto.EvaluatorReport, Proto.EvaluatorCommand>(
            Proto.CoordinationReflection.Descriptor.FindTypeByName<ServiceDescriptor>("Coordination"), "Observe");

    private readonly EvaluatorHostOptions _options;
    private readonly Action<string> _log;
    private readonly EvaluatorMetrics _metrics = new();
    private readonly RetrievalService _retrieval;
    private readonly List<IDataset> _data = [];
    private readonly Queue<Proto.Evaluation> _judged = new();
    private string _run = string.Empty;
    private readonly Alternating<TrainedModel> _model;
    private readonly Alternating<TrainedModel>? _final;
    private readonly RpcServer _server;

    private EvaluatorHost(EvaluatorHostOptions options, Action<string> log)
    {
        (_options, _log) = (options, log);
        _model = Models(options.Job.Evaluate.Split);
        _final = options.Job.Evaluate.FinalSplit is { } split && split != options.Job.Evaluate.Split
            ? Models(split)
            : null;
        _retrieval = new RetrievalService();
        _server = new RpcServer(new RpcServerOptions
        {
            Host = options.Host,
            Port = options.Port,
            AllowInsecure = options.AllowInsecure,
        });
    }

    /// <summary>Runs an evaluator until the coordinator says goodbye.</summary>
    /// <returns>The exit code: 0 after a goodbye, 3 when the coordinator cannot be reached any more.</returns>
    public static async Task<int> RunAsync(
        EvaluatorHostOptions options, Action<string> log, TimeProvider time, CancellationToken stop)
    {
        ArgumentNullException.ThrowIfNull(options);
        // First, so that it sees the zeros with which counters are made.
        using var exposition = new PrometheusExposition();
        await using var host = new EvaluatorHost(options, log);
        host._server.AddHealth(new HealthService());
        host._retrieval.Register(host._server);
        await host._server.StartAsync(stop).ConfigureAwait(false);
        using var build = new BuildInfo();
        using var process = new ProcessMetrics();
        await using HttpTextServer text = new HttpTextServer(options.Host, options.MetricsPort, options.AllowInsecure)
            .MapText("/metrics", _ => ValueTask.FromResult((PrometheusExposition.ContentType, exposition.Render())))
            .MapText("/healthz", _ => ValueTask.FromResult(("text/plain", "ok\n")));
        await text.StartAsync(stop).ConfigureAwait(false);
        for (int attempt = 0; attempt < ConnectAttempts && !stop.IsCancellationRequested; attempt++)
        {
            (bool goodbye, bool heard) = await host.SessionAsync(text.Address.Authority, stop).ConfigureAwait(false);
            if (goodbye)
            {
                return 0;
            }

            attempt = heard ? 0 : attempt;
            await Task.Delay(ConnectBackoff, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        return stop.IsCancellationRequested ? 0 : 3;
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        await _server.DisposeAsync().ConfigureAwait(false);
        _retrieval.Dispose();
        _final?.Dispose();
        _model.Dispose();
        _data.ForEach(d => d.Dispose());
        _metrics.Dispose();
    }

    // A search never sees weights that are being loaded, nor an index beside other weights than its own.
    private Alternating<TrainedModel> Models(string split)
    {
        IDataset data = TrainedModel.OpenData(_options.Job, _options.BaseDirectory, split, _log);
        _data.Add(data);
        return new(() => new TrainedModel(_options.Job, data, split));
    }

    private async Task<(bool Goodbye, bool Heard)> SessionAsync(string metricsAddress, CancellationToken stop)
    {
        bool heard = false;
        try
        {
            await using var channel = new RpcChannel(_options.Coordinator);
            await using DuplexCall<Proto.EvaluatorReport, Proto.EvaluatorCommand> call =
                channel.Duplex(Observe, CallOptions.Default, stop);
            await call.WriteAsync(
                new Proto.EvaluatorReport
                {
                    Hello = new Proto.EvaluatorHello
                    {
                        Evaluator = _options.Name,
                        Address = _server.Address.Authority,
                        JobHash = _options.Job.Hash(),
                        MetricsAddress = metricsAddress,
                    },
                },
                stop).ConfigureAwait(false);
            while (await call.MoveNextAsync(stop).ConfigureAwait(false))
            {
                heard = true;
                switch (call.Current.CommandCase)
                {
                    case Proto.EvaluatorCommand.CommandOneofCase.Welcome:
                        await RepeatAsync(call.Current.Welcome, call, stop).ConfigureAwait(false);
                        break;
                    case Proto.EvaluatorCommand.CommandOneofCase.Snapshot:
                        await JudgeAsync(call.Current.Snapshot, call, stop).ConfigureAwait(false);
                        break;
                    case Proto.EvaluatorCommand.CommandOneofCase.Goodbye:
                        await call.CompleteAsync(stop).ConfigureAwait(false);
                        return (true, true);
                    default:
                        break;
                }
            }
        }
        catch (RpcException lost)
        {
            _log($"without a coordinator: {lost.Detail}");
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return (true, heard);
        }

        return (false, heard);
    }

    // The last snapshot is judged on both splits: the one decides like every time, the other is the run's result.
    private async Task JudgeAsync(
        Proto.SnapshotAvailable snapshot,
        DuplexCall<Proto.EvaluatorReport, Proto.EvaluatorCommand> call,
        CancellationToken stop)
    {
        Alternating<TrainedModel>[] models = snapshot.Final && _final is not null ? [_model, _final] : [_model];
        for (int i = 0; i < models.Length; i++)
        {
            Proto.EvaluatorReport report = await JudgeAsync(snapshot, models[i], stop).ConfigureAwait(false);
            if (report.Evaluation is { } evaluation)
            {
                evaluation.More = i < models.Length - 1;
                Remember(evaluation, snapshot.Final);
            }

            await call.WriteAsync(report, stop).ConfigureAwait(false);
            if (report.Failed is not null)
            {
                return;
            }
        }
    }

    // Only what has a checkpoint can become the best.
    private void Remember(Proto.Evaluation evaluation, bool final)
    {
        int every = _options.Job.Checkpoint.EverySteps;
        if (!final && (every == 0 || evaluation.Step % every != 0))
        {
            return;
        }

        if (_judged.Count == JudgementsRepeated)
        {
            _judged.Dequeue();
        }

        Proto.Evaluation again = evaluation.Clone();
        again.Repeated = true;
        _judged.Enqueue(again);
    }

    private async Task RepeatAsync(
        Proto.EvaluatorWelcome welcome,
        DuplexCall<Proto.EvaluatorReport, Proto.EvaluatorCommand> call,
        CancellationToken stop)
    {
        if (_run != welcome.Store)
        {
            _judged.Clear();
            _run = welcome.Store;
        }

        foreach (Proto.Evaluation evaluation in _judged)
        {
            await call.WriteAsync(new Proto.EvaluatorReport { Evaluation = evaluation }, stop).ConfigureAwait(false);
        }
    }

    private async Task<Proto.EvaluatorReport> JudgeAsync(
        Proto.SnapshotAvailable snapshot, Alternating<TrainedModel> models, CancellationToken stop)
    {
        try
        {
            EvaluateSection evaluate = _options.Job.Evaluate;
            TrainedModel model = models.Next;
            await model.FetchAsync(snapshot.Address, snapshot.Step, stop).ConfigureAwait(false);
            Judged judged = await Task.Run(
                () => Judgement.Of(
                    model, evaluate.Index, evaluate.ProtocolOf(model.Split), _options.Job.Train.Threads, stop), stop)
                .ConfigureAwait(false);
            _metrics.Judged(judged);
            _retrieval.Publish(model, judged);
            models.Show();
            return new Proto.EvaluatorReport
            {
                Evaluation = Judgement.ToProto(judged, model.Dataset.Images, model.Dataset.Samples),
            };
        }
        catch (Exception failure)
            when (failure is not OperationCanceledException && !StorageException.MayPassIn(failure))
        {
            _metrics.Failed();
            _log($"step {snapshot.Step} cannot be judged: {failure.Message}");
            return new Proto.EvaluatorReport { Failed = new Proto.EvaluatorFailed { Reason = failure.Message } };
        }
    }
}

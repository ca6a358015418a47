using Colony.Actors;
using Colony.Rpc;
using Proto = Colony.Protos.V1;

namespace Colony.Coordinator;

/// <summary>The gRPC face of the coordinator: streams become sessions, reports become messages.</summary>
internal sealed class CoordinationService(ActorRef<CoordinatorMessage> coordinator)
{
    /// <summary>How long a peer may take to say hello.</summary>
    private static readonly TimeSpan HelloPatience = TimeSpan.FromSeconds(10);

    /// <summary>How long an answer of the coordinator may take.</summary>
    private static readonly TimeSpan AnswerPatience = TimeSpan.FromSeconds(10);

    public void Register(RpcServer server)
    {
        Google.Protobuf.Reflection.ServiceDescriptor service = Services.Coordination;
        server.AddDuplex(RpcMethods.Find<Proto.WorkerReport, Proto.WorkerCommand>(service, "Join"), JoinAsync);
        server.AddDuplex(
            RpcMethods.Find<Proto.EvaluatorReport, Proto.EvaluatorCommand>(service, "Observe"), ObserveAsync);
        server.AddUnary(RpcMethods.Find<Proto.StatusRequest, Proto.RunStatus>(service, "Status"), StatusAsync);
        server.AddUnary(RpcMethods.Find<Proto.DrainRequest, Proto.DrainReply>(service, "Drain"), DrainAsync);
    }

    public Task<Proto.RunStatus> StatusAsync(CancellationToken cancellationToken) =>
        coordinator.AskAsync<Proto.RunStatus>(reply => new StatusAsked(reply), AnswerPatience, cancellationToken);

    private async Task JoinAsync(
        IRpcReader<Proto.WorkerReport> reports,
        IRpcWriter<Proto.WorkerCommand> commands,
        RpcContext context,
        CancellationToken cancellationToken)
    {
        Proto.WorkerReport first = await FirstAsync(reports, cancellationToken).ConfigureAwait(false);
        if (first.ReportCase != Proto.WorkerReport.ReportOneofCase.Hello)
        {
            throw new RpcException(StatusCode.InvalidArgument, "a worker's first report must be its hello");
        }

        var outbox = new Outbox<Proto.WorkerCommand>();
        var opened = new TaskCompletionSource<ActorRef<Proto.WorkerCommand>>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        Tell(new WorkerOpened(first.Hello, outbox, opened));
        ActorRef<Proto.WorkerCommand> session = await opened.Task
            .WaitAsync(AnswerPatience, cancellationToken).ConfigureAwait(false);
        string worker = first.Hello.Worker;
        await TalkAsync(
            reports, commands, outbox, session, r => Tell(new WorkerSaid(session, worker, r)), cancellationToken)
            .ConfigureAwait(false);
    }

    private async Task ObserveAsync(
        IRpcReader<Proto.EvaluatorReport> reports,
        IRpcWriter<Proto.EvaluatorCommand> commands,
        RpcContext context,
        CancellationToken cancellationToken)
    {
        Proto.EvaluatorReport first = await FirstAsync(reports, cancellationToken).ConfigureAwait(false);
        if (first.ReportCase != Proto.EvaluatorReport.ReportOneofCase.Hello)
        {
            throw new RpcException(StatusCode.InvalidArgument, "an evaluator's first report must be its hello");
        }

        var outbox = new Outbox<Proto.EvaluatorCommand>();
        var opened = new TaskCompletionSource<ActorRef<Proto.EvaluatorCommand>>(
            TaskCreationOptions.RunContinuationsAsynchronously);
        Tell(new EvaluatorOpened(first.Hello, outbox, opened));
        ActorRef<Proto.EvaluatorCommand> session = await opened.Task
            .WaitAsync(AnswerPatience, cancellationToken).ConfigureAwait(false);
        await TalkAsync(
            reports, commands, outbox, session, r => Tell(new EvaluatorSaid(session, r)), cancellationToken)
            .ConfigureAwait(false);
    }

    // The session ends with the stream and the stream with the session, whichever is first.
    private static async Task TalkAsync<TReport, TCommand>(
        IRpcReader<TReport> reports,
        IRpcWriter<TCommand> commands,
        Outbox<TCommand> outbox,
        ActorRef<TCommand> session,
        Action<TReport> tell,
        CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        Task sending = SendAsync(outbox, commands, over);
        string reason = "it closed its stream";
        try
        {
            while (await reports.MoveNextAsync(over.Token).ConfigureAwait(false))
            {
                tell(reports.Current);
            }
        }
        catch (RpcException lost)
        {
            reason = lost.Detail;
        }
        catch (OperationCanceledException) when (over.IsCancellationRequested)
        {
            reason = "its connection closed";
        }
        finally
        {
            session.Stop(reason);
            await sending.ConfigureAwait(false);
        }
    }

    private static async Task SendAsync<TCommand>(
        Outbox<TCommand> outbox, IRpcWriter<TCommand> commands, CancellationTokenSource over)
    {
        try
        {
            await foreach (TCommand command in outbox.TakeAllAsync(over.Token).ConfigureAwait(false))
            {
                await commands.WriteAsync(command, over.Token).ConfigureAwait(false);
            }
        }
        catch (Exception lost) when (lost is RpcException or OperationCanceledException)
        {
            // The reader of the stream learns the same and tells the session.
            return;
        }
        finally
        {
            await over.CancelAsync().ConfigureAwait(false);
        }
    }

    private static async Task<TReport> FirstAsync<TReport>(
        IRpcReader<TReport> reports, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(HelloPatience);
        return await reports.MoveNextAsync(patience.Token).ConfigureAwait(false)
            ? reports.Current
            : throw new RpcException(StatusCode.InvalidArgument, "the stream ended before a hello");
    }

    private Task<Proto.RunStatus> StatusAsync(
        Proto.StatusRequest request, RpcContext context, CancellationToken cancellationToken) =>
        StatusAsync(cancellationToken);

    private Task<Proto.DrainReply> DrainAsync(
        Proto.DrainRequest request, RpcContext context, CancellationToken cancellationToken)
    {
        string reason = request.Reason.Length > 0 ? request.Reason : "asked to drain";
        Tell(new Happened(new Orchestration.DrainAsked(reason)));
        return Task.FromResult(new Proto.DrainReply());
    }

    private void Tell(CoordinatorMessage message)
    {
        TellResult told = coordinator.Tell(message);
        if (told != TellResult.Accepted)
        {
            throw new RpcException(
                StatusCode.Unavailable, told == TellResult.Full ? "the coordinator is overloaded" : "the run is over");
        }
    }
}

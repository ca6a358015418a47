using System.Threading.Channels;
using Colony.Orchestration;
using Colony.Rpc;
using Google.Protobuf.Reflection;
using Proto = Colony.Protos.V1;

namespace Colony.Worker;

/// <summary>
/// One stream to the coordinator: reports go out in order, commands come in as events, heartbeats keep it alive. Ends
/// once, with a reason.
/// </summary>
internal sealed class CoordinatorSession(string coordinator, TimeProvider time, Func<Proto.Heartbeat> heartbeat)
{
    /// <summary>Reports that may wait for the network; a session that is further behind is given up.</summary>
    private const int OutboxCapacity = 8192;

    /// <summary>How long the last reports may take to leave when the session is closed in good order.</summary>
    private static readonly TimeSpan FlushPatience = TimeSpan.FromSeconds(5);

    private static readonly Method<Proto.WorkerReport, Proto.WorkerCommand> Join =
        RpcMethods.Find<Proto.WorkerReport, Proto.WorkerCommand>(
            Proto.CoordinationReflection.Descriptor.FindTypeByName<ServiceDescriptor>("Coordination"), "Join");

    private readonly Channel<Proto.WorkerReport> _outbox = Channel.CreateBounded<Proto.WorkerReport>(OutboxCapacity);

    /// <summary>Where checkpoints go; told by the welcome.</summary>
    public string Store { get; private set; } = string.Empty;

    /// <summary>Queues a report; false when the session is over or too far behind.</summary>
    public bool Post(Proto.WorkerReport report) => _outbox.Writer.TryWrite(report);

    /// <summary>Lets what is queued go out and ends the stream.</summary>
    public void Close() => _outbox.Writer.TryComplete();

    /// <summary>Runs until the stream ends; answers why it did.</summary>
    public async Task<string> RunAsync(
        Proto.WorkerHello hello, Action<WorkerEvent> told, CancellationToken cancellationToken)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await using var channel = new RpcChannel(coordinator);
            await using DuplexCall<Proto.WorkerReport, Proto.WorkerCommand> call =
                channel.Duplex(Join, CallOptions.Default, over.Token);
            await call.WriteAsync(new Proto.WorkerReport { Hello = hello }, over.Token).ConfigureAwait(false);
            Task sending = SendAsync(call, over.Token);
            Task beating = Task.CompletedTask;
            try
            {
                while (await call.MoveNextAsync(over.Token).ConfigureAwait(false))
                {
                    if (call.Current.CommandCase == Proto.WorkerCommand.CommandOneofCase.Welcome)
                    {
                        Store = call.Current.Welcome.Store;
                        beating = BeatAsync(call.Current.Welcome.HeartbeatMilliseconds, over.Token);
                    }

                    if (ToEvent(call.Current) is { } happened)
                    {
                        told(happened);
                    }
                }
            }
            finally
            {
                _outbox.Writer.TryComplete();
                over.CancelAfter(FlushPatience);
                await Task.WhenAny(sending, Task.Delay(FlushPatience, time, CancellationToken.None))
                    .ConfigureAwait(false);
                await over.CancelAsync().ConfigureAwait(false);
                await Quietly(sending).ConfigureAwait(false);
                await Quietly(beating).ConfigureAwait(false);
            }

            return "the coordinator closed the stream";
        }
        catch (RpcException lost)
        {
            return lost.Detail;
        }
        catch (OperationCanceledException)
        {
            return "the stream was closed";
        }
        finally
        {
            _outbox.Writer.TryComplete();
        }
    }

    private async Task SendAsync(
        DuplexCall<Proto.WorkerReport, Proto.WorkerCommand> call, CancellationToken cancellationToken)
    {
        await foreach (Proto.WorkerReport report in
            _outbox.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false))
        {
            await call.WriteAsync(report, cancellationToken).ConfigureAwait(false);
        }

        await call.CompleteAsync(cancellationToken).ConfigureAwait(false);
    }

    private async Task BeatAsync(long milliseconds, CancellationToken cancellationToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(Math.Max(1, milliseconds)), time);
        while (await timer.WaitForNextTickAsync(cancellationToken).ConfigureAwait(false))
        {
            _outbox.Writer.TryWrite(new Proto.WorkerReport { Heartbeat = heartbeat() });
        }
    }

    // The reader of the stream has said why it ended; the other two only stop.
    private static async Task Quietly(Task task)
    {
        try
        {
            await task.ConfigureAwait(false);
        }
        catch (Exception ended) when (ended is RpcException or OperationCanceledException)
        {
            return;
        }
    }

    private static WorkerEvent? ToEvent(Proto.WorkerCommand command) => command.CommandCase switch
    {
        Proto.WorkerCommand.CommandOneofCase.Welcome =>
            new Welcomed(command.Welcome.CheckpointStep, command.Welcome.CommittedStep),
        Proto.WorkerCommand.CommandOneofCase.Prepare =>
            new PrepareTold(command.Prepare.Generation, command.Prepare.StopAfter, command.Prepare.Reason),
        Proto.WorkerCommand.CommandOneofCase.CatchUp =>
            new CatchUpTold(command.CatchUp.Donor, command.CatchUp.Address),
        Proto.WorkerCommand.CommandOneofCase.Load => new LoadTold(command.Load.Step, command.Load.Reason),
        Proto.WorkerCommand.CommandOneofCase.Start => new StartTold(
            command.Start.Generation,
            [.. command.Start.Members.Select(ToMember)],
            command.Start.BaseStep,
            command.Start.Donor is null ? null : ToMember(command.Start.Donor),
            command.Start.FinalStep),
        Proto.WorkerCommand.CommandOneofCase.Goodbye =>
            new GoodbyeTold(command.Goodbye.Reason, command.Goodbye.ExitCode),
        _ => null,
    };

    private static Member ToMember(Proto.Member m) => new(m.Worker, m.Address, [.. m.Ranks.Select(r => (int)r)]);
}

using Colony.Collective;
using Colony.Faults;
using Colony.Rpc;
using Proto = Colony.Protos.V1;
using ChunkWriter = Colony.Worker.PatientWriter<Colony.Rpc.PayloadMessage<Colony.Protos.V1.TensorChunk>>;

namespace Colony.Worker;

/// <summary>
/// Serves snapshots to the evaluator, and whatever a worker needs to come to a step to those who join, straight from
/// libtorch's memory, while this worker trains on.
/// </summary>
internal sealed class StateService(
    SnapshotShelf shelf, Trainer trainer, TimeProvider time, FaultPoints? faults = null)
{
    /// <summary>Copies of the whole state that are being sent at a time; further askers are sent elsewhere.</summary>
    public const int MaxCopies = 2;

    /// <summary>How long one who follows may take nothing before it is let go, and with it what is kept for
    /// it.</summary>
    public static readonly TimeSpan StallLimit = TimeSpan.FromSeconds(20);

    private int _copies;

    public void Register(RpcServer server) => server.AddServerStreaming(
        StateTransfer.Fetch, (request, responses, _, ct) => ServeAsync(request, responses, ct));

    /// <summary>Answers one request.</summary>
    internal async Task ServeAsync(
        Proto.FetchRequest request,
        IRpcWriter<PayloadMessage<Proto.TensorChunk>> responses,
        CancellationToken cancellationToken)
    {
        using var writer = new ChunkWriter(responses, time, StallLimit);
        switch (request.Kind)
        {
            case Proto.StateKind.Snapshot:
                await SendSnapshotAsync(request.Step, writer, cancellationToken).ConfigureAwait(false);
                break;
            case Proto.StateKind.Follow:
                await LeadAsync(request.Step, request.HasTarget ? request.Target : null, writer, cancellationToken)
                    .ConfigureAwait(false);
                break;
            default:
                throw new RpcException(StatusCode.InvalidArgument, $"{request.Kind} cannot be asked for");
        }
    }

    private async Task SendSnapshotAsync(long step, ChunkWriter writer, CancellationToken cancellationToken)
    {
        using SnapshotShelf.Lease lease = shelf.Take(step)
            ?? throw new RpcException(StatusCode.NotFound, $"the snapshot of step {step} is no longer kept");
        await StateTransfer.SendAsync(
            new StatePart(Proto.StateKind.Snapshot, step), lease.Copy.Transfers, writer, cancellationToken)
            .ConfigureAwait(false);
    }

    // Following begins first, so that no update can be lost between the look at what is kept and its sending.
    private async Task LeadAsync(long held, long? target, ChunkWriter writer, CancellationToken cancellationToken)
    {
        UpdateShelf updates = trainer.Updates;
        using IDisposable following = updates.Follow();
        long newest = updates.Step;
        if (newest < 0 || target > newest)
        {
            throw new RpcException(
                StatusCode.FailedPrecondition,
                newest < 0 ? "this worker has no state yet" : $"this worker holds step {newest}, not yet {target}");
        }

        if (target is null ? held >= newest : held == target)
        {
            ulong? digest = await trainer.DigestAsync(held).WaitAsync(cancellationToken).ConfigureAwait(false);
            await StateTransfer.SendAsync(
                new StatePart(Proto.StateKind.Held, held, digest), [], writer, cancellationToken).ConfigureAwait(false);
            return;
        }

        if (!updates.Bridges(held, target ?? newest))
        {
            held = await SendStateAsync(target, writer, cancellationToken).ConfigureAwait(false);
        }

        while (held < (target ?? updates.Step))
        {
            using UpdateShelf.Reading reading = updates.Take(++held) ?? throw Gone(held);
            StepUpdate update = reading.Update;
            faults?.Reach(WorkerPlaces.StateTransfer, held);
            await StateTransfer.SendAsync(
                new StatePart(Proto.StateKind.Update, held, update.Digest, update.Skipped),
                update.Transfers(update.Skipped), writer, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<long> SendStateAsync(long? target, ChunkWriter writer, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _copies) > MaxCopies)
        {
            Interlocked.Decrement(ref _copies);
            throw new RpcException(
                StatusCode.ResourceExhausted, $"this worker is sending its state to {MaxCopies} others already");
        }

        try
        {
            using StateCopy copy = await trainer.CopyAsync().ConfigureAwait(false);
            if (copy.Step > target)
            {
                throw new RpcException(
                    StatusCode.OutOfRange,
                    $"this worker has gone on to step {copy.Step}; the updates to step {target} are not kept");
            }

            faults?.Reach(WorkerPlaces.StateTransfer, copy.Step);
            await StateTransfer.SendAsync(
                new StatePart(Proto.StateKind.Full, copy.Step, copy.Digest()), copy.Transfers, writer,
                cancellationToken).ConfigureAwait(false);
            return copy.Step;
        }
        finally
        {
            Interlocked.Decrement(ref _copies);
        }
    }

    private static RpcException Gone(long step) => new(
        StatusCode.OutOfRange, $"the update to step {step} is no longer kept; start again with a copy");
}

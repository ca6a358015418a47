using Colony.Collective;
using Colony.Rpc;
using Proto = Colony.Protos.V1;

namespace Colony.Worker;

/// <summary>
/// Serves state to those who join and snapshots to the evaluator, straight from libtorch's memory. A donor holds
/// still at
/// the generation's base step until the joiner is in, because no step can end without it.
/// </summary>
internal sealed class StateService(SnapshotShelf shelf, Func<ulong, long, Task<StateCopy?>> full)
{
    public void Register(RpcServer server) => server.AddServerStreaming(StateTransfer.Fetch, FetchAsync);

    private async Task FetchAsync(
        Proto.FetchRequest request,
        IRpcWriter<PayloadMessage<Proto.TensorChunk>> responses,
        RpcContext context,
        CancellationToken cancellationToken)
    {
        if (request.Kind == Proto.StateKind.Snapshot)
        {
            using SnapshotShelf.Lease lease = shelf.Take(request.Step)
                ?? throw new RpcException(
                    StatusCode.NotFound, $"the snapshot of step {request.Step} is no longer kept");
            await StateTransfer.SendAsync(request.Step, lease.Copy.Transfers, responses, cancellationToken)
                .ConfigureAwait(false);
            return;
        }

        using StateCopy copy = await full(request.Generation, request.Step).WaitAsync(cancellationToken)
            .ConfigureAwait(false)
            ?? throw new RpcException(
                StatusCode.FailedPrecondition,
                $"this worker does not hold step {request.Step} in generation {request.Generation}");
        await StateTransfer.SendAsync(request.Step, copy.Transfers, responses, cancellationToken).ConfigureAwait(false);
    }
}

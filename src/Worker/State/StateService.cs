using Colony.Rpc;
using Colony.Storage;
using Google.Protobuf.Reflection;
using Proto = Colony.Protos.V1;

namespace Colony.Worker;

/// <summary>
/// Serves state to those who join and snapshots to the evaluator, straight from libtorch's memory. A donor holds still at
/// the generation's base step until the joiner is in, because no step can end without it.
/// </summary>
internal sealed class StateService(SnapshotShelf shelf, Func<ulong, long, Task<StateCopy?>> full)
{
    /// <summary>Bytes of a tensor that travel in one message; below the receiver's limit.</summary>
    public const int ChunkBytes = 1 << 20;

    private const int PayloadField = 15;

    public static Method<Proto.FetchRequest, PayloadMessage<Proto.TensorChunk>> Fetch { get; } =
        RpcMethods.Find(
            Proto.StateReflection.Descriptor.FindTypeByName<ServiceDescriptor>("StateTransfer"),
            "Fetch",
            Marshallers.For<Proto.FetchRequest>(),
            Marshallers.WithPayload<Proto.TensorChunk>(PayloadField));

    public void Register(RpcServer server) => server.AddServerStreaming(Fetch, FetchAsync);

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
            await SendAsync(lease.Copy, responses, cancellationToken).ConfigureAwait(false);
            return;
        }

        using StateCopy copy = await full(request.Generation, request.Step).WaitAsync(cancellationToken)
            .ConfigureAwait(false)
            ?? throw new RpcException(
                StatusCode.FailedPrecondition,
                $"this worker does not hold step {request.Step} in generation {request.Generation}");
        await SendAsync(copy, responses, cancellationToken).ConfigureAwait(false);
    }

    private static async Task SendAsync(
        StateCopy copy, IRpcWriter<PayloadMessage<Proto.TensorChunk>> responses, CancellationToken cancellationToken)
    {
        foreach (TensorData tensor in copy.Entries)
        {
            int offset = 0;
            do
            {
                int length = Math.Min(ChunkBytes, tensor.Bytes.Length - offset);
                var header = new Proto.TensorChunk
                {
                    Name = tensor.Name,
                    Dtype = tensor.Type.Name(),
                    Offset = (ulong)offset,
                    Total = (ulong)tensor.Bytes.Length,
                    Step = copy.Step,
                };
                header.Shape.AddRange(tensor.Shape);
                await responses.WriteAsync(
                    new PayloadMessage<Proto.TensorChunk>(header, tensor.Bytes.Slice(offset, length)), cancellationToken)
                    .ConfigureAwait(false);
                offset += length;
            }
            while (offset < tensor.Bytes.Length);
        }
    }
}

using System.Buffers;
using Colony.Protos.V1;
using Colony.Rpc;
using Google.Protobuf.Reflection;

namespace Colony.Collective;

/// <summary>A tensor as it travels: its name, element type by safetensors' name, shape and bytes.</summary>
/// <param name="Name">Its name in the state.</param>
/// <param name="Dtype">F32, I64, ...</param>
/// <param name="Shape">Sizes, slowest first.</param>
/// <param name="Bytes">Little-endian elements; sent from here, or received into here.</param>
public sealed record TransferTensor(string Name, string Dtype, IReadOnlyList<long> Shape, Memory<byte> Bytes);

/// <summary>
/// Carries named tensors from a worker to a joiner or the evaluator, from libtorch's memory to libtorch's memory: the
/// receiver says where each tensor belongs, so nothing is allocated on the sender's word.
/// </summary>
public static class StateTransfer
{
    /// <summary>Bytes of a tensor in one message; below every receiver's limit.</summary>
    public const int ChunkBytes = 1 << 20;

    private const int PayloadField = 15;

    /// <summary>The method of <c>colony.v1.StateTransfer</c>.</summary>
    public static Method<FetchRequest, PayloadMessage<TensorChunk>> Fetch { get; } = RpcMethods.Find(
        StateReflection.Descriptor.FindTypeByName<ServiceDescriptor>("StateTransfer"),
        "Fetch",
        Marshallers.For<FetchRequest>(),
        Marshallers.WithPayload<TensorChunk>(PayloadField));

    /// <summary>Sends tensors in order, each in chunks.</summary>
    /// <param name="step">The step whose state it is.</param>
    /// <param name="tensors">What to send; their memory must not change meanwhile.</param>
    /// <param name="responses">The stream.</param>
    /// <param name="cancellationToken">Abandons the transfer.</param>
    public static async Task SendAsync(
        long step,
        IEnumerable<TransferTensor> tensors,
        IRpcWriter<PayloadMessage<TensorChunk>> responses,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(responses);
        foreach (TransferTensor tensor in tensors)
        {
            int offset = 0;
            do
            {
                int length = Math.Min(ChunkBytes, tensor.Bytes.Length - offset);
                var header = new TensorChunk
                {
                    Name = tensor.Name,
                    Dtype = tensor.Dtype,
                    Offset = (ulong)offset,
                    Total = (ulong)tensor.Bytes.Length,
                    Step = step,
                };
                header.Shape.AddRange(tensor.Shape);
                await responses.WriteAsync(
                    new PayloadMessage<TensorChunk>(header, tensor.Bytes.Slice(offset, length)), cancellationToken)
                    .ConfigureAwait(false);
                offset += length;
            }
            while (offset < tensor.Bytes.Length);
        }
    }

    /// <summary>Fills the given tensors with a worker's.</summary>
    /// <param name="address">host:port of the worker.</param>
    /// <param name="request">Which state.</param>
    /// <param name="into">Every tensor that is wanted, with its memory; all of them must come.</param>
    /// <param name="cancellationToken">Abandons the transfer; the memory is then undefined.</param>
    /// <exception cref="RpcException">The worker is gone, does not hold the step, or sent something else.</exception>
    public static async Task FetchAsync(
        string address, FetchRequest request, IEnumerable<TransferTensor> into, CancellationToken cancellationToken)
    {
        var wanted = into.ToDictionary(t => t.Name, StringComparer.Ordinal);
        var missing = wanted.ToDictionary(t => t.Key, t => (long)t.Value.Bytes.Length, StringComparer.Ordinal);
        await using var channel = new RpcChannel(address);
        await using ServerStream<FetchRequest, PayloadMessage<TensorChunk>> call = channel.ServerStreaming(
            Fetch, request, CallOptions.Default, cancellationToken);
        while (await call.MoveNextAsync(cancellationToken).ConfigureAwait(false))
        {
            TensorChunk header = call.Current.Header;
            ReadOnlySequence<byte> payload = call.Current.Payload;
            if (!wanted.TryGetValue(header.Name, out TransferTensor? tensor)
                || !string.Equals(header.Dtype, tensor.Dtype, StringComparison.Ordinal)
                || !header.Shape.SequenceEqual(tensor.Shape)
                || header.Total != (ulong)tensor.Bytes.Length
                || header.Offset > header.Total
                || (ulong)payload.Length > header.Total - header.Offset)
            {
                throw new RpcException(
                    StatusCode.DataLoss,
                    $"{address} sent '{header.Name}' as {header.Dtype} [{string.Join(", ", header.Shape)}], "
                    + $"{header.Total} bytes");
            }

            payload.CopyTo(tensor.Bytes.Span[(int)header.Offset..]);
            missing[header.Name] -= payload.Length;
        }

        if (missing.FirstOrDefault(m => m.Value != 0) is { Key: not null } part)
        {
            throw new RpcException(StatusCode.DataLoss, $"'{part.Key}' from {address} is {part.Value} bytes short");
        }
    }
}

using System.Buffers;
using Colony.Protos.V1;
using Colony.Rpc;
using Google.Protobuf.Reflection;

namespace Colony.Collective;

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

    /// <summary>Sends a part: its tensors in order, each in chunks, or one empty chunk when it has none.</summary>
    /// <param name="part">What it is.</param>
    /// <param name="tensors">What to send; their memory must not change meanwhile.</param>
    /// <param name="responses">The stream.</param>
    /// <param name="cancellationToken">Abandons the transfer.</param>
    public static async Task SendAsync(
        StatePart part,
        IEnumerable<TransferTensor> tensors,
        IRpcWriter<PayloadMessage<TensorChunk>> responses,
        CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(part);
        ArgumentNullException.ThrowIfNull(tensors);
        ArgumentNullException.ThrowIfNull(responses);
        bool any = false;
        foreach (TransferTensor tensor in tensors)
        {
            any = true;
            int offset = 0;
            do
            {
                int length = Math.Min(ChunkBytes, tensor.Bytes.Length - offset);
                TensorChunk header = Header(part);
                header.Name = tensor.Name;
                header.Dtype = tensor.Dtype;
                header.Offset = (ulong)offset;
                header.Total = (ulong)tensor.Bytes.Length;
                header.Shape.AddRange(tensor.Shape);
                await responses.WriteAsync(
                    new PayloadMessage<TensorChunk>(header, tensor.Bytes.Slice(offset, length)), cancellationToken)
                    .ConfigureAwait(false);
                offset += length;
            }
            while (offset < tensor.Bytes.Length);
        }

        if (!any)
        {
            await responses.WriteAsync(
                new PayloadMessage<TensorChunk>(Header(part), default(ReadOnlyMemory<byte>)), cancellationToken)
                .ConfigureAwait(false);
        }
    }

    /// <summary>Fills the given tensors with a worker's.</summary>
    /// <param name="address">host:port of the worker.</param>
    /// <param name="request">Which state.</param>
    /// <param name="into">Every tensor that is wanted, with its memory; all of them must come.</param>
    /// <param name="cancellationToken">Abandons the transfer; the memory is then undefined.</param>
    /// <exception cref="RpcException">The worker is gone, does not hold the step, or sent something else.</exception>
    public static Task FetchAsync(
        string address, FetchRequest request, IEnumerable<TransferTensor> into, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return ReceiveAsync(address, request, new OnePart(request.Step, [.. into]), cancellationToken);
    }

    /// <summary>Asks a worker and hands what it sends to a receiver, part by part.</summary>
    /// <param name="address">host:port of the worker.</param>
    /// <param name="request">What is asked for.</param>
    /// <param name="receiver">Takes the parts; called by one thread at a time, never two at once.</param>
    /// <param name="cancellationToken">Abandons the transfer.</param>
    /// <exception cref="RpcException">The worker is gone, refuses, or sent something else.</exception>
    public static async Task ReceiveAsync(
        string address, FetchRequest request, IStateReceiver receiver, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(receiver);
        await using var channel = new RpcChannel(address);
        await using ServerStream<FetchRequest, PayloadMessage<TensorChunk>> call = channel.ServerStreaming(
            Fetch, request, CallOptions.Default, cancellationToken);
        PartialPart? current = null;
        bool any = false;
        while (await call.MoveNextAsync(cancellationToken).ConfigureAwait(false))
        {
            any = true;
            StatePart part = PartOf(call.Current.Header);
            if (current is null)
            {
                current = new PartialPart(
                    address, part, await receiver.BeginAsync(part, cancellationToken).ConfigureAwait(false));
            }

            current.Take(part, call.Current.Header, call.Current.Payload);
            if (current.IsComplete)
            {
                current = null;
                await receiver.CompleteAsync(part, cancellationToken).ConfigureAwait(false);
            }
        }

        if (current is not null || !any)
        {
            throw new RpcException(
                StatusCode.DataLoss, current?.Missing() ?? $"{address} ended the transfer without sending anything");
        }
    }

    private static TensorChunk Header(StatePart part)
    {
        var header = new TensorChunk { Kind = part.Kind, Step = part.Step, Skipped = part.Skipped };
        if (part.Digest is { } digest)
        {
            header.Digest = digest;
        }

        return header;
    }

    private static StatePart PartOf(TensorChunk header) => new(
        header.Kind, header.Step, header.HasDigest ? header.Digest : null, header.Skipped);

    /// <summary>A transfer of one part to a known place.</summary>
    private sealed class OnePart(long step, IReadOnlyList<TransferTensor> into) : IStateReceiver
    {
        public ValueTask<IReadOnlyList<TransferTensor>> BeginAsync(StatePart part, CancellationToken cancellationToken)
            => part.Step == step
                ? ValueTask.FromResult(into)
                : throw new RpcException(StatusCode.DataLoss, $"step {part.Step} came instead of {step}");

        public ValueTask CompleteAsync(StatePart part, CancellationToken cancellationToken) => ValueTask.CompletedTask;
    }

    /// <summary>
    /// A part that is arriving. Chunks of a tensor come in order, so the bytes that are there are its first ones.
    /// </summary>
    private sealed class PartialPart(string address, StatePart part, IReadOnlyList<TransferTensor> into)
    {
        private readonly Dictionary<string, TransferTensor> _wanted =
            into.ToDictionary(t => t.Name, StringComparer.Ordinal);

        private readonly Dictionary<string, long> _arrived = new(StringComparer.Ordinal);
        private int _whole;

        public bool IsComplete => _whole == _wanted.Count;

        public void Take(StatePart of, TensorChunk header, ReadOnlySequence<byte> payload)
        {
            if (of != part)
            {
                throw new RpcException(
                    StatusCode.DataLoss, $"{address} sent {of} before {part} was whole: {Missing()}");
            }

            if (_wanted.Count == 0)
            {
                return;
            }

            long arrived = _arrived.GetValueOrDefault(header.Name);
            if (!_wanted.TryGetValue(header.Name, out TransferTensor? tensor)
                || !string.Equals(header.Dtype, tensor.Dtype, StringComparison.Ordinal)
                || !header.Shape.SequenceEqual(tensor.Shape)
                || header.Total != (ulong)tensor.Bytes.Length
                || header.Offset != (ulong)arrived
                || payload.Length > tensor.Bytes.Length - arrived
                || (arrived > 0 && payload.Length == 0)
                || (_arrived.ContainsKey(header.Name) && arrived == tensor.Bytes.Length))
            {
                throw new RpcException(
                    StatusCode.DataLoss,
                    $"{address} sent '{header.Name}' as {header.Dtype} [{string.Join(", ", header.Shape)}], "
                    + $"{payload.Length} bytes at {header.Offset} of {header.Total}");
            }

            payload.CopyTo(tensor.Bytes.Span[(int)arrived..]);
            _arrived[header.Name] = arrived + payload.Length;
            _whole += arrived + payload.Length == tensor.Bytes.Length ? 1 : 0;
        }

        public string Missing()
        {
            TransferTensor? part = _wanted.Values.FirstOrDefault(
                t => !_arrived.TryGetValue(t.Name, out long bytes) || bytes < t.Bytes.Length);
            return part is null
                ? "nothing is missing"
                : $"'{part.Name}' from {address} is {part.Bytes.Length - _arrived.GetValueOrDefault(part.Name)} bytes "
                    + "short";
        }
    }
}

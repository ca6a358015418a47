using System.Buffers;
using System.Runtime.InteropServices;
using Colony.Rpc;
using Colony.Storage;
using Proto = Colony.Protos.V1;

namespace Colony.Worker;

/// <summary>Copies state from a donor, straight into libtorch's memory.</summary>
internal static class StateFetch
{
    /// <summary>Fills a copy of the own state, which has the right names and sizes, with a donor's.</summary>
    /// <param name="address">host:port of the donor.</param>
    /// <param name="generation">The generation that both are in.</param>
    /// <param name="step">The step.</param>
    /// <param name="into">Every tensor of the state; overwritten.</param>
    /// <param name="cancellationToken">Abandons the copy.</param>
    /// <exception cref="RpcException">The donor is gone, does not hold the step, or sent something else.</exception>
    public static async Task FetchAsync(
        string address, ulong generation, long step, StateCopy into, CancellationToken cancellationToken)
    {
        var wanted = into.Entries.ToDictionary(e => e.Name, StringComparer.Ordinal);
        var missing = wanted.ToDictionary(e => e.Key, e => (long)e.Value.Bytes.Length, StringComparer.Ordinal);
        await using var channel = new RpcChannel(address);
        await using ServerStream<Proto.FetchRequest, PayloadMessage<Proto.TensorChunk>> call = channel.ServerStreaming(
            StateService.Fetch,
            new Proto.FetchRequest { Kind = Proto.StateKind.Full, Generation = generation, Step = step },
            CallOptions.Default,
            cancellationToken);
        while (await call.MoveNextAsync(cancellationToken).ConfigureAwait(false))
        {
            Proto.TensorChunk header = call.Current.Header;
            ReadOnlySequence<byte> payload = call.Current.Payload;
            if (!wanted.TryGetValue(header.Name, out Storage.TensorData? tensor)
                || header.Total != (ulong)tensor.Bytes.Length
                || header.Offset > header.Total
                || (ulong)payload.Length > header.Total - header.Offset)
            {
                throw new RpcException(
                    StatusCode.DataLoss, $"the donor sent {payload.Length} bytes of '{header.Name}' [{header.Total}]");
            }

            payload.CopyTo(MemoryMarshal.AsMemory(tensor.Bytes).Span[(int)header.Offset..]);
            missing[header.Name] -= payload.Length;
        }

        if (missing.FirstOrDefault(m => m.Value != 0) is { Key: not null } part)
        {
            throw new RpcException(StatusCode.DataLoss, $"the donor's '{part.Key}' is {part.Value} bytes short");
        }
    }
}

using Colony.Protos.V1;
using Colony.Rpc;

namespace Colony.Collective;

/// <summary>A tensor as it travels: its name, element type by safetensors' name, shape and bytes.</summary>
/// <param name="Name">Its name in the state.</param>
/// <param name="Dtype">F32, I64, ...</param>
/// <param name="Shape">Sizes, slowest first.</param>
/// <param name="Bytes">Little-endian elements; sent from here, or received into here.</param>
public sealed record TransferTensor(string Name, string Dtype, IReadOnlyList<long> Shape, Memory<byte> Bytes);

/// <summary>What a run of tensors in a transfer is.</summary>
/// <param name="Kind">A whole state, a snapshot, an update, or word that there is nothing to send.</param>
/// <param name="Step">The step that one is at when it has been taken over.</param>
/// <param name="Digest">Digest of the sender's whole state at that step; null when it has not taken one.</param>
/// <param name="Skipped">An update of a step whose gradient was left out.</param>
public sealed record StatePart(StateKind Kind, long Step, ulong? Digest = null, bool Skipped = false);

/// <summary>Takes the parts of a transfer in, one after the other.</summary>
public interface IStateReceiver
{
    /// <summary>A part begins: where its tensors belong. All of them must come; none for a part without any.</summary>
    /// <exception cref="RpcException">The part is not what was asked for.</exception>
    ValueTask<IReadOnlyList<TransferTensor>> BeginAsync(StatePart part, CancellationToken cancellationToken);

    /// <summary>The part is complete: its bytes are where <see cref="BeginAsync"/> said.</summary>
    ValueTask CompleteAsync(StatePart part, CancellationToken cancellationToken);
}

using Colony.Collective;
using Colony.Protos.V1;

namespace Colony.Worker.Tests;

/// <summary>Asks a donor and notes the parts that come; takes their bytes into memory of its own.</summary>
internal sealed class Parts(IReadOnlyList<TransferTensor> full, IReadOnlyList<TransferTensor> update) : IStateReceiver
{
    private readonly List<StatePart> _seen = [];

    public IReadOnlyList<StatePart> Seen => _seen;

    /// <summary>Called when a part begins, before any of it is taken.</summary>
    public Func<StatePart, Task> Began { get; init; } = _ => Task.CompletedTask;

    public static Parts For(Replica replica, Func<StatePart, Task>? began = null)
    {
        using StateCopy room = replica.Room(0);
        using var update = new StepUpdate(replica);
        return new Parts(Own(room.Transfers), Own(update.Transfers(false)))
        {
            Began = began ?? (_ => Task.CompletedTask),
        };
    }

    public static FetchRequest Ask(long held, long? target)
    {
        var request = new FetchRequest { Kind = StateKind.Follow, Step = held };
        if (target is { } wanted)
        {
            request.Target = wanted;
        }

        return request;
    }

    public async ValueTask<IReadOnlyList<TransferTensor>> BeginAsync(
        StatePart part, CancellationToken cancellationToken)
    {
        _seen.Add(part);
        await Began(part);
        return part.Kind switch { StateKind.Full => full, StateKind.Update => update, _ => [] };
    }

    public ValueTask CompleteAsync(StatePart part, CancellationToken cancellationToken) => ValueTask.CompletedTask;

    private static TransferTensor[] Own(IEnumerable<TransferTensor> tensors) =>
        [.. tensors.Select(t => t with { Bytes = new byte[t.Bytes.Length] })];
}

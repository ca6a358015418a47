using System.Diagnostics.CodeAnalysis;
using Colony.Collective;
using Colony.Faults;
using Colony.Rpc;
using Proto = Colony.Protos.V1;

namespace Colony.Worker;

/// <summary>
/// The receiving side of a catch-up: a whole state or updates, each taken over on the compute thread when all of it has
/// arrived, so that the replica is at a whole step whenever the transfer breaks off.
/// </summary>
internal sealed class CatchUp(
    string donor, Replica replica, UpdateShelf updates, ComputeThread compute, FaultPoints? faults)
    : IStateReceiver, IDisposable
{
    private StateCopy? _room;
    [SuppressMessage("Reliability", "CA2213", Justification = "The shelf lends it, and disposes it.")]
    private StepUpdate? _update;

    /// <summary>Digest of the replica after the last part that was taken over; null before the first.</summary>
    public ulong? Digest { get; private set; }

    /// <summary>The replica was replaced as a whole by a state whose digest is right.</summary>
    public bool Replaced { get; private set; }

    public async ValueTask<IReadOnlyList<TransferTensor>> BeginAsync(
        StatePart part, CancellationToken cancellationToken)
    {
        faults?.Reach(WorkerPlaces.StateTransfer, part.Step);
        return part.Kind switch
        {
            Proto.StateKind.Held => [],
            Proto.StateKind.Full => await compute.RunAsync(() => Task.FromResult(MakeRoom(part)))
                .ConfigureAwait(false),
            Proto.StateKind.Update => await compute.RunAsync(() => Task.FromResult(BeginUpdate(part)))
                .ConfigureAwait(false),
            _ => throw Unasked(part),
        };
    }

    public async ValueTask CompleteAsync(StatePart part, CancellationToken cancellationToken)
    {
        // The digest of a copy is taken here, off the compute thread: nobody else has the copy.
        if (_room is { } room && part.Digest is { } announced && room.Digest() is var arrived && arrived != announced)
        {
            throw new StateDiffersException(donor, part.Step, arrived, announced);
        }

        await compute.RunAsync(() =>
        {
            cancellationToken.ThrowIfCancellationRequested();
            TakeOver(part);
            return Task.FromResult(true);
        }).ConfigureAwait(false);
    }

    /// <summary>Lets go what has not wholly arrived.</summary>
    public void Dispose()
    {
        _room?.Dispose();
        _room = null;
        if (_update is { } update)
        {
            _update = null;
            updates.Abandon(update);
        }
    }

    private IReadOnlyList<TransferTensor> MakeRoom(StatePart part)
    {
        _room = replica.Room(part.Step);
        return [.. _room.Transfers];
    }

    private IReadOnlyList<TransferTensor> BeginUpdate(StatePart part)
    {
        if (part.Step != replica.Step + 1)
        {
            throw Unasked(part);
        }

        _update = updates.Begin(() => new StepUpdate(replica));
        return _update.Transfers(part.Skipped);
    }

    private void TakeOver(StatePart part)
    {
        if (_room is { } room)
        {
            Load(part, room);
        }
        else if (_update is { } update)
        {
            Apply(part, update);
        }
        else if (part.Step != replica.Step)
        {
            throw Unasked(part);
        }

        Digest ??= replica.Digest();
        if (part.Digest is { } theirs && Digest != theirs)
        {
            throw new StateDiffersException(donor, part.Step, Digest.Value, theirs);
        }

        if (_update is { } applied)
        {
            applied.Digest = Digest;
            _update = null;
            updates.Publish(applied);
        }
    }

    private void Load(StatePart part, StateCopy room)
    {
        replica.Load(part.Step, room.Entries.ToDictionary(e => e.Name, StringComparer.Ordinal));
        _room = null;
        room.Dispose();
        updates.Reset(part.Step);
        Digest = null;
        Replaced = true;
    }

    private void Apply(StatePart part, StepUpdate update)
    {
        update.Step = part.Step;
        update.Skipped = part.Skipped;
        try
        {
            replica.Apply(update);
        }
        catch (ArgumentException strange)
        {
            throw new RpcException(
                StatusCode.DataLoss, $"{donor} sent no grid for step {part.Step}: {strange.Message}");
        }

        Digest = null;
    }

    private RpcException Unasked(StatePart part) => new(
        StatusCode.DataLoss,
        $"{donor} sent {part.Kind} of step {part.Step} to a worker that holds step {replica.Step}");
}

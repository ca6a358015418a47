using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using Colony.Collective;
using Colony.Data;
using Colony.Faults;
using Colony.Jobs;
using Colony.Model;
using Colony.Orchestration;
using Colony.Rpc;
using Colony.Storage;
using Colony.Torch;
using Proto = Colony.Protos.V1;

namespace Colony.Worker;

/// <summary>
/// The training side of a worker: replica, data and group, all touched on the compute thread alone. Decides nothing;
/// the
/// worker actor tells it what to do, one piece of work at a time.
/// </summary>
internal sealed class Trainer(
    Job job,
    IDataset dataset,
    ModelInputs inputs,
    CollectiveEndpoint endpoint,
    SnapshotShelf shelf,
    TimeProvider time,
    Func<Replica>? build = null,
    FaultPoints? faults = null) : IAsyncDisposable
{
    /// <summary>Checkpoint parts being written at a time; training waits when a store is slower than that.</summary>
    private const int PartsInFlight = 2;

    private const long NoStep = -1;

    private readonly ComputeThread _compute = new("compute");
    private readonly List<Task> _writes = [];

    // What training waited for between steps; told with the next step.
    private readonly PhaseClock _beside = new(time, _ => { });
    private readonly Func<Replica> _build = build ?? (() => Replica.Create(job, inputs, dataset.Samples));
    private Replica? _replica;
    private StepRunner? _runner;
    private bool _doubtful;
    [SuppressMessage("Reliability", "CA2213", Justification = "The endpoint opens it, owns it and disposes it.")]
    private Communicator? _communicator;
    private volatile string _phase = "starting";
    private long _stepInFlight;

    /// <summary>What it is doing, for heartbeats.</summary>
    public (long Step, string Phase) Doing => (Interlocked.Read(ref _stepInFlight), _phase);

    /// <summary>The updates of the newest steps, for those who follow.</summary>
    public UpdateShelf Updates { get; } = new();

    /// <summary>
    /// Told of waits for a peer, with its name; called on the thread that waited. Waits for the store are told of in
    /// the step's report.
    /// </summary>
    public event Action<string, WaitObserved>? Waited;

    /// <summary>Told of every step applied; called on the compute thread.</summary>
    public event Action<StepReport>? Stepped;

    /// <summary>What libtorch is told before anything is computed.</summary>
    internal static void Prepare(Job job)
    {
        torch.set_num_threads(job.Train.Threads);
        torch.use_deterministic_algorithms(true);
    }

    /// <summary>Builds the replica, from a checkpoint or from the seed; says what it waits for.</summary>
    public Task<(long Step, ulong Digest)> LoadAsync(
        long checkpointStep, Func<CheckpointCatalog> catalog, Action<string> note,
        CancellationToken cancellationToken) =>
        _compute.RunAsync(async () =>
        {
            _phase = "loading";
            Prepare(job);
            torch.keep_freed_memory();
            Clear();
            Replica replica = _build();
            try
            {
                if (checkpointStep > 0)
                {
                    await StorePatience.OfRuns.TryAsync(
                        again => ReadCheckpointAsync(replica, checkpointStep, catalog(), again), time, note,
                        cancellationToken).ConfigureAwait(true);
                }

                // A runner of its own: faults that are armed for the step are not meant for this.
                using var rehearsal = new StepRunner(job, dataset, replica, Updates, time, _ => { });
                await rehearsal.RehearseAsync(cancellationToken).ConfigureAwait(true);
                await endpoint.RehearseAsync(cancellationToken).ConfigureAwait(true);
            }
            catch
            {
                replica.Dispose();
                throw;
            }

            _replica = replica;
            _runner = new StepRunner(job, dataset, replica, Updates, time, phase => _phase = phase, faults);
            ulong digest = replica.Digest();
            Updates.Reset(replica.Step);
            _runner.Arrived(replica.Step, digest);
            _doubtful = false;
            _phase = "waiting";
            return (replica.Step, digest);
        });

    /// <summary>Closes the links of the generation before and opens those of a new one.</summary>
    public void Enter(ulong generation, ImmutableArray<Member> members, int index)
    {
        _communicator = null;
        if (index >= 0)
        {
            _communicator = endpoint.Open(generation, index, [.. members.Select(m => m.Address)]);
            _communicator.WaitObserved += w => Waited?.Invoke(members[w.Peer].Worker, w);
            _communicator.PhaseBegun += Begun;
        }
    }

    /// <summary>Closes the links of the generation and opens no others.</summary>
    public void Leave()
    {
        _communicator = null;
        endpoint.Leave();
    }

    /// <summary>Runs a step in the open generation.</summary>
    /// <param name="step">The step, from 1.</param>
    /// <param name="ranks">The hosted logical ranks.</param>
    /// <param name="cancellationToken">Lets the step go.</param>
    public Task<StepReport> RunAsync(long step, IReadOnlyList<int> ranks, CancellationToken cancellationToken) =>
        RunAsync(
            step, ranks, _communicator ?? throw new InvalidOperationException("no generation is open"),
            cancellationToken);

    /// <summary>Runs a step in a group.</summary>
    internal Task<StepReport> RunAsync(
        long step, IReadOnlyList<int> ranks, Communicator group, CancellationToken cancellationToken)
    {
        Interlocked.Exchange(ref _stepInFlight, step);
        return _compute.RunAsync(async () =>
        {
            while (_writes.RemoveAll(w => w.IsCompleted) >= 0 && _writes.Count >= PartsInFlight)
            {
                _phase = "waiting for the store";
                _beside.Enter(PhaseClock.Checkpoint);
                await Task.WhenAny(_writes).WaitAsync(cancellationToken).ConfigureAwait(true);
                _beside.Close();
            }

            try
            {
                StepReport report = await _runner!.RunAsync(step, ranks, group, cancellationToken)
                    .ConfigureAwait(true);
                _phase = "waiting";
                report = report with { Seconds = _beside.TakeWith(report.Seconds) };
                Stepped?.Invoke(report);
                return report;
            }
            catch (DigestsDifferException differ)
            {
                // This state must not be built on when it is, or may be, the wrong one.
                _doubtful |= differ.Odd.Count == 0 || differ.Odd.Contains(group.Rank);
                throw;
            }
        });
    }

    /// <summary>
    /// Brings this worker to a step that a donor holds: by the donor's updates where it still has all that are missing,
    /// else by a copy of its newest state and the updates since. The donor trains on meanwhile. Cancelled or broken
    /// off, it leaves the replica at a whole step, the one before or a later one.
    /// </summary>
    /// <param name="donorAddress">host:port of the donor.</param>
    /// <param name="target">The step to come to; null for the newest that the donor has.</param>
    /// <param name="cancellationToken">Breaks off.</param>
    /// <returns>The step that the replica is at and its digest.</returns>
    /// <exception cref="RpcException">The donor is gone (Unavailable), not there yet (FailedPrecondition), gone too far
    /// (OutOfRange), or busy (ResourceExhausted): another may help.</exception>
    /// <exception cref="StateDiffersException">The bits that arrived are not those that the donor has.</exception>
    public async Task<(long Step, ulong Digest)> CatchUpAsync(
        string donorAddress, long? target, CancellationToken cancellationToken)
    {
        (Replica replica, long held) = await _compute.RunAsync(() =>
        {
            _phase = "catching up";
            Replica own = _replica ?? throw new InvalidOperationException("no model is loaded");
            return Task.FromResult((own, _doubtful ? -1 : own.Step));
        }).ConfigureAwait(false);
        var request = new Proto.FetchRequest { Kind = Proto.StateKind.Follow, Step = held };
        if (target is { } wanted)
        {
            request.Target = wanted;
        }

        using var catching = new CatchUp(donorAddress, replica, Updates, _compute, faults);
        try
        {
            await StateTransfer.ReceiveAsync(donorAddress, request, catching, cancellationToken).ConfigureAwait(false);
        }
        catch (StateDiffersException)
        {
            await ArriveAsync(catching, differs: true).ConfigureAwait(false);
            throw;
        }
        catch
        {
            await ArriveAsync(catching, differs: false).ConfigureAwait(false);
            throw;
        }

        await ArriveAsync(catching, differs: false).ConfigureAwait(false);
        return replica.Step == (target ?? replica.Step)
            ? (replica.Step, catching.Digest!.Value)
            : throw new RpcException(
                StatusCode.DataLoss, $"{donorAddress} ended at step {replica.Step} instead of {target}");
    }

    /// <summary>The step held and the digest of its state.</summary>
    public Task<(long Step, ulong Digest)> HeldAsync() => _compute.RunAsync(() =>
    {
        Replica replica = _replica ?? throw new InvalidOperationException("no model is loaded");
        return Task.FromResult((replica.Step, replica.Digest()));
    });

    /// <summary>
    /// A copy of the whole newest state. Made between two pieces of work on the compute thread, where the replica is
    /// always at a whole step.
    /// </summary>
    public Task<StateCopy> CopyAsync() => _compute.RunAsync(() => Task.FromResult(
        _replica?.Copy(weightsOnly: false)
            ?? throw new RpcException(StatusCode.FailedPrecondition, "this worker has no state yet")));

    /// <summary>The digest of the state, or null when it is not at that step.</summary>
    public Task<ulong?> DigestAsync(long step) =>
        _compute.RunAsync(() => Task.FromResult(_replica?.Step == step ? _replica.Digest() : (ulong?)null));

    /// <summary>Puts a snapshot of the parameters on the shelf.</summary>
    public Task<bool> SnapshotAsync(long step) => _compute.RunAsync(() =>
    {
        bool holds = _replica!.Step == step;
        if (holds)
        {
            _beside.Enter(PhaseClock.Evaluation);
            shelf.Put(_replica.Copy(weightsOnly: true));
            _beside.Close();
        }

        return Task.FromResult(holds);
    });

    /// <summary>
    /// Copies this worker's part on the compute thread before any later work there, then writes it elsewhere.
    /// </summary>
    public async Task<CheckpointPart> WriteAsync(
        IObjectStore store, long step, int part, int parts, CancellationToken cancellationToken)
    {
        var written = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        Task<StateCopy> copying = _compute.RunAsync(() =>
        {
            if (_replica!.Step != step)
            {
                throw new InvalidOperationException(
                    $"part {part} of step {step} cannot be written at step {_replica.Step}");
            }

            _writes.Add(written.Task);
            _beside.Enter(PhaseClock.Checkpoint);
            HashSet<string> names = PartDivision.Names(_replica.Inventory(), part, parts);
            StateCopy copy = _replica.Copy(weightsOnly: false, names.Contains);
            _beside.Close();
            return Task.FromResult(copy);
        });
        try
        {
            using StateCopy copy = await copying.ConfigureAwait(false);
            faults?.Reach(WorkerPlaces.Checkpoint, step);
            return await CheckpointWriter.WritePartAsync(store, step, part, parts, copy.Entries, cancellationToken)
                .ConfigureAwait(false);
        }
        finally
        {
            written.TrySetResult();
        }
    }

    /// <summary>SHA-256 of the weights.</summary>
    public Task<string> HashAsync() => _compute.RunAsync(() => Task.FromResult(_replica!.WeightsSha256()));

    public async ValueTask DisposeAsync()
    {
        await _compute.RunAsync(() =>
        {
            Clear();
            return Task.FromResult(true);
        }).ConfigureAwait(false);
        Updates.Dispose();
        _compute.Dispose();
    }

    private static async Task<bool> ReadCheckpointAsync(
        Replica replica, long step, CheckpointCatalog catalog, CancellationToken cancellationToken)
    {
        CheckpointReader reader = await catalog.OpenAsync(step, cancellationToken).ConfigureAwait(true);
        using StateCopy room = replica.Room(step);
        var destination = room.Entries.ToDictionary(e => e.Name, StringComparer.Ordinal);
        var found = new Dictionary<string, TensorData>(StringComparer.Ordinal);
        await reader.LoadAsync(
            entry =>
            {
                if (!destination.TryGetValue(entry.Name, out TensorData? own) || own.Bytes.Length != entry.Bytes)
                {
                    found[entry.Name] = new TensorData(entry.Name, entry.Type, entry.Shape, default);
                    return null;
                }

                found[entry.Name] = own with { Shape = entry.Shape };
                return MemoryMarshal.AsMemory(own.Bytes);
            },
            cancellationToken).ConfigureAwait(true);
        replica.Load(step, found);
        return true;
    }

    // A state that differs from the donor's, applied or not, is not to be built on; a whole one that agrees is.
    private Task<bool> ArriveAsync(CatchUp catching, bool differs) => _compute.RunAsync(() =>
    {
        catching.Dispose();
        _phase = "waiting";
        _doubtful = differs || (_doubtful && !catching.Replaced);
        if (catching.Digest is { } digest && !differs)
        {
            _runner!.Arrived(_replica!.Step, digest);
        }

        return Task.FromResult(true);
    });

    private void Begun(Proto.Phase phase, long step)
    {
        string? place = phase switch
        {
            Proto.Phase.ReduceScatter => WorkerPlaces.ReduceScatter,
            Proto.Phase.AllGather => WorkerPlaces.AllGather,
            _ => null,
        };
        if (place is not null)
        {
            faults?.Reach(place, step);
        }
    }

    private void Clear()
    {
        _runner?.Dispose();
        _runner = null;
        _replica?.Dispose();
        _replica = null;
        Updates.Reset(NoStep);
    }
}

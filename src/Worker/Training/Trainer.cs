using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using Colony.Collective;
using Colony.Data;
using Colony.Jobs;
using Colony.Model;
using Colony.Orchestration;
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
    TimeProvider time) : IAsyncDisposable
{
    /// <summary>Checkpoint parts being written at a time; training waits when a store is slower than that.</summary>
    private const int PartsInFlight = 2;

    private readonly ComputeThread _compute = new("compute");
    private readonly List<Task> _writes = [];
    private Replica? _replica;
    private StepRunner? _runner;
    [SuppressMessage("Reliability", "CA2213", Justification = "The endpoint opens it, owns it and disposes it.")]
    private Communicator? _communicator;
    private ulong _generation;
    private volatile string _phase = "starting";
    private long _stepInFlight;

    /// <summary>What it is doing, for heartbeats.</summary>
    public (long Step, string Phase) Doing => (Interlocked.Read(ref _stepInFlight), _phase);

    /// <summary>Told of waits for peers; called on the thread that waited.</summary>
    public event Action<WaitObserved>? Waited;

    /// <summary>Builds the replica, from a checkpoint or from the seed.</summary>
    public Task<(long Step, ulong Digest)> LoadAsync(
        long checkpointStep, Func<CheckpointCatalog> catalog, CancellationToken cancellationToken) =>
        _compute.RunAsync(async () =>
        {
            _phase = "loading";
            torch.set_num_threads(job.Train.Threads);
            torch.use_deterministic_algorithms(true);
            _replica = new Replica(job, inputs, Device.Parse(job.Train.Device));
            if (checkpointStep > 0)
            {
                CheckpointReader reader =
                    await catalog().OpenAsync(checkpointStep, cancellationToken).ConfigureAwait(true);
                using StateCopy copy = _replica.Copy(weightsOnly: false);
                var destination = copy.Entries.ToDictionary(e => e.Name, StringComparer.Ordinal);
                var found = new Dictionary<string, TensorData>(StringComparer.Ordinal);
                await reader.LoadAsync(
                    entry =>
                    {
                        if (!destination.TryGetValue(entry.Name, out TensorData? own)
                            || own.Bytes.Length != entry.Bytes)
                        {
                            found[entry.Name] = new TensorData(entry.Name, entry.Type, entry.Shape, default);
                            return null;
                        }

                        found[entry.Name] = own with { Shape = entry.Shape };
                        return System.Runtime.InteropServices.MemoryMarshal.AsMemory(own.Bytes);
                    },
                    cancellationToken).ConfigureAwait(true);
                _replica.Load(checkpointStep, found);
            }

            _runner = new StepRunner(job, dataset, _replica, time, phase => _phase = phase);
            _phase = "waiting";
            return (_replica.Step, _replica.Digest());
        });

    /// <summary>Closes the links of the generation before and opens those of a new one.</summary>
    public void Enter(ulong generation, ImmutableArray<Member> members, int index)
    {
        _generation = generation;
        _communicator = null;
        if (index >= 0)
        {
            _communicator = endpoint.Open(generation, index, [.. members.Select(m => m.Address)]);
            _communicator.WaitObserved += w => Waited?.Invoke(w);
        }
    }

    /// <summary>Runs a step in the open generation.</summary>
    public Task<StepReport> RunAsync(long step, int firstRank, int endRank, CancellationToken cancellationToken)
    {
        Communicator group = _communicator ?? throw new InvalidOperationException("no generation is open");
        Interlocked.Exchange(ref _stepInFlight, step);
        return _compute.RunAsync(async () =>
        {
            while (_writes.RemoveAll(w => w.IsCompleted) >= 0 && _writes.Count >= PartsInFlight)
            {
                _phase = "waiting for the store";
                await Task.WhenAny(_writes).WaitAsync(cancellationToken).ConfigureAwait(true);
            }

            StepReport report = await _runner!.RunAsync(step, firstRank, endRank, group, cancellationToken)
                .ConfigureAwait(true);
            _phase = "waiting";
            return report;
        });
    }

    /// <summary>Copies a donor's state; its digest is checked against the one that it announced.</summary>
    public Task<ulong> FetchAsync(ulong generation, Member donor, long step, CancellationToken cancellationToken) =>
        _compute.RunAsync(async () =>
        {
            _phase = "fetching state";
            using StateCopy copy = _replica!.Copy(weightsOnly: false);
            await StateTransfer.FetchAsync(
                donor.Address,
                new Proto.FetchRequest { Kind = Proto.StateKind.Full, Generation = generation, Step = step },
                copy.Transfers,
                cancellationToken).ConfigureAwait(true);
            cancellationToken.ThrowIfCancellationRequested();
            _replica.Load(step, copy.Entries.ToDictionary(e => e.Name, StringComparer.Ordinal));
            _phase = "waiting";
            return _replica.Digest();
        });

    /// <summary>
    /// A copy of the whole state for a joiner, or null when this worker is not at that step and generation.
    /// </summary>
    public Task<StateCopy?> CopyAsync(ulong generation, long step) => _compute.RunAsync(() => Task.FromResult(
        _replica is not null && _replica.Step == step && _generation == generation
            ? _replica.Copy(weightsOnly: false)
            : null));

    /// <summary>Puts a snapshot of the parameters on the shelf.</summary>
    public Task<bool> SnapshotAsync(long step) => _compute.RunAsync(() =>
    {
        bool holds = _replica!.Step == step;
        if (holds)
        {
            shelf.Put(_replica.Copy(weightsOnly: true));
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
            HashSet<string> names = PartDivision.Names(_replica.Inventory(), part, parts);
            return Task.FromResult(_replica.Copy(weightsOnly: false, names.Contains));
        });
        try
        {
            using StateCopy copy = await copying.ConfigureAwait(false);
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
            _runner?.Dispose();
            _replica?.Dispose();
            return Task.FromResult(true);
        }).ConfigureAwait(false);
        _compute.Dispose();
    }
}

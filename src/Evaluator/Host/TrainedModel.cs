using Colony.Collective;
using Colony.Data;
using Colony.Jobs;
using Colony.Model;
using Colony.Storage;
using Colony.Torch;

namespace Colony.Evaluator;

/// <summary>A job's model with weights of some step, ready to embed. One user at a time.</summary>
public sealed class TrainedModel : IDisposable
{
    /// <summary>What the names of parameters begin with in checkpoints and snapshots.</summary>
    private const string ParameterPrefix = "model.";

    private const string BufferPrefix = "buffer.";

    private readonly List<(string Name, Tensor Tensor)> _weights = [];

    /// <summary>Builds the model; its weights are initial values until they are loaded.</summary>
    /// <param name="job">The job.</param>
    /// <param name="dataset">The split to embed, from <see cref="OpenData"/>; stays the caller's.</param>
    /// <param name="split">Its name.</param>
    public TrainedModel(Job job, IDataset dataset, string split)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(dataset);
        ModelEntry model = ModelRegistry.Get(job.Model.Name);
        ObjectiveEntry objective = ObjectiveRegistry.Get(job.Objective.Name);
        torch.set_num_threads(job.Train.Threads);
        torch.keep_freed_memory();
        Dataset = dataset;
        Split = split;
        Encoder = model.Create(
            job.Model.Options,
            new ModelInputs(Dataset.FeatureDim, Dataset.WordDim, Dataset.VocabularySize));
        Device device = Device.Parse(job.Train.Device);
        Encoder.Module.to(device);
        Encoder.Module.eval(); // for good: a search that ends amid another use must not bring dropout back
        Objective = objective.Create(job.Objective.Options);
        Embedder = new Embedder(Encoder, Dataset, device, job.Evaluate.Batch);
        _weights.AddRange(
            Encoder.Module.named_parameters().Select(p => (ParameterPrefix + p.name, (Tensor)p.parameter)));
        _weights.AddRange(Encoder.Module.named_buffers().Select(b => (BufferPrefix + b.name, b.buffer)));
    }

    /// <summary>The split.</summary>
    public string Split { get; }

    /// <summary>Its data.</summary>
    public IDataset Dataset { get; }

    /// <summary>Embeds the split and free text.</summary>
    public Embedder Embedder { get; }

    /// <summary>The step that the weights are of.</summary>
    public long Step { get; private set; }

    /// <summary>Scores as the objective defines them.</summary>
    public IScorer Scorer => new ObjectiveScorer(Objective);

    private IEncoder Encoder { get; }

    private IObjective Objective { get; }

    /// <summary>Opens a split as the job's model reads it.</summary>
    /// <param name="job">The job.</param>
    /// <param name="baseDirectory">What relative paths of the job are relative to.</param>
    /// <param name="split">The split.</param>
    /// <param name="note">Told in words what loading waits for; null for nobody.</param>
    /// <exception cref="DataException">The split cannot be read.</exception>
    public static IDataset OpenData(Job job, string baseDirectory, string split, Action<string>? note = null)
    {
        ArgumentNullException.ThrowIfNull(job);
        bool zeroRegion = ModelRegistry.Get(job.Model.Name).ZeroRegion;
        return Datasets.Open(
            (DatasetOptions)job.Data with { ImageClsRow = zeroRegion, BaseDirectory = baseDirectory }, split, note);
    }

    /// <summary>Loads the weights of a checkpoint, checking every hash.</summary>
    /// <exception cref="CheckpointException">The checkpoint is damaged, or of another model.</exception>
    public async Task LoadAsync(CheckpointReader reader, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(reader);
        using var scope = new Staging(_weights);
        await reader.LoadAsync(
            entry => scope.Find(entry.Name) is { } tensor && tensor.Bytes.Length == entry.Bytes
                ? tensor.Bytes
                : default(Memory<byte>?),
            cancellationToken).ConfigureAwait(false);
        string? absent = _weights.Select(w => w.Name).FirstOrDefault(n => !reader.Manifest.Tensors.ContainsKey(n));
        if (absent is not null)
        {
            throw new StorageException(
                $"the checkpoint of step {reader.Manifest.Step} has no '{absent}': it is of another model; "
                + "use its own job");
        }

        scope.Commit();
        Step = reader.Manifest.Step;
    }

    /// <summary>Fetches a snapshot from the worker that holds it.</summary>
    /// <exception cref="Rpc.RpcException">The worker is gone, or keeps a newer one.</exception>
    public async Task FetchAsync(string address, long step, CancellationToken cancellationToken)
    {
        using var scope = new Staging(_weights);
        await StateTransfer.FetchAsync(
            address,
            new Protos.V1.FetchRequest { Kind = Protos.V1.StateKind.Snapshot, Step = step },
            scope.Tensors,
            cancellationToken).ConfigureAwait(false);
        scope.Commit();
        Step = step;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Encoder.Dispose();
        Objective.Module?.Dispose();
    }

    /// <summary>Memory for incoming weights, so that a transfer that breaks off leaves the model as it was.</summary>
    private sealed class Staging : IDisposable
    {
        private readonly IReadOnlyList<(string Name, Tensor Tensor)> _weights;
        private readonly List<Tensor> _incoming = [];
        private readonly Dictionary<string, TransferTensor> _byName = new(StringComparer.Ordinal);

        public Staging(IReadOnlyList<(string Name, Tensor Tensor)> weights)
        {
            _weights = weights;
            foreach ((string name, Tensor tensor) in weights)
            {
                Tensor memory = torch.empty(tensor.shape, tensor.dtype);
                _incoming.Add(memory);
                _byName.Add(name, new TransferTensor(name, TypeName(tensor.dtype), tensor.shape, memory.bytes()));
            }
        }

        public IEnumerable<TransferTensor> Tensors => _byName.Values;

        public TransferTensor? Find(string name) => _byName.GetValueOrDefault(name);

        public void Commit()
        {
            using IDisposable unrecorded = torch.no_grad();
            for (int i = 0; i < _incoming.Count; i++)
            {
                _weights[i].Tensor.copy_(_incoming[i]);
            }
        }

        public void Dispose() => _incoming.ForEach(t => t.Dispose());

        private static string TypeName(ScalarType type) => type switch
        {
            ScalarType.Float32 => nameof(SafetensorsType.F32),
            ScalarType.Float64 => nameof(SafetensorsType.F64),
            ScalarType.Int64 => nameof(SafetensorsType.I64),
            ScalarType.Bool => nameof(SafetensorsType.BOOL),
            _ => throw new ArgumentOutOfRangeException(nameof(type), type, "is no type of a weight"),
        };
    }
}

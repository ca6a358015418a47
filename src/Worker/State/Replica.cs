using System.Buffers;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Colony.Collective;
using Colony.Data;
using Colony.Jobs;
using Colony.Model;
using Colony.Storage;
using Colony.Torch;

namespace Colony.Worker;

/// <summary>
/// Everything that a step changes, and what is made of the job to change it: parameters, buffers, optimizer state and
/// grid. Lives on the compute thread.
/// </summary>
internal sealed class Replica : IDisposable
{
    private const string ParameterPrefix = "model.";
    private const string ObjectivePrefix = "objective.";
    private const string BufferPrefix = "buffer.";
    private const string OptimizerPrefix = "optimizer.";
    private const string PlateauName = OptimizerPrefix + "plateau";
    private const string GridName = "grid";

    private readonly Tensor[] _parameters;
    private readonly ISchedule _schedule;
    private readonly ParameterGroups _groups;
    private readonly bool[] _learns;
    private readonly long _stepsPerEpoch;
    private readonly PlateauRule _plateauRule;
    private readonly Tensor? _plateau;
    private readonly List<(string Name, Tensor Tensor)> _tensors = [];

    /// <summary>Takes a model over, with the values that it has.</summary>
    /// <param name="job">Optimizer, schedule and grid.</param>
    /// <param name="encoder">The model; owned from now on.</param>
    /// <param name="objective">What it is trained for.</param>
    /// <param name="device">Where it computes.</param>
    /// <param name="stepsPerEpoch">Steps of an epoch, for the schedule.</param>
    public Replica(Job job, IEncoder encoder, IObjective objective, Device device, long stepsPerEpoch)
    {
        _stepsPerEpoch = stepsPerEpoch;
        Encoder = encoder;
        Encoder.Module.to(device);
        Encoder.Module.train(true);
        Objective = objective;
        (string Name, Tensor Parameter)[] named =
            [.. Encoder.Module.named_parameters().Select(p => (p.name, (Tensor)p.parameter))];
        Objective.Module?.to(device);
        (string Name, Tensor Parameter)[] learned =
        [
            .. Objective.Module?.named_parameters()
                .Select(p => (ObjectivePrefix + p.name, (Tensor)p.parameter)) ?? [],
        ];
        _parameters = [.. named.Concat(learned).Select(p => p.Parameter)];
        Names = [.. named.Concat(learned).Select(p => p.Name)];
        _learns = Array.ConvertAll(_parameters, p => p.requires_grad);
        Reduced = named.Length;
        try
        {
            _groups = TrainOptions.Groups(job.Train, Names);
        }
        catch (ArgumentException)
        {
            // A job's mistake; what was taken over is nobody else's.
            encoder.Dispose();
            objective.Module?.Dispose();
            throw;
        }

        Clipped = [.. Enumerable.Range(0, Names.Count), .. Enumerable.Range(0, Names.Count).Where(
            i => _groups.IsTwice(Names[i]))];
        Optimizer = TrainOptions.Optimizer(job.Train, [.. named, .. learned], _groups);
        _schedule = TrainOptions.Schedule(job.Train);
        Layout = new GridLayout([.. named.Select(p => p.Parameter.numel())], job.Collective.Block);
        Grid = Grid.First(Layout);
        Device = device;
        Buffers = new ModelBuffers(Encoder.Module);
        _tensors.AddRange(named.Select(p => (ParameterPrefix + p.Name, p.Parameter)));
        _tensors.AddRange(learned);
        _tensors.AddRange(Encoder.Module.named_buffers().Select(b => (BufferPrefix + b.name, b.buffer)));
        _tensors.AddRange(Optimizer.State().Select(s => (OptimizerPrefix + s.Name, s.Tensor)));
        if (job.Train.Decay == DecayKind.Plateau)
        {
            _plateauRule = TrainOptions.Plateau(job.Train);
            _plateau = torch.zeros([PlateauState.Length], ScalarType.Float64).DetachFromDisposeScope();
            PlateauState.First(job.Train.LearningRate).CopyTo(_plateau.data<double>());
            _tensors.Add((PlateauName, _plateau));
        }
    }

    public IEncoder Encoder { get; }

    public IObjective Objective { get; }

    public IOptimizer Optimizer { get; }

    public GridLayout Layout { get; }

    public Device Device { get; }

    /// <summary>The model's buffers.</summary>
    public ModelBuffers Buffers { get; }

    /// <summary>The grid of the next step.</summary>
    public Grid Grid { get; private set; }

    /// <summary>The last step whose update is in here; 0 for the initial values.</summary>
    public long Step { get; private set; }

    /// <summary>Parameters: the model's in the order of the layout, then what the objective itself learns.</summary>
    public IReadOnlyList<Tensor> Parameters => _parameters;

    /// <summary>How many of them are the model's, whose gradients are reduced; the others' are the same on every worker
    /// as they are.</summary>
    public int Reduced { get; }

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Their numbers in the order in which gradients are clipped; some stand there twice.</summary>
    public IReadOnlyList<int> Clipped { get; }

    /// <summary>Builds the job's model with its initial values from the job's seed.</summary>
    /// <exception cref="ArgumentException">Options and data do not fit each other.</exception>
    public static Replica Create(Job job, ModelInputs inputs, int samples)
    {
        ModelEntry model = ModelRegistry.Get(job.Model.Name);
        ObjectiveEntry objective = ObjectiveRegistry.Get(job.Objective.Name);
        torch.manual_seed(unchecked((long)job.Seed));
        return new Replica(
            job,
            model.Create(job.Model.Options, inputs),
            objective.Create(job.Objective.Options),
            Device.Parse(job.Train.Device),
            new PlanGeometry(job.Seed, samples, job.Batch.Size, job.Batch.LogicalRanks).StepsPerEpoch);
    }

    /// <summary>The learning rate of a step, from 1, of parameters that belong to no group.</summary>
    /// <remarks>With <c>decay: plateau</c> it is known for the next step alone.</remarks>
    public double RateOf(long step) => _schedule.LearningRate(
        step - 1, _stepsPerEpoch, _plateau is null ? null : PlateauState.From(_plateau.data<double>()).Rate);

    /// <summary>Whether the learning rate falls with what is measured on the way.</summary>
    public bool HasPlateau => _plateau is not null;

    /// <summary>Writes what the plateaus have come to after the next step, where the job has them.</summary>
    /// <param name="update">That step's update.</param>
    /// <param name="loss">Its loss.</param>
    /// <param name="samples">Samples of its batch.</param>
    public void SetPlateau(StepUpdate update, double loss, int samples)
    {
        if (_plateau is not null)
        {
            PlateauState.From(_plateau.data<double>())
                .After(loss, samples, update.Step % _stepsPerEpoch == 0, _plateauRule)
                .CopyTo(MemoryMarshal.Cast<byte, double>(update.Plateau.AsSpan()));
        }
    }

    /// <summary>Freezes and thaws parameters for a step, from 1, before anything of it is computed. What is frozen gets
    /// no gradient from any slice, so it is left alone; what the model itself keeps frozen stays so.</summary>
    public void Prepare(long step)
    {
        for (int i = 0; _groups.Freezes && i < _parameters.Length; i++)
        {
            bool moves = _learns[i] && !_groups.IsFrozen(Names[i], step - 1, _stepsPerEpoch);
            if (_parameters[i].requires_grad != moves)
            {
                _parameters[i].requires_grad_(moves);
            }
        }
    }

    /// <summary>
    /// Takes the step that follows, wherever its update was computed: optimizer at the step's rate, buffers, grid.
    /// </summary>
    /// <exception cref="InvalidOperationException">The update is not of the next step.</exception>
    /// <exception cref="ArgumentException">Its grid is none of this model's; nothing was changed.</exception>
    public void Apply(StepUpdate update)
    {
        if (update.Step != Step + 1)
        {
            throw new InvalidOperationException($"the update of step {update.Step} cannot follow step {Step}");
        }

        Grid grid = update.NextGrid(Layout);
        if (!update.Skipped)
        {
            using DisposeScope scope = torch.NewDisposeScope();
            for (int i = 0; i < _parameters.Length; i++)
            {
                _parameters[i].grad = update.Given[i] != 0 ? update.Gradients[i].to(Device) : null;
            }

            Objective.BeforeUpdate(update.Step - 1, _stepsPerEpoch);
            Optimizer.Step(
                RateOf(update.Step), name => _groups.Rate(name, update.Step - 1, _stepsPerEpoch));
            foreach (Tensor parameter in _parameters)
            {
                parameter.grad = null;
            }

            Buffers.Write(update.Buffers);
        }

        if (_plateau is not null)
        {
            update.Plateau.CopyTo(MemoryMarshal.AsBytes(_plateau.data<double>()));
        }

        Grid = grid;
        Step = update.Step;
    }

    /// <summary>Digest of all of it; equal digests at a step mean equal bits.</summary>
    public ulong Digest()
    {
        ulong digest = StateDigest.Begin(Step);
        foreach ((string _, Tensor tensor) in _tensors)
        {
            using Tensor host = OnHost(tensor);

            // bytes() would leave a native tensor to the garbage collector, for each tensor in each step.
            using IMemoryOwner<byte> bytes = host.byteOwner();
            digest = StateDigest.Fold(digest, bytes.Memory.Span);
        }

        return StateDigest.Fold(digest, Grid.ToBytes());
    }

    /// <summary>SHA-256 over all parameters in the order of their names, raw little-endian bytes.</summary>
    public string WeightsSha256()
    {
        using var sha = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (int i in Enumerable.Range(0, Names.Count).OrderBy(i => Names[i], StringComparer.Ordinal))
        {
            using Tensor host = OnHost(_parameters[i]);
            using IMemoryOwner<byte> bytes = host.byteOwner();
            sha.AppendData(bytes.Memory.Span);
        }

        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    /// <summary>
    /// A copy of the whole state, or of the model's parameters and buffers alone, to be written or sent meanwhile.
    /// </summary>
    /// <param name="weightsOnly">Leave optimizer state, grid and what the objective learns out.</param>
    /// <param name="wanted">Chooses by name; null takes all.</param>
    public StateCopy Copy(bool weightsOnly, Predicate<string>? wanted = null)
    {
        var copy = new StateCopy(Step);
        foreach ((string name, Tensor tensor) in _tensors)
        {
            bool weight = !name.StartsWith(OptimizerPrefix, StringComparison.Ordinal)
                && !name.StartsWith(ObjectivePrefix, StringComparison.Ordinal);
            if ((weight || !weightsOnly) && wanted?.Invoke(name) != false)
            {
                using Tensor host = OnHost(tensor);
                copy.Add(name, host.clone().DetachFromDisposeScope());
            }
        }

        if (!weightsOnly && wanted?.Invoke(GridName) != false)
        {
            byte[] bytes = Grid.ToBytes();
            copy.Add(GridName, SafetensorsType.I16, [bytes.Length / sizeof(short)], bytes);
        }

        return copy;
    }

    /// <summary>Room for the whole state, in the order of <see cref="Copy"/>; the values are undefined.</summary>
    public StateCopy Room(long step)
    {
        var room = new StateCopy(step);
        foreach ((string name, Tensor tensor) in _tensors)
        {
            room.Add(name, torch.empty(tensor.shape, tensor.dtype).DetachFromDisposeScope());
        }

        room.Add(GridName, SafetensorsType.I16, [Layout.Blocks], new byte[Layout.Blocks * sizeof(short)]);
        return room;
    }

    /// <summary>Names and bytes of the whole state, for dividing a checkpoint among workers.</summary>
    public IReadOnlyList<(string Name, long Bytes)> Inventory() =>
    [
        .. _tensors.Select(t => (t.Name, t.Tensor.numel() * t.Tensor.element_size())),
        (GridName, (long)Layout.Blocks * sizeof(short)),
    ];

    /// <summary>
    /// Takes a state over, as <see cref="Copy"/> named it. Nothing is changed when something is missing or misshapen.
    /// </summary>
    /// <exception cref="StorageException">The state is not this model's; all differences are named.</exception>
    public void Load(long step, IReadOnlyDictionary<string, TensorData> state)
    {
        var faults = new List<string>();
        foreach ((string name, Tensor tensor) in _tensors)
        {
            if (!state.TryGetValue(name, out TensorData? saved))
            {
                faults.Add($"'{name}' is missing");
            }
            else if (!saved.Shape.SequenceEqual(tensor.shape)
                || saved.Bytes.Length != tensor.numel() * tensor.element_size())
            {
                faults.Add(
                    $"'{name}' is [{string.Join(", ", saved.Shape)}] "
                    + $"and should be [{string.Join(", ", tensor.shape)}]");
            }
        }

        if (!state.ContainsKey(GridName))
        {
            faults.Add($"'{GridName}' is missing");
        }

        if (faults.Count > 0)
        {
            throw new StorageException(
                $"the state of step {step} is of another model: {string.Join("; ", faults)}; use the job that it was "
                + "trained with");
        }

        Grid grid = Grid.FromBytes(Layout, state[GridName].Bytes.Span);
        using (torch.no_grad())
        {
            foreach ((string name, Tensor tensor) in _tensors)
            {
                using Tensor host = torch.empty(tensor.shape, tensor.dtype);
                using IMemoryOwner<byte> memory = host.byteOwner();
                state[name].Bytes.CopyTo(memory.Memory);
                tensor.copy_(host);
            }
        }

        Grid = grid;
        Step = step;
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        Encoder.Dispose();
        Objective.Module?.Dispose();
        _plateau?.Dispose();
    }

    // Always a handle of its own, so that the caller can dispose it whatever the device is.
    private static Tensor OnHost(Tensor tensor)
    {
        using Tensor plain = tensor.detach();
        return plain.device.Type == DeviceType.CPU ? plain.contiguous() : plain.cpu();
    }
}

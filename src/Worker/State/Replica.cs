using System.Security.Cryptography;
using Colony.Collective;
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
    private const string BufferPrefix = "buffer.";
    private const string OptimizerPrefix = "optimizer.";
    private const string GridName = "grid";

    private readonly Tensor[] _parameters;
    private readonly List<(string Name, Tensor Tensor)> _tensors = [];

    /// <summary>Builds the model with its initial values from the job's seed.</summary>
    /// <exception cref="ArgumentException">Options and data do not fit each other.</exception>
    public Replica(Job job, ModelInputs inputs, Device device)
    {
        if (!ModelRegistry.TryGet(job.Model.Name, out ModelEntry? model))
        {
            throw new ArgumentException($"no model is called '{job.Model.Name}'", nameof(job));
        }

        if (!ObjectiveRegistry.TryGet(job.Objective.Name, out ObjectiveEntry? objective))
        {
            throw new ArgumentException($"no objective is called '{job.Objective.Name}'", nameof(job));
        }

        torch.manual_seed(unchecked((long)job.Seed));
        Encoder = model.Create(job.Model.Options, inputs);
        Encoder.Module.to(device);
        Encoder.Module.train(true);
        Objective = objective.Create(job.Objective.Options);
        (string Name, Tensor Parameter)[] named =
            [.. Encoder.Module.named_parameters().Select(p => (p.name, (Tensor)p.parameter))];
        _parameters = [.. named.Select(p => p.Parameter)];
        Names = [.. named.Select(p => p.Name)];
        Optimizer = new Adam(named, new AdamOptions
        {
            Beta1 = job.Train.Beta1,
            Beta2 = job.Train.Beta2,
            Epsilon = job.Train.Epsilon,
            WeightDecay = job.Train.WeightDecay,
        });
        Schedule = Schedules.Create(new ScheduleOptions
        {
            LearningRate = job.Train.LearningRate,
            Decay = job.Train.DecayEveryEpochs > 0 ? "step" : "constant",
            DecayEpochs = Math.Max(1, job.Train.DecayEveryEpochs),
            Gamma = job.Train.DecayFactor,
            WarmupSteps = job.Train.WarmupSteps,
        });
        Layout = new GridLayout([.. _parameters.Select(p => p.numel())], job.Collective.Block);
        Grid = Grid.First(Layout);
        Device = device;
        _tensors.AddRange(named.Select(p => (ParameterPrefix + p.Name, p.Parameter)));
        _tensors.AddRange(Encoder.Module.named_buffers().Select(b => (BufferPrefix + b.name, b.buffer)));
        _tensors.AddRange(Optimizer.State().Select(s => (OptimizerPrefix + s.Name, s.Tensor)));
    }

    public IEncoder Encoder { get; }

    public IObjective Objective { get; }

    public IOptimizer Optimizer { get; }

    public ISchedule Schedule { get; }

    public GridLayout Layout { get; }

    public Device Device { get; }

    /// <summary>The grid of the next step.</summary>
    public Grid Grid { get; set; }

    /// <summary>The last step whose update is in here; 0 for the initial values.</summary>
    public long Step { get; set; }

    /// <summary>Parameters in the order of the layout.</summary>
    public IReadOnlyList<Tensor> Parameters => _parameters;

    /// <summary>Their names.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Digest of all of it; equal digests at a step mean equal bits.</summary>
    public ulong Digest()
    {
        ulong digest = unchecked((ulong)Step);
        foreach ((string _, Tensor tensor) in _tensors)
        {
            using Tensor host = OnHost(tensor);
            digest = StateDigest.Fold(digest, host.bytes().Span);
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
            sha.AppendData(host.bytes().Span);
        }

        return Convert.ToHexStringLower(sha.GetHashAndReset());
    }

    /// <summary>
    /// A copy of the whole state, or of the parameters and buffers alone, to be written or sent meanwhile.
    /// </summary>
    /// <param name="weightsOnly">Leave optimizer state and grid out.</param>
    /// <param name="wanted">Chooses by name; null takes all.</param>
    public StateCopy Copy(bool weightsOnly, Predicate<string>? wanted = null)
    {
        var copy = new StateCopy(Step);
        foreach ((string name, Tensor tensor) in _tensors)
        {
            bool weight = !name.StartsWith(OptimizerPrefix, StringComparison.Ordinal);
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

        using (torch.no_grad())
        {
            foreach ((string name, Tensor tensor) in _tensors)
            {
                using Tensor host = torch.empty(tensor.shape, tensor.dtype);
                state[name].Bytes.CopyTo(host.bytes());
                tensor.copy_(host);
            }
        }

        Grid = Grid.FromBytes(Layout, state[GridName].Bytes.Span);
        Step = step;
    }

    public void Dispose()
    {
        Optimizer.Dispose();
        Encoder.Dispose();
    }

    // Always a handle of its own, so that the caller can dispose it whatever the device is.
    private static Tensor OnHost(Tensor tensor)
    {
        using Tensor plain = tensor.detach();
        return plain.device.Type == DeviceType.CPU ? plain.contiguous() : plain.cpu();
    }
}

using Colony.Testing.Npy;
using Colony.Torch;

namespace Colony.Model.Tests;

/// <summary>A model set up as a golden file says, with the file's weights and inputs.</summary>
internal sealed class GoldenCase : IDisposable
{
    private readonly Dictionary<string, double[]> probes = new(StringComparer.Ordinal);

    private readonly Dictionary<string, Tensor> kept = new(StringComparer.Ordinal);
    private readonly GoldenSetup setup;

    private GoldenCase(string file, NpzFile numbers, GoldenSetup setup)
    {
        (File, Numbers, this.setup) = (file, numbers, setup);
        Tolerances = Tolerances.Of(file);
        Parameters =
        [
            .. setup.Encoder.Module.named_parameters().Select(pair => (pair.name, (Tensor)pair.parameter)),
            .. setup.Objective.Module?.named_parameters()
                .Select(pair => (setup.ObjectivePrefix + pair.name, (Tensor)pair.parameter)) ?? [],
        ];
        LoadParameters();
        LoadBuffers();
        Batch = LoadBatch();
        foreach (var probed in new object[] { setup.Encoder, setup.Objective }.OfType<IProbed>())
        {
            probed.Probe = Record;
        }
    }

    public string File { get; }

    public NpzFile Numbers { get; }

    public IEncoder Encoder => setup.Encoder;

    public IObjective Objective => setup.Objective;

    public GoldenSetup Setup => setup;

    public Tolerances Tolerances { get; }

    public IReadOnlyList<(string Name, Tensor Parameter)> Parameters { get; }

    public NamedTensors Batch { get; }

    /// <summary>Intermediate tensors of the last pass.</summary>
    public IReadOnlyDictionary<string, double[]> Probes => probes;

    /// <summary>The same, as they are in the graph, for those whose gradient the file has.</summary>
    public IReadOnlyDictionary<string, Tensor> Kept => kept;

    public string NameInFile(string name) => setup.Names.TryGetValue(name, out var other) ? other : name;

    /// <summary>The model of a file.</summary>
    public static GoldenCase Open(string file)
    {
        var numbers = GoldenFolder.Open(file);
        return Of(file, numbers, GoldenFamily.Of(file).Setup(file, numbers));
    }

    public static GoldenCase Of(string file, NpzFile numbers, GoldenSetup setup) => new(file, numbers, setup);

    /// <summary>One forward pass; the caller disposes the result.</summary>
    public NamedTensors Encode()
    {
        Forget();
        return Encoder.Encode(Batch);
    }

    /// <summary>The whole loss of what <see cref="Encode"/> gave, in the caller's scope.</summary>
    public Tensor Loss(NamedTensors encoded, long step = 0)
    {
        const long LongEpoch = 1000;
        var loss = Objective.Loss(encoded, step, LongEpoch);
        probes[$"loss/{setup.ObjectiveLoss}"] = Arrays.Doubles(loss);
        return encoded.TryGet(TensorNames.ExtraLoss, out var extra) ? loss + extra : loss;
    }

    public void Forget()
    {
        probes.Clear();
        foreach (var tensor in kept.Values)
        {
            tensor.Dispose();
        }

        kept.Clear();
    }

    public void Dispose()
    {
        Forget();
        Batch.Dispose();
        Encoder.Dispose();
        Objective.Module?.Dispose();
    }

    private void Record(string name, Tensor tensor)
    {
        probes[name] = Arrays.Doubles(tensor);
        if (tensor.requires_grad && Numbers.Contains($"grad/output/{name}"))
        {
            // The same variable under another wrapper, which outlives the scopes of the model.
            kept[name] = tensor.to_type(tensor.dtype).DetachFromDisposeScope();
        }
    }

    private void LoadParameters()
    {
        using var unrecorded = torch.no_grad();
        var missing = Parameters.Select(pair => pair.Name).Except(Numbers.Under("param/").Select(pair => pair.Name));
        Assert.Equal([], missing);
        foreach (var (name, array) in Numbers.Under("param/"))
        {
            var parameter = Parameters.Single(pair => pair.Name == name).Parameter;
            Assert.Equal(array.Shape, parameter.shape);
            using var values = Arrays.Tensor(array);
            parameter.copy_(values);
        }
    }

    private void LoadBuffers()
    {
        using var unrecorded = torch.no_grad();
        foreach (var (name, buffer) in Encoder.Module.named_buffers())
        {
            using var values = Arrays.Tensor(Numbers[$"buffer/before/{name}"]);
            buffer.copy_(values);
        }
    }

    private NamedTensors LoadBatch()
    {
        var batch = new NamedTensors();
        foreach (var (name, array) in Numbers.Under("input/"))
        {
            var tensor = Arrays.Tensor(array);
            if (Numbers.Contains($"grad/input/{name}"))
            {
                tensor.requires_grad_(true);
            }

            var own = setup.Names.FirstOrDefault(pair => pair.Value == name).Key ?? name;
            batch.Add(own, tensor);
        }

        return batch;
    }
}

using Colony.Testing.Npy;
using Colony.Torch;

namespace Colony.Model.Tests;

/// <summary>A model set up as a golden file says, with the file's weights and inputs.</summary>
internal sealed class GoldenCase : IDisposable
{
    private readonly Dictionary<string, double[]> probes = new(StringComparer.Ordinal);

    private GoldenCase(
        string file, NpzFile numbers, IEncoder encoder, IObjective objective, AdamOptions adam,
        IReadOnlyDictionary<string, string> names)
    {
        (File, Numbers, Encoder, Objective, Adam, Names) = (file, numbers, encoder, objective, adam, names);
        Tolerances = Tolerances.Of(file);
        Parameters = [.. encoder.Module.named_parameters().Select(pair => (pair.name, (Tensor)pair.parameter))];
        LoadParameters();
        Batch = LoadBatch();
    }

    public string File { get; }

    public NpzFile Numbers { get; }

    public IEncoder Encoder { get; }

    public IObjective Objective { get; }

    public AdamOptions Adam { get; }

    /// <summary>Names in the file that differ from Colony's, by Colony's name.</summary>
    public IReadOnlyDictionary<string, string> Names { get; }

    public Tolerances Tolerances { get; }

    public IReadOnlyList<(string Name, Tensor Parameter)> Parameters { get; }

    public NamedTensors Batch { get; }

    /// <summary>Intermediate tensors of the last forward pass.</summary>
    public IReadOnlyDictionary<string, double[]> Probes => probes;

    public string NameInFile(string name) => Names.TryGetValue(name, out var other) ? other : name;

    public static GoldenCase Tern(string file)
    {
        var numbers = GoldenFolder.Open(file);
        var settings = new TernSettings(numbers);
        var encoder = new TernEncoder(settings.Model, settings.Inputs);
        var golden = new GoldenCase(
            file, numbers, encoder, new BidirectionalHinge(settings.Objective), new AdamOptions(),
            new Dictionary<string, string>(StringComparer.Ordinal));
        encoder.Probe = golden.Record;
        return golden;
    }

    public static GoldenCase Kaylode(string file)
    {
        var numbers = GoldenFolder.Open(file);
        var settings = new KaylodeSettings(file, numbers);
        var encoder = new KaylodeTernEncoder(settings.Model, settings.Inputs);
        var golden = new GoldenCase(
            file, numbers, encoder, settings.Objective, settings.Optimizer, KaylodeSettings.Names);
        encoder.Probe = golden.Record;
        return golden;
    }

    /// <summary>One forward pass; the caller disposes the result.</summary>
    public NamedTensors Encode()
    {
        probes.Clear();
        return Encoder.Encode(Batch);
    }

    public void Dispose()
    {
        Batch.Dispose();
        Encoder.Dispose();
    }

    private void Record(string name, Tensor tensor) => probes[name] = Arrays.Doubles(tensor);

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

    private NamedTensors LoadBatch()
    {
        var batch = new NamedTensors();
        foreach (var (name, array) in Numbers.Under("input/"))
        {
            var tensor = Arrays.Tensor(array);
            if (array.ElementType == typeof(float))
            {
                tensor.requires_grad_(true);
            }

            var own = Names.FirstOrDefault(pair => pair.Value == name).Key ?? name;
            batch.Add(own, tensor);
        }

        return batch;
    }
}

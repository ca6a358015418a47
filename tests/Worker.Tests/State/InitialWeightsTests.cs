using System.Runtime.InteropServices;
using Colony.Model;
using Colony.Storage;
using Colony.Testing;
using Colony.Torch;

namespace Colony.Worker.Tests;

/// <summary>A file of weights to begin with goes into the model, and into the objective where that has its part; what
/// is there for others alone is passed over.</summary>
public sealed class InitialWeightsTests : IDisposable
{
    private const string Prototypes = "region_loss.v_prototypes.weight";
    private const string ForOthers = "txt_enc.unread.bias";

    private readonly TemporaryFolder _folder = new();
    private readonly IObjective _objective = Objective(
        "selfalign", new SelfAlignOptions { EmbedSize = 8, Prototypes = 5, Negatives = 9 });

    private readonly Module _model = new();
    private readonly long _before;

    public InitialWeightsTests() => _before = TensorCounters.Live;

    public void Dispose()
    {
        Assert.Equal(_before, TensorCounters.Live);
        _objective.Module!.Dispose();
        _model.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task What_the_objective_learns_comes_from_the_file()
    {
        string path = await FileAsync(Half("fc.weight", 2), Half(Prototypes, 5, 8));
        InitialWeights.Load(path, _model, _objective);
        Assert.All(Values(_model), value => Assert.Equal(0.5f, value));
        Assert.All(Values(_objective.Module!), value => Assert.Equal(0.5f, value));
    }

    [Fact]
    public async Task A_file_may_be_without_it()
    {
        float[] before = Values(_objective.Module!);
        InitialWeights.Load(await FileAsync(Half("fc.weight", 2)), _model, _objective);
        Assert.All(Values(_model), value => Assert.Equal(0.5f, value));
        Assert.Equal(before, Values(_objective.Module!));
    }

    [Fact]
    public async Task What_is_for_others_is_passed_over_where_the_file_says_so()
    {
        TensorData[] tensors = [Half("fc.weight", 2), Half(ForOthers, 3)];
        InitialWeights.Load(await FileAsync(tensors), _model, _objective);
        string unsaid = await FileAsync(tensors, said: string.Empty);
        StorageException error = Assert.Throws<StorageException>(
            () => InitialWeights.Load(unsaid, _model, _objective));
        Assert.Contains($"'{ForOthers}' is surplus", error.Message, StringComparison.Ordinal);

        // To say so of a weight that the model needs does not make it needless.
        string needed = await FileAsync(tensors, said: $"fc.weight\n{ForOthers}");
        error = Assert.Throws<StorageException>(() => InitialWeights.Load(needed, _model, _objective));
        Assert.Contains("'fc.weight' is missing", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_objective_is_not_given_what_it_has_not()
    {
        string path = await FileAsync(Half("fc.weight", 2), Half(Prototypes, 5, 8));
        IObjective hinge = Objective("hinge", new HingeOptions());
        StorageException error = Assert.Throws<StorageException>(() => InitialWeights.Load(path, _model, hinge));
        Assert.Contains($"'{Prototypes}' is surplus", error.Message, StringComparison.Ordinal);
        Assert.Contains("import the weights with this job file", error.Message, StringComparison.Ordinal);
    }

    private static IObjective Objective(string name, object options)
    {
        Assert.True(ObjectiveRegistry.TryGet(name, out ObjectiveEntry? entry));
        return entry.Create(options);
    }

    private static float[] Values(torch.nn.Module module)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        return [.. module.parameters().SelectMany(parameter => parameter.detach().data<float>().ToArray())];
    }

    private static TensorData Half(string name, params long[] shape)
    {
        float[] values = new float[shape.Aggregate(1L, (all, size) => all * size)];
        Array.Fill(values, 0.5f);
        return new TensorData(
            name, SafetensorsType.F32, shape, MemoryMarshal.AsBytes(values.AsSpan()).ToArray());
    }

    private Task<string> FileAsync(params TensorData[] tensors) => FileAsync(tensors, ForOthers);

    private async Task<string> FileAsync(TensorData[] tensors, string said)
    {
        string path = _folder[$"{Guid.NewGuid()}.safetensors"];
        await using FileStream stream = File.Create(path);
        await SafetensorsWriter.WriteAsync(
            stream, tensors, new Dictionary<string, string> { [ImportedWeights.RestKey] = said }, TensorOrder.Sorted,
            TestContext.Current.CancellationToken);
        return path;
    }

    private sealed class Module : torch.nn.Module
    {
        public Module() => register_module("fc", new Layer());
    }

    private sealed class Layer : torch.nn.Module
    {
        public Layer() => register_parameter("weight", new Parameter(torch.zeros([2])));
    }
}

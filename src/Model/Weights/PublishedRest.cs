using Colony.Torch;

namespace Colony.Model;

/// <summary>
/// What the state that a work published has beside the weights of its model here: layers that nothing reads, with the
/// initial values of the published code, and second names. Every model says for itself what it leaves out
/// (<see cref="ModelEntry.Rest"/>).
/// </summary>
public sealed class PublishedRest : IDisposable
{
    private const long Seed = 0;

    private readonly Dictionary<string, IReadOnlyList<long>> own;
    private readonly List<torch.nn.Module> modules = [];
    private readonly List<(string Name, Tensor Values)> layers = [];
    private readonly List<WeightPair> secondNames = [];

    private PublishedRest(IReadOnlyList<WeightShape> own) =>
        this.own = own.ToDictionary(weight => weight.Name, weight => weight.Shape, StringComparer.Ordinal);

    /// <summary>Weights of layers that nothing reads.</summary>
    public IReadOnlyList<(string Name, Tensor Values)> Layers => layers;

    /// <summary>Second names of weights that the model has, <see cref="WeightPair.Foreign"/> the second.</summary>
    public IReadOnlyList<WeightPair> SecondNames => secondNames;

    /// <summary>All names.</summary>
    public IReadOnlyList<string> Names =>
        [.. layers.Select(layer => layer.Name), .. secondNames.Select(pair => pair.Foreign)];

    /// <summary>The rest of a model. Sets the seed of torch's generator, so that it is the same every time.</summary>
    /// <param name="model">The model.</param>
    /// <param name="options">Its options.</param>
    /// <param name="own">The weights that it has; those of them that could be the rest are not.</param>
    public static PublishedRest Of(ModelEntry model, object options, IReadOnlyList<WeightShape> own)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(own);
        torch.manual_seed(Seed);
        var rest = new PublishedRest(own);
        model.Rest?.Invoke(options, rest);
        return rest;
    }

    /// <inheritdoc/>
    public void Dispose() => modules.ForEach(module => module.Dispose());

    /// <summary>The width of what a layer reads: the columns of the first of these weights that the model
    /// has.</summary>
    internal long InputOf(params ReadOnlySpan<string> names)
    {
        foreach (var name in names)
        {
            if (own.TryGetValue(name, out var shape))
            {
                return shape[1];
            }
        }

        throw new ArgumentException($"the weights have no '{string.Join("' and no '", names)}'", nameof(names));
    }

    /// <summary>Adds a layer of the published state, unless the model has it.</summary>
    internal void Layer(string name, Func<torch.nn.Module> make)
    {
        if (own.Keys.Any(key => key.StartsWith($"{name}.", StringComparison.Ordinal)))
        {
            return;
        }

        var module = make();
        modules.Add(module);
        layers.AddRange(module.state_dict().Select(weight => ($"{name}.{weight.name}", weight.tensor)));
    }

    /// <summary>Adds a name that the published state has for a weight beside its first.</summary>
    internal void SecondName(string name, string first) => secondNames.Add(new WeightPair(first, name));
}

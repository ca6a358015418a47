using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>Region features to embeddings, as VSE-infinity and HREM do it: a linear layer (<c>fc</c>) plus a perceptron
/// with BatchNorm (<c>mlp</c>), each region for itself. The statistics count padded regions too.</summary>
internal sealed class RegionEmbedding : torch.nn.Module
{
    private readonly Linear direct;
    private readonly Linear first;
    private readonly Linear second;
    private readonly BatchNorm1d norm;

    /// <param name="featureDim">Width of a region feature.</param>
    /// <param name="embedSize">Width of the result; the hidden layer has half of it.</param>
    /// <param name="xavier">Whether the perceptron starts as the linear layer does, or with PyTorch's values.</param>
    /// <param name="unused">Keeps what <see cref="Rest"/> adds otherwise.</param>
    public RegionEmbedding(long featureDim, long embedSize, bool xavier, bool unused)
    {
        direct = Initial.Xavier(torch.nn.Linear(featureDim, embedSize));
        first = torch.nn.Linear(featureDim, embedSize / 2);
        second = torch.nn.Linear(embedSize / 2, embedSize);
        norm = torch.nn.BatchNorm1d(embedSize / 2);
        if (xavier)
        {
            Initial.Xavier(first);
            Initial.Xavier(second);
        }

        var norms = new Group(("0", norm));
        if (unused)
        {
            norms.register_module("1", torch.nn.BatchNorm1d(embedSize));
        }

        register_module("fc", direct);
        register_module("mlp", new Group(("layers", new Group(("0", first), ("1", second))), ("bns", norms)));
    }

    /// <summary>The BatchNorm that the published state has and never uses.</summary>
    /// <param name="rest">Takes it.</param>
    /// <param name="name">The region embedding's name in the model.</param>
    /// <param name="embedSize">Width of the result.</param>
    public static void Rest(PublishedRest rest, string name, long embedSize) =>
        rest.Layer($"{name}.mlp.bns.1", () => torch.nn.BatchNorm1d(embedSize));

    /// <param name="features">[b, R, D].</param>
    /// <returns>[b, R, E].</returns>
    public Tensor forward(Tensor features)
    {
        using var scope = torch.NewDisposeScope();
        var (batch, regions) = (features.shape[0], features.shape[1]);
        var rows = features.reshape(batch * regions, features.shape[2]);
        var hidden = torch.nn.functional.relu(norm.forward(first.forward(rows)));
        return scope.MoveToOuter((direct.forward(rows) + second.forward(hidden)).view(batch, regions, -1));
    }
}

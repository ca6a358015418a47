using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>One layer of VSRN's region graph (models.md 4A): every region takes in the others by an affinity that is
/// divided by their number, without softmax; through a convolution and a BatchNorm that starts at zero.</summary>
internal sealed class RegionReasoning : torch.nn.Module
{
    private readonly Conv1d values;
    private readonly Conv1d queries;
    private readonly Conv1d keys;
    private readonly Conv1d mix;
    private readonly BatchNorm1d norm;

    public RegionReasoning(long width)
    {
        values = torch.nn.Conv1d(width, width, 1);
        mix = torch.nn.Conv1d(width, width, 1);
        norm = torch.nn.BatchNorm1d(width);
        queries = torch.nn.Conv1d(width, width, 1);
        keys = torch.nn.Conv1d(width, width, 1);
        torch.nn.init.zeros_(norm.weight);
        register_module("g", values);
        register_module("W", new Group(("0", mix), ("1", norm)));
        register_module("theta", queries);
        register_module("phi", keys);
    }

    /// <param name="regions">[b, width, R].</param>
    public Tensor forward(Tensor regions)
    {
        using var scope = torch.NewDisposeScope();
        var affinity = torch.matmul(queries.forward(regions).transpose(1, 2), keys.forward(regions));
        var mixed = torch.matmul(affinity / regions.shape[2], values.forward(regions).transpose(1, 2));
        var change = norm.forward(mix.forward(mixed.transpose(1, 2).contiguous()));
        return scope.MoveToOuter(change + regions);
    }
}

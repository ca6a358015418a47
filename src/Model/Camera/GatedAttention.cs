using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>CAMERA's adaptive gating self-attention (models.md 5A): queries and keys are gated by what both say
/// together; no mask, no output projection; BatchNorm and a residual.</summary>
internal sealed class GatedAttention : torch.nn.Module
{
    private readonly long heads;
    private readonly long headWidth;
    private readonly Linear[] projections;
    private readonly Linear gateQuery;
    private readonly Linear gateKey;
    private readonly Linear gate;
    private readonly BatchNorm1d norm;

    public GatedAttention(long width, long heads)
    {
        if (width % heads != 0)
        {
            throw new ArgumentException($"{heads} heads do not divide the width {width}.", nameof(heads));
        }

        this.heads = heads;
        headWidth = width / heads;
        projections = [.. Enumerable.Range(0, 3).Select(_ => torch.nn.Linear(width, width))];
        Initial.Copy(projections[0], projections[1]); // as published: three copies of one
        Initial.Copy(projections[0], projections[2]);
        gateQuery = torch.nn.Linear(headWidth, headWidth);
        gateKey = torch.nn.Linear(headWidth, headWidth);
        gate = torch.nn.Linear(headWidth, 2 * headWidth);
        norm = torch.nn.BatchNorm1d(width);
        register_module("bns", new Group(("0", norm)));
        register_module("att_layers", new Group(("0", new Group(
            ("linears", new Group(("0", projections[0]), ("1", projections[1]), ("2", projections[2]))),
            ("fc_q", gateQuery), ("fc_k", gateKey), ("fc_g", gate)))));
    }

    /// <param name="rows">[b, N, width].</param>
    /// <param name="place">Gates the rows that attend, [b, N, width], not those that are added to; null: no
    /// gate.</param>
    public Tensor forward(Tensor rows, Tensor? place)
    {
        using var scope = torch.NewDisposeScope();
        var (batch, count, width) = (rows.shape[0], rows.shape[1], rows.shape[2]);
        var seen = place is null ? rows : rows * place;
        var parts = Array.ConvertAll(
            projections, layer => layer.forward(seen).view(batch, count, heads, headWidth).transpose(1, 2));
        var gates = gate.forward(gateQuery.forward(parts[0]) * gateKey.forward(parts[1])).sigmoid().chunk(2, -1);
        var (queries, keys) = (parts[0] * gates[0], parts[1] * gates[1]);
        var weights = torch.nn.functional.softmax(
            torch.matmul(queries, keys.transpose(-2, -1)) / Math.Sqrt(headWidth), -1);
        var mixed = torch.matmul(weights, parts[2]).transpose(1, 2).reshape(batch * count, width);
        return scope.MoveToOuter(rows + norm.forward(mixed).view(batch, count, width));
    }
}

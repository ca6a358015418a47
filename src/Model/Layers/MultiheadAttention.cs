using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>nn.MultiheadAttention for self-attention, with its parameter names and initial values.</summary>
internal sealed class MultiheadAttention : torch.nn.Module
{
    private readonly long heads;
    private readonly Parameter inWeight;
    private readonly Parameter inBias;
    private readonly Linear output;
    private readonly Dropout dropout;
    private readonly RelativeParameters? tables;

    /// <param name="width">Width of a position.</param>
    /// <param name="heads">Heads; must divide the width.</param>
    /// <param name="dropout">Dropout of the attention weights.</param>
    /// <param name="relativeEntries">Entries of tables for relative positions; 0: no such tables.</param>
    public MultiheadAttention(long width, long heads, double dropout, int relativeEntries = 0)
    {
        if (width % heads != 0)
        {
            throw new ArgumentException($"{heads} heads do not divide the width {width}.", nameof(heads));
        }

        this.heads = heads;
        this.dropout = register_module("dropout", torch.nn.Dropout(dropout));
        output = torch.nn.Linear(width, width);
        inWeight = new Parameter(torch.empty([3 * width, width]));
        inBias = new Parameter(torch.zeros([3 * width]));
        torch.nn.init.xavier_uniform_(inWeight);
        torch.nn.init.zeros_(output.bias!);
        register_parameter("in_proj_weight", inWeight);
        register_parameter("in_proj_bias", inBias);
        register_module("out_proj", output);
        if (relativeEntries > 0)
        {
            tables = new RelativeParameters(this, relativeEntries, width / heads);
        }
    }

    /// <param name="x">[S, b, width].</param>
    /// <param name="mask">Padding among the S positions.</param>
    /// <param name="bias">Added to the attention scores, [S, S].</param>
    /// <param name="relative">Which entry of the tables each pair of positions has, where there are tables.</param>
    public Tensor forward(Tensor x, PaddingMask? mask, Tensor? bias = null, Tensor? relative = null)
    {
        using var scope = torch.NewDisposeScope();
        var weights = inWeight.chunk(3, 0);
        var biases = inBias.chunk(3, 0);
        var parts = new Tensor[3];
        for (var i = 0; i < parts.Length; i++)
        {
            parts[i] = torch.nn.functional.linear(x, weights[i], biases[i]);
        }

        return scope.MoveToOuter(output.forward(Attention.Attend(
            parts[0], parts[1], parts[2], heads, mask, dropout, bias, tables?.At(relative!))));
    }
}

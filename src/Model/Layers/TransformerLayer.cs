using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>nn.TransformerEncoderLayer with its defaults: post-norm, ReLU (models.md 0.6).</summary>
internal sealed class TransformerLayer : torch.nn.Module
{
    private readonly MultiheadAttention attention;
    private readonly Linear linear1;
    private readonly Linear linear2;
    private readonly LayerNorm norm1;
    private readonly LayerNorm norm2;
    private readonly Dropout dropout;

    public TransformerLayer(long width, long heads, long feedforward, double dropout, int relativeEntries = 0)
    {
        attention = new MultiheadAttention(width, heads, dropout, relativeEntries);
        linear1 = torch.nn.Linear(width, feedforward);
        linear2 = torch.nn.Linear(feedforward, width);
        norm1 = torch.nn.LayerNorm(width);
        norm2 = torch.nn.LayerNorm(width);
        this.dropout = register_module("dropout", torch.nn.Dropout(dropout));
        register_module("self_attn", attention);
        register_module("linear1", linear1);
        register_module("linear2", linear2);
        register_module("norm1", norm1);
        register_module("norm2", norm2);
    }

    /// <param name="x">[S, b, width].</param>
    /// <param name="mask">Padding among the S positions.</param>
    /// <param name="bias">Added to the attention scores, [S, S].</param>
    /// <param name="relative">Which relative position each pair has, where the layer has tables of them.</param>
    public Tensor forward(Tensor x, PaddingMask? mask, Tensor? bias = null, Tensor? relative = null)
    {
        using var scope = torch.NewDisposeScope();
        var y = norm1.forward(x + dropout.forward(attention.forward(x, mask, bias, relative)));
        var hidden = dropout.forward(torch.nn.functional.relu(linear1.forward(y)));
        return scope.MoveToOuter(norm2.forward(y + dropout.forward(linear2.forward(hidden))));
    }
}

/// <summary>nn.TransformerEncoder without a final norm: the layers are copies of one, so all start alike.</summary>
internal sealed class TransformerEncoder : torch.nn.Module
{
    private readonly List<TransformerLayer> stack = [];

    /// <param name="width">Width of a position.</param>
    /// <param name="heads">Heads of every layer.</param>
    /// <param name="feedforward">Hidden width of every layer.</param>
    /// <param name="dropout">Dropout.</param>
    /// <param name="layers">Layers.</param>
    /// <param name="relativeEntries">Entries of each layer's tables for relative positions; 0: no such tables.</param>
    public TransformerEncoder(
        long width, long heads, long feedforward, double dropout, int layers, int relativeEntries = 0)
    {
        var list = new Group();
        for (var i = 0; i < layers; i++)
        {
            stack.Add(new TransformerLayer(width, heads, feedforward, dropout, relativeEntries));
            Initial.Copy(stack[0], stack[i]);
            list.register_module($"{i}", stack[i]);
        }

        register_module("layers", list);
    }

    /// <param name="x">[S, b, width].</param>
    /// <param name="mask">Padding among the S positions.</param>
    /// <param name="bias">Added to the attention scores, [S, S].</param>
    /// <param name="relative">Which relative position each pair has, where the layer has tables of them.</param>
    public Tensor forward(Tensor x, PaddingMask? mask, Tensor? bias = null, Tensor? relative = null)
    {
        using var scope = torch.NewDisposeScope();
        foreach (var layer in stack)
        {
            var next = layer.forward(x, mask, bias, relative);
            x = next;
        }

        return stack.Count == 0 ? x : scope.MoveToOuter(x);
    }
}

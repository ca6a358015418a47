using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>One layer of BERT: post-norm; exact GELU unless the shape says otherwise.</summary>
internal sealed class BertLayer : torch.nn.Module
{
    private readonly long heads;
    private readonly bool relu;
    private readonly Linear query;
    private readonly Linear key;
    private readonly Linear value;
    private readonly Linear mix;
    private readonly LayerNorm mixNorm;
    private readonly Linear wide;
    private readonly Linear narrow;
    private readonly LayerNorm outputNorm;
    private readonly Dropout dropout;
    private readonly Dropout attentionDropout;

    public BertLayer(BertShape shape, double dropout)
    {
        var width = shape.Width;
        if (width % shape.Heads != 0)
        {
            throw new ArgumentException($"{shape.Heads} heads do not divide BERT's width {width}.", nameof(shape));
        }

        (heads, relu) = (shape.Heads, shape.Relu);
        this.dropout = register_module("dropout", torch.nn.Dropout(dropout));
        attentionDropout = register_module(
            "attention_dropout", torch.nn.Dropout(shape.AttentionDropout ?? dropout));
        query = torch.nn.Linear(width, width);
        key = torch.nn.Linear(width, width);
        value = torch.nn.Linear(width, width);
        mix = torch.nn.Linear(width, width);
        mixNorm = torch.nn.LayerNorm(width, shape.Epsilon);
        wide = torch.nn.Linear(width, shape.Intermediate);
        narrow = torch.nn.Linear(shape.Intermediate, width);
        outputNorm = torch.nn.LayerNorm(width, shape.Epsilon);
        register_module("attention", new Group(
            ("self", new Group(("query", query), ("key", key), ("value", value))),
            ("output", new Group(("dense", mix), ("LayerNorm", mixNorm)))));
        register_module("intermediate", new Group(("dense", wide)));
        register_module("output", new Group(("dense", narrow), ("LayerNorm", outputNorm)));
    }

    /// <param name="x">[T, b, width].</param>
    /// <param name="mask">Padding among the T positions.</param>
    public Tensor forward(Tensor x, PaddingMask mask)
    {
        using var scope = torch.NewDisposeScope();
        var seen = Attention.Attend(query.forward(x), key.forward(x), value.forward(x), heads, mask,
            attentionDropout);
        var y = mixNorm.forward(x + dropout.forward(mix.forward(seen)));
        var raised = wide.forward(y);
        var hidden = relu ? torch.nn.functional.relu(raised) : torch.nn.functional.gelu(raised);
        return scope.MoveToOuter(outputNorm.forward(y + dropout.forward(narrow.forward(hidden))));
    }
}

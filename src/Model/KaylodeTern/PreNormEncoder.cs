using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>kaylode's transformer: pre-norm, exact GELU, no mask, a final norm; no layer at all is the identity. With
/// relative positions in the first layer only (models.md 2.2) that layer has its own name, and there is no final norm
/// where it is the only one.</summary>
internal sealed class PreNormEncoder : torch.nn.Module
{
    private readonly List<Layer> stack = [];
    private readonly Layer? first;
    private readonly DeviationNorm? norm;

    /// <param name="options">Widths, dropout, and which layers have relative positions.</param>
    /// <param name="layers">Layers, all told.</param>
    /// <param name="relativeEntries">Entries of tables for relative positions; 0: no such tables.</param>
    public PreNormEncoder(KaylodeTernOptions options, int layers, int relativeEntries = 0)
    {
        if (layers > 0 && relativeEntries > 0 && options.RelativeLayers == "first")
        {
            first = new Layer(options, relativeEntries);
            register_module("rel_layer", first);
            (layers, relativeEntries) = (layers - 1, 0);
        }

        if (layers == 0)
        {
            return;
        }

        var list = new Group();
        for (var i = 0; i < layers; i++)
        {
            stack.Add(new Layer(options, relativeEntries));
            Initial.Copy(stack[0], stack[i]); // matrices are drawn anew; biases stay alike
            list.register_module($"{i}", stack[i]);
        }

        norm = new DeviationNorm(options.ModelDim);
        register_module("layers", list);
        register_module("norm", norm);
    }

    /// <param name="x">[S, b, d].</param>
    /// <param name="relative">Which relative position each pair has, where there are tables of them; [1, S, S] or
    /// [b, S, S].</param>
    public Tensor forward(Tensor x, Tensor? relative = null)
    {
        if (first is null && norm is null)
        {
            return x;
        }

        using var scope = torch.NewDisposeScope();
        x = first is null ? x : first.forward(x, relative);
        foreach (var layer in stack)
        {
            x = layer.forward(x, relative);
        }

        return scope.MoveToOuter(norm is null ? x : norm.forward(x));
    }

    private sealed class Layer : torch.nn.Module
    {
        private readonly DeviationNorm norm1;
        private readonly DeviationNorm norm2;
        private readonly SeparateAttention attention;
        private readonly Linear wide;
        private readonly Linear narrow;
        private readonly Dropout dropout;

        public Layer(KaylodeTernOptions options, int relativeEntries)
        {
            norm1 = new DeviationNorm(options.ModelDim);
            norm2 = new DeviationNorm(options.ModelDim);
            attention = new SeparateAttention(options, relativeEntries);
            wide = torch.nn.Linear(options.ModelDim, options.Feedforward);
            narrow = torch.nn.Linear(options.Feedforward, options.ModelDim);
            dropout = register_module("dropout", torch.nn.Dropout(options.Dropout));
            register_module("norm_1", norm1);
            register_module("norm_2", norm2);
            register_module("attn", attention);
            var feedforward = new Group();
            feedforward.register_module("w_1", wide);
            feedforward.register_module("w_2", narrow);
            register_module("ff", feedforward);
        }

        public Tensor forward(Tensor x, Tensor? relative)
        {
            using var scope = torch.NewDisposeScope();
            var y = x + dropout.forward(attention.forward(norm1.forward(x), relative));
            var hidden = dropout.forward(torch.nn.functional.gelu(wide.forward(norm2.forward(y))));
            return scope.MoveToOuter(y + dropout.forward(narrow.forward(hidden)));
        }
    }

    private sealed class SeparateAttention : torch.nn.Module
    {
        private readonly long heads;
        private readonly Linear query;
        private readonly Linear value;
        private readonly Linear key;
        private readonly Linear mix;
        private readonly Dropout dropout;
        private readonly RelativeParameters? tables;

        public SeparateAttention(KaylodeTernOptions options, int relativeEntries)
        {
            var width = options.ModelDim;
            if (width % options.Heads != 0)
            {
                throw new ArgumentException(
                    $"{options.Heads} heads do not divide model_dim {width}.", nameof(options));
            }

            heads = options.Heads;
            query = torch.nn.Linear(width, width);
            value = torch.nn.Linear(width, width);
            key = torch.nn.Linear(width, width);
            mix = torch.nn.Linear(width, width);
            dropout = register_module("dropout", torch.nn.Dropout(options.Dropout));
            register_module("q_linear", query);
            register_module("v_linear", value);
            register_module("k_linear", key);
            register_module("out", mix);
            if (relativeEntries > 0)
            {
                tables = new RelativeParameters(this, relativeEntries, width / heads);
            }
        }

        public Tensor forward(Tensor x, Tensor? relative)
        {
            using var scope = torch.NewDisposeScope();
            var seen = Attention.Attend(
                query.forward(x), key.forward(x), value.forward(x), heads, null, dropout, null, tables?.At(relative!));
            return scope.MoveToOuter(mix.forward(seen));
        }
    }
}

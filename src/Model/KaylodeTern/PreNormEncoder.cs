using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>kaylode's transformer: pre-norm, exact GELU, no mask, a final norm; no layer at all is the
/// identity.</summary>
internal sealed class PreNormEncoder : torch.nn.Module
{
    private readonly List<Layer> stack = [];
    private readonly DeviationNorm? norm;

    public PreNormEncoder(KaylodeTernOptions options, int layers)
    {
        if (layers == 0)
        {
            return;
        }

        var list = new Group();
        for (var i = 0; i < layers; i++)
        {
            stack.Add(new Layer(options));
            Initial.Copy(stack[0], stack[i]); // matrices are drawn anew; biases stay alike
            list.register_module($"{i}", stack[i]);
        }

        norm = new DeviationNorm(options.ModelDim);
        register_module("layers", list);
        register_module("norm", norm);
    }

    /// <param name="x">[S, b, d].</param>
    public Tensor forward(Tensor x)
    {
        using var scope = torch.NewDisposeScope();
        foreach (var layer in stack)
        {
            x = layer.forward(x);
        }

        return norm is null ? x : scope.MoveToOuter(norm.forward(x));
    }

    private sealed class Layer : torch.nn.Module
    {
        private readonly DeviationNorm norm1;
        private readonly DeviationNorm norm2;
        private readonly SeparateAttention attention;
        private readonly Linear wide;
        private readonly Linear narrow;
        private readonly Dropout dropout;

        public Layer(KaylodeTernOptions options)
        {
            norm1 = new DeviationNorm(options.ModelDim);
            norm2 = new DeviationNorm(options.ModelDim);
            attention = new SeparateAttention(options);
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

        public Tensor forward(Tensor x)
        {
            using var scope = torch.NewDisposeScope();
            var y = x + dropout.forward(attention.forward(norm1.forward(x)));
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

        public SeparateAttention(KaylodeTernOptions options)
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
        }

        public Tensor forward(Tensor x)
        {
            using var scope = torch.NewDisposeScope();
            var seen = Attention.Attend(query.forward(x), key.forward(x), value.forward(x), heads, null, dropout);
            return scope.MoveToOuter(mix.forward(seen));
        }
    }
}

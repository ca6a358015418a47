using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>Sizes of a BERT, and what else its values depend on.</summary>
internal sealed record BertShape(
    int Vocabulary, long Width, int Layers, int Heads, int Intermediate, int Positions)
{
    /// <summary>Token types.</summary>
    public int Types { get; init; } = 2;

    /// <summary>Added to the variance in every LayerNorm.</summary>
    public double Epsilon { get; init; } = 1e-12;

    /// <summary>Whether the feed-forward layers have ReLU instead of the exact GELU.</summary>
    public bool Relu { get; init; }

    /// <summary>Dropout of the attention weights; null: that of the hidden states.</summary>
    public double? AttentionDropout { get; init; }
}

/// <summary>BERT (Devlin et al. 2019), under the names of Hugging Face's BertModel (models.md 0.7).</summary>
internal sealed class BertModel : torch.nn.Module, IProbed
{
    private const double Deviation = 0.02;
    private const int Padding = 0;

    private readonly int positionLimit;
    private readonly Embedding words;
    private readonly Embedding positions;
    private readonly Embedding types;
    private readonly LayerNorm norm;
    private readonly Dropout dropout;
    private readonly List<BertLayer> stack = [];
    private readonly Linear? pooling;

    /// <param name="shape">Sizes.</param>
    /// <param name="dropout">Dropout of hidden states, and of attention where the shape names no other.</param>
    /// <param name="pooler">Keeps the pooler, which no model here uses.</param>
    public BertModel(BertShape shape, double dropout, bool pooler)
    {
        positionLimit = shape.Positions;
        words = torch.nn.Embedding(shape.Vocabulary, shape.Width, Padding);
        positions = torch.nn.Embedding(shape.Positions, shape.Width);
        types = torch.nn.Embedding(shape.Types, shape.Width);
        norm = torch.nn.LayerNorm(shape.Width, shape.Epsilon);
        this.dropout = register_module("dropout", torch.nn.Dropout(dropout));
        var embeddings = new Group();
        embeddings.register_module("word_embeddings", words);
        embeddings.register_module("position_embeddings", positions);
        embeddings.register_module("token_type_embeddings", types);
        embeddings.register_module("LayerNorm", norm);
        register_module("embeddings", embeddings);
        var layers = new Group();
        for (var i = 0; i < shape.Layers; i++)
        {
            stack.Add(new BertLayer(shape, dropout));
            layers.register_module($"{i}", stack[i]);
        }

        var encoder = new Group();
        encoder.register_module("layer", layers);
        register_module("encoder", encoder);
        if (pooler)
        {
            pooling = torch.nn.Linear(shape.Width, shape.Width);
            register_module("pooler", new Group(("dense", pooling)));
        }

        Draw(this);
        using var unrecorded = torch.no_grad();
        using var padding = words.weight.select(0, Padding);
        padding.zero_();
    }

    public Action<string, Tensor>? Probe { get; set; }

    /// <summary>What the published state of a BERT has and no model here reads: the pooler.</summary>
    /// <param name="rest">Takes it.</param>
    /// <param name="name">The BERT's name in the model.</param>
    /// <param name="width">Width of a hidden state.</param>
    public static void Rest(PublishedRest rest, string name, long width) => rest.Layer(
        $"{name}.pooler",
        () =>
        {
            var pooler = new Group(("dense", torch.nn.Linear(width, width)));
            Draw(pooler);
            return pooler;
        });

    /// <param name="ids">[b, T] word piece ids; [PAD], 0, has no gradient.</param>
    /// <param name="mask">Padding among the T positions.</param>
    /// <param name="kinds">[b, T] token types; null: all are 0.</param>
    /// <returns>The hidden states of the last layer, [T, b, width].</returns>
    /// <exception cref="ArgumentException">A caption is longer than the positions.</exception>
    public Tensor forward(Tensor ids, PaddingMask mask, Tensor? kinds = null)
    {
        using var scope = torch.NewDisposeScope();
        var length = ids.shape[1];
        if (length > positionLimit)
        {
            throw new ArgumentException(
                $"A caption has {length} word pieces and the BERT {positionLimit} positions.", nameof(ids));
        }

        var places = positions.weight.narrow(0, 0, length).unsqueeze(1)
            + (kinds is null ? types.weight.select(0, 0) : types.forward(kinds.transpose(0, 1).contiguous()));
        var x = norm.forward(words.forward(ids.transpose(0, 1).contiguous()) + places);
        Probe?.Invoke("hidden_0", x);
        x = dropout.forward(x);
        for (var i = 0; i < stack.Count; i++)
        {
            x = stack[i].forward(x, mask);
            Probe?.Invoke($"hidden_{i + 1}", x);
        }

        return scope.MoveToOuter(x);
    }

    /// <summary>The pooler: the first position of the last layer, projected and squashed, [b, width].</summary>
    /// <param name="hidden">What <see cref="forward"/> gave.</param>
    /// <exception cref="InvalidOperationException">The pooler was not kept.</exception>
    public Tensor Pool(Tensor hidden)
    {
        using var scope = torch.NewDisposeScope();
        var head = pooling ?? throw new InvalidOperationException("This BERT has no pooler.");
        return scope.MoveToOuter(head.forward(hidden.select(0, 0)).tanh());
    }

    /// <summary>BERT's initial values: normal with deviation 0.02, biases 0, norms 1 and 0.</summary>
    private static void Draw(torch.nn.Module module)
    {
        using var unrecorded = torch.no_grad();
        foreach (var (name, parameter) in module.named_parameters())
        {
            if (name.EndsWith("bias", StringComparison.Ordinal))
            {
                parameter.zero_();
            }
            else if (!name.Contains("LayerNorm", StringComparison.Ordinal))
            {
                parameter.normal_(0, Deviation);
            }
        }
    }
}

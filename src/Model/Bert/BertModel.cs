using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>Sizes of a BERT.</summary>
internal sealed record BertShape(
    int Vocabulary, long Width, int Layers, int Heads, int Intermediate, int Positions);

/// <summary>BERT (Devlin et al. 2019) up to the hidden states of its last layer, under the names of Hugging Face's
/// BertModel (models.md 0.7). The token type is always 0.</summary>
internal sealed class BertModel : torch.nn.Module
{
    private const double Deviation = 0.02;
    private const int TokenTypes = 2;

    private readonly int positionLimit;
    private readonly Embedding words;
    private readonly Embedding positions;
    private readonly Embedding types;
    private readonly LayerNorm norm;
    private readonly Dropout dropout;
    private readonly List<BertLayer> stack = [];

    /// <param name="shape">Sizes.</param>
    /// <param name="dropout">Dropout of hidden states and attention.</param>
    /// <param name="pooler">Keeps the pooler, which nothing here uses.</param>
    public BertModel(BertShape shape, double dropout, bool pooler)
    {
        positionLimit = shape.Positions;
        words = torch.nn.Embedding(shape.Vocabulary, shape.Width);
        positions = torch.nn.Embedding(shape.Positions, shape.Width);
        types = torch.nn.Embedding(TokenTypes, shape.Width);
        norm = torch.nn.LayerNorm(shape.Width, BertLayer.Epsilon);
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
            var head = new Group();
            head.register_module("dense", torch.nn.Linear(shape.Width, shape.Width));
            register_module("pooler", head);
        }

        Draw();
    }

    /// <param name="ids">[b, T] word piece ids.</param>
    /// <param name="mask">Padding among the T positions.</param>
    /// <returns>[T, b, width].</returns>
    /// <exception cref="ArgumentException">A caption is longer than the positions.</exception>
    public Tensor forward(Tensor ids, PaddingMask mask)
    {
        using var scope = torch.NewDisposeScope();
        var length = ids.shape[1];
        if (length > positionLimit)
        {
            throw new ArgumentException(
                $"A caption has {length} word pieces and the BERT {positionLimit} positions.", nameof(ids));
        }

        var places = positions.weight.narrow(0, 0, length).unsqueeze(1) + types.weight.select(0, 0);
        var x = dropout.forward(norm.forward(words.forward(ids.transpose(0, 1).contiguous()) + places));
        foreach (var layer in stack)
        {
            x = layer.forward(x, mask);
        }

        return scope.MoveToOuter(x);
    }

    /// <summary>BERT's initial values: normal with deviation 0.02, biases 0, norms 1 and 0, the padding word
    /// 0.</summary>
    private void Draw()
    {
        using var unrecorded = torch.no_grad();
        foreach (var (name, parameter) in named_parameters())
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

        words.weight.select(0, 0).zero_();
    }
}

using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>Learned word embeddings plus learned absolute positions, so that the order of words matters.</summary>
internal sealed class WordEmbeddings : torch.nn.Module
{
    private readonly int maximum;
    private readonly Embedding words;
    private readonly Embedding positions;
    private readonly Dropout dropout;

    public WordEmbeddings(int vocabulary, int maximum, long width, double dropout)
    {
        this.maximum = maximum;
        words = torch.nn.Embedding(vocabulary, width);
        positions = torch.nn.Embedding(maximum, width);
        this.dropout = register_module("dropout", torch.nn.Dropout(dropout));
        register_module("word_embeddings", words);
        register_module("position_embeddings", positions);
    }

    /// <param name="ids">[b, T].</param>
    /// <returns>[T, b, width].</returns>
    /// <exception cref="ArgumentException">A caption has more words than there are positions.</exception>
    public Tensor forward(Tensor ids)
    {
        using var scope = torch.NewDisposeScope();
        var length = ids.shape[1];
        if (length > maximum)
        {
            throw new ArgumentException(
                $"A caption has {length} words and max_words is {maximum}: raise max_words.", nameof(ids));
        }

        var places = positions.weight.narrow(0, 0, length).unsqueeze(1);
        return scope.MoveToOuter(dropout.forward(words.forward(ids.transpose(0, 1).contiguous()) + places));
    }
}

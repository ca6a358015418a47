using Colony.Torch;
using Colony.Torch.Modules;

namespace Colony.Model;

/// <summary>Learned word vectors and a GRU over them that stops at each caption's end, as the VSE family has it: named
/// <c>embed</c> and <c>rnn</c>.</summary>
internal sealed class WordGru : torch.nn.Module
{
    private const double Spread = 0.1;

    private readonly Embedding words;
    private readonly GRU recurrence;

    /// <param name="inputs">Has the vocabulary.</param>
    /// <param name="wordDim">Width of a word.</param>
    /// <param name="width">Width of the state.</param>
    /// <param name="layers">Layers of the GRU.</param>
    public WordGru(ModelInputs inputs, long wordDim, long width, int layers)
    {
        words = Words(inputs, wordDim);
        recurrence = torch.nn.GRU(wordDim, width, layers);
        register_module("embed", words);
        register_module("rnn", recurrence);
    }

    /// <summary>Word vectors as the VSE family starts them, evenly within 0.1.</summary>
    /// <exception cref="ArgumentException">The data has no vocabulary.</exception>
    public static Embedding Words(ModelInputs inputs, long width)
    {
        var words = torch.nn.Embedding(Batch.Words(inputs), width);
        torch.nn.init.uniform_(words.weight, -Spread, Spread);
        return words;
    }

    /// <param name="ids">[b, T].</param>
    /// <param name="lengths">[b] int64, in any order.</param>
    /// <returns>The state of the top layer at each caption's last word, [b, width].</returns>
    public Tensor forward(Tensor ids, Tensor lengths)
    {
        using var scope = torch.NewDisposeScope();
        var (_, hidden) = recurrence.forward(words.forward(ids), lengths.cpu());
        return scope.MoveToOuter(hidden.select(0, hidden.shape[0] - 1));
    }
}
